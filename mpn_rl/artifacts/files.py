"""The only way in which results are written: whole or not at all."""

import errno
import glob
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError

_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EBADF}


def atomic_write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` to `path`: afterwards the file is all new, or untouched if this fails.

    Raises ArtifactError, with the path and the reason, where the system refuses.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def atomic_write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, as `atomic_write_bytes` does."""
    atomic_write_bytes(path, text.encode("utf-8"))


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """For writers that want a file name: a temporary one, renamed to `path` if the block succeeds.

    The temporary file lies in the same folder, has the same suffix and exists already, empty,
    with the permissions that the umask asks for. Missing folders are made.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem[:80]}.{secrets.token_hex(6)}.tmp{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield temporary
        _sync(temporary)
        temporary.replace(path)
        _sync_folder(path.parent)
    except InterruptedError:  # a request to stop
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise ArtifactError(f"{path}: cannot be written: {reason}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def remove_drafts(path: str | Path) -> None:
    """Delete temporary files of `path` that a killed writer left; for its only writer to call."""
    path = Path(path)
    name = f".{glob.escape(path.stem[:80])}.{'[0-9a-f]' * 12}.tmp{glob.escape(path.suffix)}"
    for draft in path.parent.glob(name):
        with suppress(OSError):
            draft.unlink()


def sha256(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file's content; ArtifactError if it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}") from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable; some network file systems cannot, and need not fail."""
    try:
        _sync(folder)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
