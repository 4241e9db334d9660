"""A real HTCondor pool on this machine, as an ordinary user, for tests.

    python -m tests.htcondor.pool up FOLDER          start one (ends by itself after an hour)
    python -m tests.htcondor.pool run FOLDER -- condor_q
    python -m tests.htcondor.pool down FOLDER

The pool lives in namespaces of its own (mounts, processes, network, host name): the host sees
none of its mounts and ports, two pools do not meet, and the end of the namespace's first
process is the end of all that runs in it. The project and its Python are mounted read-only at
their own paths; FOLDER is the one place that both sides write to.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.htcondor.image import UID, PoolUnavailableError, ensure_image
from tests.htcondor.layout import PROJECT, environment, write_files
from tests.htcondor.processes import descendants, only_child

__all__ = ["PROJECT", "Pool", "attach", "up"]

START_SECONDS = 90
LIFETIME_SECONDS = 3600


@dataclass
class Pool:
    """A pool that runs, or ran: its folder and the process that holds its namespaces."""

    folder: Path
    image: Path
    holder: int
    child: "subprocess.Popen[bytes] | None" = None

    @property
    def first_process(self) -> int:
        """Host's number of the first process in the namespaces."""
        unshare = only_child(self.holder)
        return only_child(unshare)

    def environment(self) -> dict[str, str]:
        """Return the variables of a command in the pool."""
        return environment(self.folder)

    def command(self, arguments: Sequence[str], cwd: Path | None = None, **env: str) -> list[str]:
        """Return the host's command line that runs `arguments` as the pool's user."""
        variables = self.environment() | env
        inner = ["chroot", f"--userspec={UID}:{UID}", str(self.image), "env", "-i"]
        inner += [f"{name}={value}" for name, value in variables.items()]
        inner += ["sh", "-c", 'cd "$0" && exec "$@"', str(cwd or self.folder)]
        return [*_nsenter(self.first_process), *inner, *arguments]

    def run(
        self, arguments: Sequence[str], cwd: Path | None = None, seconds: float = 240, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the pool to its end; at the time limit it and its children die."""
        with self.start(arguments, cwd, **env) as process:
            try:
                out, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                self.kill(process, signal.SIGKILL)
                out, _ = process.communicate(timeout=60)
                raise AssertionError(f"{arguments} took over {seconds} s:\n{out}") from None
        return subprocess.CompletedProcess(list(arguments), process.returncode, out, "")

    def start(
        self, arguments: Sequence[str], cwd: Path | None = None, **env: str
    ) -> "subprocess.Popen[str]":
        """Start a command in the pool and return at once; its two outputs come as one."""
        return subprocess.Popen(
            self.command(arguments, cwd, **env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def kill(self, process: "subprocess.Popen[str]", number: int) -> None:
        """Send a signal to the command itself, not to the nsenter that waits for it."""
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                # with its children: nothing may hold the pipe open
                group = only_child(process.pid)
                for pid in [*descendants(group), group]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, number)
            else:
                os.kill(only_child(process.pid), number)

    def as_root(self, script: str, seconds: float = 120) -> str:
        """Run a shell script as root in the pool's namespaces, paths as the host sees them."""
        command = [*_nsenter(self.first_process), "sh", "-ec", script]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, check=True
        ).stdout

    def workspace(self, name: str) -> Path:
        """Make a new empty folder that the pool's user may write to."""
        folder = self.folder / "work" / name
        folder.mkdir(parents=True)
        os.chown(folder, UID, UID)
        return folder

    def jobs(self, *constraint: str) -> list[dict[str, Any]]:
        """Return the ads of the jobs in the queue."""
        result = self.run(["condor_q", "-allusers", "-json", *_constraint(constraint)])
        return json.loads(result.stdout) if result.stdout.strip() else []

    def history(self, *constraint: str) -> list[dict[str, Any]]:
        """Return the ads of the jobs that left the queue, newest first."""
        result = self.run(["condor_history", "-json", *_constraint(constraint)])
        return json.loads(result.stdout) if result.stdout.strip() else []

    def all_processes(self, word: str) -> list[int]:
        """Host's numbers of the pool's processes that have `word` in their command line."""
        own = Path(f"/proc/{self.first_process}/ns/pid").readlink()
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and (entry / "ns" / "pid").readlink() == own:
                    line = (entry / "cmdline").read_bytes().decode(errors="replace")
                    found += [int(entry.name)] if word in line else []
        return found

    def processes(self, word: str, folder: Path) -> list[int]:
        """Host's numbers of the processes that work in `folder` and have `word` in their command
        line."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    where = str((entry / "cwd").readlink())
                except OSError:
                    continue
                if word in line and where.endswith(str(folder)) and "nsenter" not in line:
                    found.append(int(entry.name))
        return found

    def wait_until(self, ready: Any, what: str, seconds: float = 240) -> Any:
        """Call `ready` until it returns something true; fail after `seconds`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := ready():
                return value
            time.sleep(0.3)
        raise AssertionError(f"not within {seconds} s: {what}")

    def is_up(self) -> bool:
        """Whether the schedd answers and a machine has joined."""
        with contextlib.suppress(AssertionError, ProcessLookupError):
            queue = self.run(["condor_q"], seconds=60)
            slots = self.run(["condor_status", "-af", "Name"], seconds=60)
            return queue.returncode == 0 and bool(slots.stdout.strip())
        return False

    def down(self) -> None:
        """End every process of the pool; its mounts go with them."""
        for pid in [*descendants(self.holder), self.holder]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.child is not None:
            self.child.wait(timeout=30)
        (self.folder / "pool.json").unlink(missing_ok=True)


P = TypeVar("P", bound=Pool)


def up(
    folder: Path,
    cpus: int = 8,
    lifetime: int = LIFETIME_SECONDS,
    install: bool = False,
    ends_with_me: bool = True,
    apart: bool = False,
) -> Pool:
    """Start a pool in a new folder and return it when it takes jobs.

    It ends by itself after `lifetime` seconds, and with this process unless told otherwise.
    `apart`: its execute machine shares no user's files with the submit machine.
    Raises PoolUnavailableError, with nothing left running, when that cannot be.
    """
    image = ensure_image(install)
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    if (folder / "pool.json").exists():
        raise PoolUnavailableError(f"{folder} holds a pool already; end it with `down` first")
    write_files(folder, cpus, apart)
    return launch(Pool, folder, image, lifetime, ends_with_me)


def launch(kind: type[P], folder: Path, image: Path, lifetime: int, ends_with_me: bool) -> P:
    """Start the `init.sh` of a folder in namespaces of its own, and wait until the pool is up.

    Raises PoolUnavailableError, with nothing left running, when that cannot be.
    """
    with_parent = ["setpriv", "--pdeathsig", "KILL"]
    with (folder / "init.err").open("w") as errors:
        holder = subprocess.Popen(
            [
                *(with_parent if ends_with_me else []),
                *("timeout", "--signal=KILL", str(lifetime), *with_parent),
                *(
                    "unshare",
                    "--fork",
                    "--kill-child",
                    "--mount",
                    "--pid",
                    "--net",
                    "--uts",
                    "--ipc",
                ),
                *("bash", str(folder / "init.sh")),
            ],
            env={"IMAGE": str(image), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
    pool = kind(folder, image, holder.pid, holder)
    (folder / "pool.json").write_text(json.dumps({"image": str(image), "holder": holder.pid}))
    try:
        pool.wait_until((folder / "initialised").exists, "the pool's mounts", 120)
        pool.wait_until(pool.is_up, "a scheduler and a machine", START_SECONDS)
    except (AssertionError, ProcessLookupError) as error:
        pool.down()
        reason = (folder / "init.err").read_text()[-800:]
        raise PoolUnavailableError(f"the pool did not start: {error}\n{reason}") from error
    return pool


def attach(folder: Path) -> Pool:
    """Return the pool that `up` started in a folder earlier."""
    try:
        state = json.loads((folder / "pool.json").read_text())
    except FileNotFoundError:
        raise PoolUnavailableError(f"no pool in {folder}") from None
    return Pool(folder.resolve(), Path(state["image"]), state["holder"])


def _constraint(parts: tuple[str, ...]) -> list[str]:
    return ["-constraint", " && ".join(f"({part})" for part in parts)] if parts else []


def _nsenter(pid: int) -> list[str]:
    return ["nsenter", "-t", str(pid), "--mount", "--pid", "--net", "--uts", "--ipc", "--"]


def main() -> int:
    """Command line: prepare, up, run, down."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("action", choices=["prepare", "up", "run", "down"])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    parser.add_argument("--cpus", type=int, default=8)
    parser.add_argument("--apart", action="store_true", help="no shared file system")
    arguments = parser.parse_args()
    try:
        if arguments.action == "prepare":
            print(ensure_image(install=True))
            return 0
        if arguments.action == "up":
            own = {"cpus": arguments.cpus, "apart": arguments.apart}
            up(arguments.folder, install=True, ends_with_me=False, **own)
            return 0
        pool = attach(arguments.folder)
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
