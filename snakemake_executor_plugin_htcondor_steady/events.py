"""Events of jobs, read from the logs that HTCondor writes, whatever becomes of these files.

A log may be deleted, cut short, damaged, or have no room. The bindings' own reader ends at the
first line that is no event, and never looks whether its file is still there; here a bad line costs
what stands in it, and `trouble` says that events may be missing.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from htcondor2 import JobEventLog

from snakemake_executor_plugin_htcondor_steady.queue import QueuedJob

_END = b"...\n"
_HEAD = re.compile(rb"\d{3} \(\d+\.\d+\.\d+\) ")


class EventLog:
    """One log. `tell` is given a line when something is wrong with it."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self._path, self._tell = path, tell
        self._inode: int | None = None
        self._place, self._rest = 0, b""
        self.trouble = False
        """Whether events may be missing."""

    def news(self) -> list[Any]:
        """The events since the last call."""
        *whole, self._rest = (self._rest + self._new_bytes()).split(_END)
        events: list[Any] = []
        for block in self._with_heads(whole):
            events += self._parsed(block)
        return events

    def _new_bytes(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                self._look_at(*_stamp(file))
                file.seek(self._place)
                new = file.read()
                self._place += len(new)
                return new
        except OSError as error:
            if self._inode is not None:
                self._doubt(f"cannot be read ({error.strerror})")
                self._inode, self._place, self._rest = None, 0, b""
            return b""

    def _look_at(self, inode: int, size: int) -> None:
        if self._inode not in (None, inode):
            self._doubt("is another file")
            self._place, self._rest = 0, b""
        elif size < self._place:
            self._doubt("was cut short")
            self._place, self._rest = size, b""
        self._inode = inode

    def _with_heads(self, blocks: list[bytes]) -> Iterator[bytes]:
        """What of each block begins like an event."""
        for block in blocks:
            heads = [*_HEAD.finditer(block)]
            if not heads or heads[0].start() > 0:
                self._doubt("holds a line that is no event")
            if heads:
                yield block[heads[-1].start() :] + _END

    def _parsed(self, block: bytes) -> list[Any]:
        with tempfile.NamedTemporaryFile() as file:
            file.write(block)
            file.flush()
            events = []
            with suppress(Exception), closing(JobEventLog(file.name)) as log:
                events = list(log.events(stop_after=0))  # the bindings raise several kinds
        if not events:
            self._doubt("holds a line that is no event")
        return events

    def _doubt(self, what: str) -> None:
        self._tell(f"The event log {self._path} {what}; jobs are asked of the schedd now and then.")
        self.trouble = True


class EarlierLogs:
    """Logs of earlier invocations, of which the events of some jobs are read."""

    def __init__(self, own: Path, tell: Callable[[str], None]) -> None:
        self._clusters: set[int] = set()
        self._own, self._tell = own.absolute(), tell
        self._logs: dict[Path, EventLog] = {}

    @property
    def trouble(self) -> bool:
        """Whether events of one may be missing."""
        return any(log.trouble for log in self._logs.values())

    def listen(self, found: QueuedJob) -> None:
        """Read the events of this job too, if they are not in the own log."""
        self._clusters.add(found.cluster)
        if found.log != self._own and found.log not in self._logs and found.log.exists():
            self._logs[found.log] = EventLog(found.log, self._tell)

    def news(self) -> Iterator[Any]:
        """The events since the last call."""
        for log in self._logs.values():
            yield from (e for e in log.news() if e.cluster in self._clusters)


def _stamp(file: Any) -> tuple[int, int]:
    """Inode and size."""
    status = os.fstat(file.fileno())
    return status.st_ino, status.st_size
