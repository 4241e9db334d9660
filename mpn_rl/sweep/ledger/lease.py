"""One writer per folder, on any file system that can link and rename atomically.

A lease is a file that names its holder and counts its heartbeats. Whoever finds one waits until it
is given back, or until it has lapsed: the holder is a dead process of this host, or the count has
stood still for `LAPSE_SECONDS` of the waiter's own clock (clocks of two hosts are never compared).
`flock` alone would not do, as many network file systems do not pass it on.
"""

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text, remove_drafts

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5.0
LAPSE_SECONDS = 60.0
POLL_SECONDS = 0.5
NAME = "lease.json"


@dataclass
class Lease:
    """A lease that this process holds."""

    path: Path
    holder: dict[str, Any]

    def check(self) -> None:
        """Raise ArtifactError if another process has taken the lease over."""
        found = _read(self.path)
        if found is None or found.get("token") != self.holder["token"]:
            by = "nobody" if found is None else _describe(found)
            raise ArtifactError(
                f"{self.path.parent}: this process was silent for so long that its lease lapsed; "
                f"it is now held by {by}, so nothing more is written"
            )

    def beat(self) -> None:
        """Count one heartbeat, unless the lease is lost."""
        with suppress(ArtifactError):
            self.check()
            self.holder["beats"] += 1
            atomic_write_text(self.path, json.dumps(self.holder))


@contextmanager
def lease(folder: Path, stop: Callable[[], bool] = lambda: False) -> Iterator[Lease]:
    """Hold the lease of `folder` inside the block, after waiting for another holder to end.

    `stop` is asked while waiting; InterruptedError if it says yes. Raises ArtifactError where the
    system refuses.
    """
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArtifactError(f"{folder}: cannot be made: {error.strerror}") from error
    held = Lease(path, _new_holder())
    _acquire(held, stop)
    remove_drafts(path)
    done = threading.Event()
    beating = threading.Thread(target=_keep_beating, args=(held, done), daemon=True)
    beating.start()
    try:
        yield held
    finally:
        done.set()
        beating.join()
        found = _read(path)
        if found is not None and found.get("token") == held.holder["token"]:
            with suppress(OSError):  # a lease that stays lapses
                path.unlink(missing_ok=True)


def _acquire(held: Lease, stop: Callable[[], bool]) -> None:
    watched: dict[str, Any] | None = None
    since = time.monotonic()
    while not _create(held):
        found = _read(held.path)
        if found != watched:
            if found is not None and (watched is None or found["token"] != watched["token"]):
                log.info("waiting for %s, which works in %s", _describe(found), held.path.parent)
            watched, since = found, time.monotonic()
        if found is not None and (_is_dead(found) or time.monotonic() - since > LAPSE_SECONDS):
            log.info("taking over from %s, whose lease has lapsed", _describe(found))
            _set_aside(held.path, found)
            continue
        if stop():
            raise InterruptedError("told to stop while waiting for another process")
        time.sleep(POLL_SECONDS)


def _create(held: Lease) -> bool:
    """Link a complete file to the lease's name; only one of several processes can."""
    draft = held.path.with_name(f".lease.{held.holder['token']}")
    try:
        draft.write_text(json.dumps(held.holder))
        held.path.hardlink_to(draft)
    except FileExistsError:
        return False
    except OSError as error:
        raise ArtifactError(f"{held.path}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return True


def _set_aside(path: Path, lapsed: dict[str, Any]) -> None:
    """Remove a lapsed lease, and put back what came in its place meanwhile."""
    aside = path.with_name(f".lapsed.{secrets.token_hex(6)}")
    with suppress(FileNotFoundError):
        path.rename(aside)
        found = _read(aside)
        if found is not None and found.get("token") != lapsed.get("token"):
            with suppress(FileExistsError):
                path.hardlink_to(aside)
        aside.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        holder = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        holder = None
    keys = {"token", "host", "pid", "since", "beats"}
    if isinstance(holder, dict) and keys <= set(holder):
        return holder
    return {"token": "", "host": "an unknown host", "pid": 0, "since": "unknown", "beats": 0}


def _new_holder() -> dict[str, Any]:
    return {
        "token": secrets.token_hex(8),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "namespace": _process_namespace(),
        "started": _process_start(os.getpid()),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "beats": 0,
    }


def _describe(holder: dict[str, Any]) -> str:
    return f"process {holder['pid']} on {holder['host']} (since {holder['since']})"


def _is_dead(holder: dict[str, Any]) -> bool:
    """Whether the holder was a process of this host that is no more; False where unsure."""
    here = _process_namespace()
    if here is None or holder.get("namespace") != here or not holder["pid"]:
        return False
    try:
        os.kill(holder["pid"], 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    started = _process_start(holder["pid"])
    return started is not None and started != holder.get("started")


def _process_namespace() -> str | None:
    """What makes a pid mean the same process: this boot of this host, and its pid namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return None


def _process_start(pid: int) -> str | None:
    """Start time of a process as Linux counts it, which tells a reused pid; None elsewhere."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[19] if fields[0] != "Z" else "zombie"


def _keep_beating(held: Lease, done: threading.Event) -> None:
    while not done.wait(HEARTBEAT_SECONDS):
        held.beat()
