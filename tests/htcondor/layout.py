"""What a pool's folder holds: HTCondor's configuration, and the script that mounts and starts."""

import os
import shlex
import sys
import sysconfig
from pathlib import Path

from tests.htcondor.image import UID, USER

PROJECT = Path(__file__).resolve().parents[2]

# CLAIMTOBE and the open ALLOW lines are for a pool that only its own loopback device can reach
CONDOR_CONFIG = """\
RELEASE_DIR = /usr
BIN = /usr/bin
SBIN = /usr/sbin
LIB = /usr/lib/condor
LIBEXEC = /usr/libexec/condor
SHARE = /usr/share/condor
LOCAL_DIR = {local}
LOG = $(LOCAL_DIR)/log
SPOOL = $(LOCAL_DIR)/spool
EXECUTE = $(LOCAL_DIR)/execute
LOCK = $(LOCAL_DIR)/lock
RUN = $(LOCAL_DIR)/run
use ROLE: CentralManager
use ROLE: Submit
use ROLE: Execute
NETWORK_INTERFACE = 127.0.0.1
BIND_ALL_INTERFACES = False
CONDOR_HOST = 127.0.0.1
COLLECTOR_HOST = 127.0.0.1:9618
UID_DOMAIN = test.local
FILESYSTEM_DOMAIN = test.local
SEC_DEFAULT_AUTHENTICATION = OPTIONAL
SEC_DEFAULT_AUTHENTICATION_METHODS = CLAIMTOBE
ALLOW_ADMINISTRATOR = *
ALLOW_DAEMON = *
ALLOW_NEGOTIATOR = *
ALLOW_READ = *
ALLOW_WRITE = *
NUM_CPUS = {cpus}
MEMORY = 65536
START = TRUE
SUSPEND = FALSE
NEGOTIATOR_INTERVAL = 1
NEGOTIATOR_MIN_INTERVAL = 1
NEGOTIATOR_CYCLE_DELAY = 1
SCHEDD_INTERVAL = 1
SCHEDD_MIN_INTERVAL = 1
UPDATE_INTERVAL = 5
STARTER_UPDATE_INTERVAL = 2
STARTER_INITIAL_UPDATE_INTERVAL = 2
RUNBENCHMARKS = 0
DISCARD_SESSION_KEYRING_ON_STARTUP = False
CREATE_CGROUP_WITHOUT_ROOT = False
PERIODIC_EXPR_INTERVAL = 5
PID_SNAPSHOT_INTERVAL = 2
use POLICY: HOLD_IF_MEMORY_EXCEEDED
"""

# First process of the namespaces: mounts, starts the master, reaps what is left behind.
INIT = """\
set -e
mount --make-rprivate /
mount -t proc proc "$IMAGE/proc"
mount --rbind /dev "$IMAGE/dev"
mount -t tmpfs tmpfs "$IMAGE/dev/shm"
mount --rbind /sys "$IMAGE/sys"
mount -t tmpfs -o mode=1777 tmpfs "$IMAGE/tmp"
{binds}
hostname pool
# names come from this file alone: a resolver that no packet reaches would hold HTCondor up
touch "$IMAGE/etc/hosts" "$IMAGE/etc/resolv.conf"
mount --bind {folder}/hosts "$IMAGE/etc/hosts"
mount --bind /dev/null "$IMAGE/etc/resolv.conf"
chroot "$IMAGE" ip link set lo up
{daemons}
touch {folder}/initialised
set +e
while :; do wait; sleep 1; done
"""

MASTER_FUNCTION = """\
master() {{ exec chroot --userspec={user} "$IMAGE" env -i {environment} "$@" condor_master -f; }}
"""
# One machine that does all.
MASTER = "master &"
# A submit machine, and an execute machine with a home of its own that sees none of its folders.
MASTERS_APART = """\
master _CONDOR_DAEMON_LIST="MASTER COLLECTOR NEGOTIATOR SCHEDD" &
export -f master
unshare --mount bash -c '
    mount -t tmpfs -o ro tmpfs "$IMAGE"/{folder}/work
    mount -t tmpfs -o mode=1777 tmpfs "$IMAGE"/{folder}/home
    master _CONDOR_DAEMON_LIST="MASTER STARTD" _CONDOR_LOCAL_DIR={folder}/condor_execute \\
        _CONDOR_USE_SHARED_PORT=False _CONDOR_SEC_USE_FAMILY_SESSION=False
' &"""


def write_files(folder: Path, cpus: int, apart: bool) -> None:
    folder.chmod(0o755)
    local, execute = folder / "condor", folder / "condor_execute"
    for name in ("log", "spool", "execute", "lock", "run"):
        (local / name).mkdir(parents=True)
        (execute / name).mkdir(parents=True)
    for name in ("home", "work"):
        (folder / name).mkdir()
    own = [local, *local.iterdir(), execute, *execute.iterdir()]
    for path in [*own, folder / "home", folder / "work"]:
        os.chown(path, UID, UID)
    (folder / "condor_config").write_text(CONDOR_CONFIG.format(local=local, cpus=cpus))
    variables = " ".join(f"{k}={shlex.quote(v)}" for k, v in environment(folder).items())
    function = MASTER_FUNCTION.format(environment=variables, user=f"{UID}:{UID}")
    masters = MASTERS_APART.format(folder=shlex.quote(str(folder))) if apart else MASTER
    write_init(folder, function + masters)


def write_init(folder: Path, daemons: str) -> None:
    """Write the script that mounts, and starts `daemons`, lines of bash."""
    (folder / "hosts").write_text("127.0.0.1 localhost pool\n")
    binds = [_bind(path, writable=False) for path in _read_only_paths()]
    binds.append(_bind(folder, writable=True))
    text = INIT.format(binds="\n".join(binds), daemons=daemons, folder=shlex.quote(str(folder)))
    (folder / "init.sh").write_text(text)


def _read_only_paths() -> list[Path]:
    """The project and its Python, outermost first, none within another."""
    base = Path(sys.base_prefix)
    if base == Path("/usr"):
        # the whole of /usr would hide HTCondor's: only the interpreter and its library
        python = [Path(sys.executable).resolve(), Path(sysconfig.get_path("stdlib"))]
    else:
        python = [base]
    paths: list[Path] = []
    for path in sorted({PROJECT, Path(sys.prefix), *python}):
        if not any(path.is_relative_to(other) for other in paths):
            paths.append(path)
    return paths


def _bind(path: Path, writable: bool) -> str:
    """Return shell lines that show `path` at the same place in the image.

    Folders above it are made there with open permissions: the host may keep them closed.
    """
    target = f'"$IMAGE"{shlex.quote(str(path))}'
    parents = [parent for parent in reversed(path.parents) if parent != Path("/")]
    # pools that start together share the image: what the other has made by now is no error
    lines = [f'mkdir -p "$IMAGE"{shlex.quote(str(p))}' for p in parents]
    # folders that the image brings with it, such as /root, may be closed
    lines += [f'chmod go+x "$IMAGE"{shlex.quote(str(p))}' for p in parents if p != Path("/tmp")]
    lines.append(f"mkdir -p {target}" if path.is_dir() else f"touch {target}")
    lines.append(f"mount --bind {shlex.quote(str(path))} {target}")
    if not writable:
        lines.append(f"mount -o remount,bind,ro {target}")
    return "\n".join(lines)


def environment(folder: Path) -> dict[str, str]:
    return {
        "HOME": str(folder / "home"),
        "USER": USER,
        "LOGNAME": USER,
        "LANG": "C.UTF-8",
        "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin:/bin:/usr/sbin:/sbin",
        "CONDOR_CONFIG": str(folder / "condor_config"),
    }
