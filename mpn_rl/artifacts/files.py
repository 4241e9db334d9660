"""The only way in which results are written, whole or not at all, and in which they are opened."""

import errno
import glob
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError

_MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
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
    if not path.name:  # "." and "/"
        raise ArtifactError(f"{path}: cannot be written: {os.strerror(errno.EISDIR)}")
    temporary = path.with_name(f".{path.stem[:80]}.{secrets.token_hex(6)}.tmp{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # a network file system that repeats a lost request
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield temporary
        _sync(temporary)
        move(temporary, path)
        _sync_folder(path.parent)
    except InterruptedError:  # a request to stop
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise ArtifactError(f"{path}: cannot be written: {reason}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def move(path: Path, target: Path) -> None:
    """Rename a file, over another if one is there; OSError where the system refuses.

    A network file system whose answer was lost asks again, and is told that there is no such file:
    then it is looked whether it lies at its new place.
    """
    before = path.stat()
    try:
        path.replace(target)
    except FileNotFoundError:
        if not target.exists() or not os.path.samestat(before, target.stat()):
            raise


def remove_drafts(path: str | Path) -> None:
    """Delete temporary files of `path` that a killed writer left; for its only writer to call."""
    path = Path(path)
    name = f".{glob.escape(path.stem[:80])}.{'[0-9a-f]' * 12}.tmp{glob.escape(path.suffix)}"
    for draft in path.parent.glob(name):
        with suppress(OSError):
            draft.unlink()


@contextmanager
def opened(path: str | Path) -> Iterator[BufferedReader]:
    """A file of results, to be read in the block.

    ArtifactError where it, or what the block reads of it, cannot be read. What is no regular file
    is refused: from a pipe or a device nothing may ever come.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat.S_ISREG(mode):
                raise ArtifactError(f"{path}: cannot be read: it is not a regular file")
            yield file
    except InterruptedError:  # a request to stop
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise ArtifactError(f"{path}: cannot be read: {reason}") from error
    except MemoryError:
        raise ArtifactError(f"{path}: cannot be read: there is not enough memory for it") from None


def read_whole(path: str | Path, most: int | None = None) -> bytes:
    """The content of a file, of no more than `most` bytes; ArtifactError as `opened`."""
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if most is not None and size > most:
            raise ArtifactError(f"{path}: is damaged: it has {size:,} bytes, allowed are {most:,}")
        if size > _MEMORY:
            raise MemoryError
        return file.read()


def user_cache() -> Path:
    """The user's cache folder, in which this project's is `mpn_rl`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()


def sha256(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file's content; ArtifactError if it cannot be read."""
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
