"""One writer per folder, on any file system that creates a file for one of several processes alone.

filelock keeps the lease: whoever finds one waits until it is given back, or until it has lapsed:
the holder is a dead process of this host, or has given no sign of life for `LAPSE_SECONDS` of the
waiter's own clock (clocks of two hosts are never compared). `flock` alone would not do, as many
network file systems do not pass it on.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import SoftFileLease, Timeout

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.interruption import Stopped, asked

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5.0
LAPSE_SECONDS = 60.0
POLL_SECONDS = 0.5
EMPTY_SECONDS = 0.2
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
        if owner is None or owner.token != self.token:
            by = "nobody" if owner is None else f"process {owner.pid} on {owner.hostname}"
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

    def told_to_stop() -> bool:
        _drop_empty(path)
        return stop()

    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (owner := held.owner) is not None:
            log.info("waiting for process %d on %s, in %s", owner.pid, owner.hostname, folder)
        held.acquire(poll_interval=POLL_SECONDS, cancel_check=told_to_stop)
    except Timeout:
        raise Stopped("while waiting for another process") from None
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        yield Lease(path, held.token)
    finally:
        with suppress(OSError):  # a lease that stays lapses
            held.release()


def _drop_empty(path: Path) -> None:
    """Remove a lease that stays without its holder's name.

    Its maker was killed, or is this process itself, which made it and was told that it was there: a
    network file system repeats a request whose answer was lost.
    """
    with suppress(FileNotFoundError):
        before = path.stat()
        if before.st_size == 0:
            time.sleep(EMPTY_SECONDS)
            after = path.stat()
            if after.st_size == 0 and os.path.samestat(before, after):
                path.unlink()
