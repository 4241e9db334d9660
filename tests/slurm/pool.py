"""A real Slurm of one node on this machine, for tests; namespaces as HTCondor's pool has them.

    python -m tests.slurm.pool up FOLDER             start one (ends by itself after an hour)
    python -m tests.slurm.pool run FOLDER -- squeue
    python -m tests.slurm.pool down FOLDER

Its daemons run as root in the namespaces, jobs and drivers as an ordinary user. Keys of its own
stand in for munge; there is no accounting database, as on many small clusters.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from mpn_rl.compiled.compiling import cache_folder
from tests.htcondor import layout
from tests.htcondor.image import COMMON, UID, PoolUnavailableError, ensure_image
from tests.htcondor.pool import LIFETIME_SECONDS, Pool, attach, launch

PACKAGES = ("slurmctld", "slurmd", "slurm-client", *COMMON)

# OverTimeLimit, KillWait: a job has this long between "stop" and the kill [s].
CONFIG = """\
ClusterName=test
SlurmctldHost=pool(10.0.0.1)
SlurmUser=root
AuthType=auth/slurm
CredType=cred/slurm
StateSaveLocation={folder}/slurm/state
SlurmdSpoolDir={folder}/slurm/spool
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile={folder}/slurm/slurmctld.log
SlurmdLogFile={folder}/slurm/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,batch_sched_delay=0
MinJobAge={min_job_age}
KillWait=15
ReturnToService=2
MpiDefault=none
NodeName=pool NodeAddr=10.0.0.1 CPUs={cpus} RealMemory=65536 State=UNKNOWN
PartitionName=main Nodes=pool Default=YES MaxTime=INFINITE State=UP
"""

# Slurm asks for addresses in a way that leaves 127.0.0.1 out: the loopback device gets another.
DAEMONS = """\
chroot "$IMAGE" ip address add 10.0.0.1/32 dev lo
mount -t tmpfs tmpfs "$IMAGE/run"
mount -t tmpfs tmpfs "$IMAGE/etc/slurm"
cp {folder}/slurm/*.conf {folder}/slurm/slurm.key "$IMAGE/etc/slurm"
chmod 600 "$IMAGE/etc/slurm/slurm.key"
chroot "$IMAGE" slurmctld -D &
chroot "$IMAGE" slurmd -D -N pool &
"""


class SlurmPool(Pool):
    """A Slurm that runs, or ran: its folder and the process that holds its namespaces."""

    def environment(self) -> dict[str, str]:
        """Return the variables of a command in the pool."""
        variables = layout.environment(self.folder)
        return {name: text for name, text in variables.items() if name != "CONDOR_CONFIG"}

    def is_up(self) -> bool:
        """Whether the controller answers and the node takes jobs."""
        with suppress(AssertionError, ProcessLookupError):
            said = self.run(["sinfo", "--noheader", "--format=%t"], seconds=15)
            return said.returncode == 0 and said.stdout.strip() == "idle"
        return False

    def queue(self) -> dict[str, str]:
        """Return comment -> id of the jobs that wait or run."""
        said = self.run(["squeue", "--noheader", "--format=%k|%i", "--states=PD,R,CG"])
        return dict(line.split("|") for line in said.stdout.splitlines())


def up(
    folder: Path,
    cpus: int = 8,
    min_job_age: int = 3600,
    install: bool = False,
    ends_with_me: bool = True,
) -> SlurmPool:
    """Start a Slurm in a new folder and return it when it takes jobs; as `htcondor.pool.up`."""
    image = ensure_image(install, "slurm", PACKAGES)
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    folder.chmod(0o755)
    own = folder / "slurm"
    for path in (own / "state", own / "spool", folder / "home", folder / "work"):
        path.mkdir(parents=True)
    if (compiled := cache_folder()) is not None:  # under load compiling takes minutes
        shutil.copytree(compiled, folder / "home" / ".cache" / "mpn_rl" / compiled.name)
    for path in (folder / "home", folder / "work", *(folder / "home").rglob("*")):
        os.chown(path, UID, UID)
    text = CONFIG.format(folder=folder, cpus=cpus, min_job_age=min_job_age)
    (own / "slurm.conf").write_text(text)
    (own / "cgroup.conf").write_text("CgroupPlugin=disabled\n")
    (own / "slurm.key").write_bytes(secrets.token_bytes(1024))
    layout.write_init(folder, DAEMONS.format(folder=folder))
    return launch(SlurmPool, folder, image, LIFETIME_SECONDS, ends_with_me)


def main() -> int:
    """Command line: prepare, up, run, down."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("action", choices=["prepare", "up", "run", "down"])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    try:
        if arguments.action == "prepare":
            print(ensure_image(True, "slurm", PACKAGES))
            return 0
        if arguments.action == "up":
            up(arguments.folder, install=True, ends_with_me=False)
            return 0
        found = attach(arguments.folder)
        pool = SlurmPool(found.folder, found.image, found.holder)
        if arguments.action == "down":
            pool.down()
            return 0
        words = arguments.command[arguments.command[:1] == ["--"] :]
        return subprocess.call(pool.command(words))
    except PoolUnavailableError as error:
        print(f"no pool: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
