"""One writer per folder, on any file system that creates a file for one of several processes alone.

filelock keeps the lease: whoever finds one waits until it is given back, or until it has lapsed:
the holder is a dead process of this host, or has given no sign of life for `LAPSE_SECONDS` of the
waiter's own clock (clocks of two hosts are never compared). `flock` alone would not do, as many
network file systems do not pass it on.
"""

import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import LeaseSettingsMismatch, OwnerRecord, SoftFileLease, Timeout

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import printable
from mpn_rl.interruption import Stopped, asked

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5.0
LAPSE_SECONDS = 60.0
POLL_SECONDS = 0.5
EMPTY_SECONDS = 0.2
TELL_SECONDS = 60.0
LOOKS = 4
# As the first version called it, whose lease was JSON: each notices what the other does to it.
NAME = "lease.json"


@dataclass(frozen=True)
class Lease:
    """A lease that this process holds, or the one for which it works."""

    path: Path
    token: str | None

    def check(self) -> None:
        """Raise ArtifactError if another process has taken the lease over."""
        owner = _file(self.path).owner
        looks = 0
        # what cannot be read once, or is moved aside by a waiter that looks at it, comes back
        while (owner is None or owner.token != self.token) and looks < LOOKS:
            time.sleep(POLL_SECONDS)
            owner, looks = _file(self.path).owner, looks + 1
        if owner is None or owner.token != self.token:
            by = "nobody" if owner is None else _in_words(owner)
            raise ArtifactError(
                f"{self.path.parent}: this process was silent for so long that its lease lapsed; "
                f"it is now held by {by}, so nothing more is written"
            )


def _file(path: Path) -> SoftFileLease:
    return SoftFileLease(
        path, lease_duration=LAPSE_SECONDS, heartbeat_interval=HEARTBEAT_SECONDS, thread_local=False
    )


@contextmanager
def lease(folder: Path, stop: Callable[[], bool] = asked) -> Iterator[Lease]:
    """Hold the lease of `folder` inside the block, after waiting for another holder to end.

    `stop` is asked while waiting; Stopped if it says yes. Raises ArtifactError where the
    system refuses.
    """
    path = folder / NAME
    held = _file(path)
    waiting = _Waiting(path)

    def told_to_stop() -> bool:
        _drop_empty(path)
        waiting.tell(held.owner)
        return stop()

    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise ArtifactError(f"{path}: is no lease of a process; delete it")
        if (owner := held.owner) is not None:
            waiting.tell(owner)
        held.acquire(poll_interval=POLL_SECONDS, cancel_check=told_to_stop)
    except Timeout:
        raise Stopped("while waiting for another process") from None
    except LeaseSettingsMismatch:
        raise ArtifactError(
            f"{path}: a process of another version of mpn-rl works here, or did when it died; wait "
            "for its end, or delete the file"
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise ArtifactError(f"{path}: cannot be written: {reason}") from error
    try:
        yield Lease(path, held.token)
    finally:
        with suppress(OSError):  # a lease that stays lapses
            held.release()


@dataclass(frozen=True)
class Holder:
    """The process that holds a lease, and whether it seems to be at work still."""

    pid: int
    host: str
    alive: bool


def holder(folder: Path) -> Holder | None:
    """Who holds the lease of a folder, for a look from outside; None where nobody does.

    A process of this host is alive if it is there; another if it gave a sign of life lately, by
    the clock of this machine.
    """
    owner = _file(folder / NAME).owner
    if owner is None:
        return None
    try:
        silent = time.time() - (folder / NAME).stat().st_mtime
        alive = silent < LAPSE_SECONDS
        if alive and owner.hostname == socket.gethostname():
            os.kill(owner.pid, 0)
    except (OSError, OverflowError) as error:
        alive = isinstance(error, PermissionError)  # a process of another user
    return Holder(owner.pid, _host_of(owner), alive)


class _Waiting:
    """Says for whom a process waits: at once, then every minute with what can be done."""

    def __init__(self, path: Path) -> None:
        self._path, self._began = path, time.monotonic()
        self._told: float | None = None

    def tell(self, owner: OwnerRecord | None) -> None:
        """Say it, if it is time; `owner` is None where the lease names nobody."""
        now = time.monotonic()
        if self._told is None and (owner is not None or now - self._began > LAPSE_SECONDS):
            log.info("waiting for %s, in %s", _in_words(owner), self._path.parent)
            self._told = now
        elif self._told is not None and now - self._told > TELL_SECONDS:
            whom = _in_words(owner)
            log.info("still waiting for %s; if it is dead, delete %s", whom, self._path)
            self._told = now


def _host_of(owner: OwnerRecord) -> str:
    """Its host's name, without what filelock adds to it in a container."""
    return printable(owner.hostname.partition("?pidns-")[0])


def _in_words(owner: OwnerRecord | None) -> str:
    if owner is None:
        return "a process whose name cannot be read"
    return f"process {owner.pid} on {_host_of(owner)}"


def _drop_empty(path: Path) -> None:
    """Remove a lease that stays without its holder's name.

    Its maker was killed, or is this process itself, which made it and was told that it was there: a
    network file system repeats a request whose answer was lost.
    """
    with suppress(OSError):  # gone, or not ours to remove
        before = path.stat()
        if before.st_size == 0:
            time.sleep(EMPTY_SECONDS)
            after = path.stat()
            if after.st_size == 0 and os.path.samestat(before, after):
                path.unlink()
