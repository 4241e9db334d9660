"""Live processes of a test's own folder: found, watched and killed one by one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.workflow import interpreter

Found = TypeVar("Found")
POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Process:
    """A process, told from a later one of the same number by its start time."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        """The live process of that number, if there is one."""
        fields = _status(pid)
        return None if fields is None or fields[0] == "Z" else cls(pid, fields[19])

    @property
    def alive(self) -> bool:
        """Whether it runs (a zombie does not)."""
        return Process.of(self.pid) == self

    def send(self, number: int) -> bool:
        """Send a signal; False if the process was no more."""
        if not self.alive:
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True


def find(*words: str) -> Process | None:
    """A live python process whose command line has all these words."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            is_python = "python" in Path(arguments[0]).name
            if is_python and all(any(w in a for a in arguments[1:]) for w in words):
                return Process.of(int(entry.name))
    return None


def wait_for(look: Callable[[], Found | None], seconds: float, what: str) -> Found:
    """What `look` finds at last; AssertionError when that takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(POLL_SECONDS)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


@contextmanager
def running(folder: Path, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A command of the environment, leader of a process group that is gone at the block's end."""
    executable = Path(sys.executable).with_name(command[0])
    environment = {**interpreter.environment(), "PYTHONPATH": str(folder)}
    with (folder / "said.txt").open("ab") as said:
        started = subprocess.Popen(
            [str(executable), *command[1:]],
            cwd=folder,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait(60)


def _status(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
