"""How kernels are compiled (numba), and where their machine code is kept."""

import hashlib
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba
from filelock import FileLock
from numba import njit, types
from numba.core.caching import UserProvidedCacheLocator
from numba.core.errors import NumbaExperimentalFeatureWarning

from mpn_rl import tree

log = logging.getLogger(__name__)

# A process that has waited so long for another's compiling does its own.
WAITING_SECONDS = 120.0
# NaN and infinity keep their meaning (a diverged run must be seen as one): no "nnan", no "ninf".
# Python's own error model asks at every division for a zero, which forbids vector code.
OPTIONS: dict[str, Any] = {
    "fastmath": {"reassoc", "contract", "arcp", "nsz"},
    "error_model": "numpy",
}
# Functions called inside a kernel become part of it: as functions of their own they would round
# otherwise in the process that compiles them than in those that load the kernel from the disk.
INSIDE: dict[str, Any] = {**OPTIONS, "forceinline": True}
# The same for what is called in one place: it is compiled with its caller alone, in less time.
ONCE: dict[str, Any] = {**OPTIONS, "inline": "always"}


def _folders() -> Iterator[Path]:
    """Yield where machine code may be kept: as told, in the user's folder, beside this module."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(os.environ["NUMBA_CACHE_DIR"])
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    yield Path(home) / "mpn_rl"
    yield Path(__file__).parent / "__pycache__"
    yield Path(tempfile.gettempdir()) / f"mpn_rl_{os.getuid() if hasattr(os, 'getuid') else ''}"


def cache_folder() -> Path | None:
    """Return a folder of this version of the kernels that can be written, or None.

    Its name holds a digest of the sources: numba by itself looks at one file's time and size, and
    would take old machine code for new where another file has changed.
    """
    here = Path(__file__).parent
    sources = [content for path, content in tree.CONTENTS.items() if path.parent == here]
    digest = hashlib.sha256(b"".join(sources)).hexdigest()
    for folder in _folders():
        try:
            mine = folder / f"kernels-{digest[:12]}"
            mine.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=mine):
                pass
        except (OSError, RuntimeError):
            continue
        # machine code is loaded without question: never another user's
        if not hasattr(os, "getuid") or mine.stat().st_uid == os.getuid():
            return mine
    return None


class ByContent(UserProvidedCacheLocator):
    """Where numba keeps machine code: the same place wherever a copy of the sources lies.

    numba by itself has a folder for each path of the sources, and looks whether they have changed.
    The folder of this one is named by their content, as the process began with it: they may be
    edited or gone by now.
    """

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> "ByContent | None":
        """The place of one function's machine code; None where it cannot be written."""
        made = cls(py_func, py_file)
        try:
            made.ensure_cache_path()
        except OSError:
            return None
        return made

    def get_source_stamp(self) -> str:
        """What tells versions of a source apart beside the folder's name: nothing."""
        return ""

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Return the name below the folder of this version of the kernels."""
        return Path(py_file).stem


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time compile in the block: the others find what it has kept.

    Where the system refuses a lock, all do it.
    """
    held = None if _CACHE is None else FileLock(_CACHE / "compiling.lock")
    try:
        if held is not None:
            try:
                held.acquire(blocking=False)
            except TimeoutError:
                log.info("waiting for another process, which compiles kernels")
                held.acquire(timeout=WAITING_SECONDS)
    except (OSError, NotImplementedError):
        held = None
    try:
        yield
    finally:
        if held is not None:
            held.release()


def is_kept(function: Any) -> bool:
    """Whether machine code of a compiled function is on disk, if only of another processor's."""
    if _CACHE is None:
        return False
    source = Path(function.py_func.__code__.co_filename).stem
    return any((_CACHE / source).glob(f"*{function.__name__}-*.nbi"))


def compiled(function: Callable[..., Any]) -> Any:
    """Compile `function` when it is first called with new types; keep the result on disk.

    It lets other threads run, of which one obeys requests to stop.
    """
    return _compiled(function, nogil=True, **OPTIONS)


def compiled_exactly(function: Callable[..., Any]) -> Any:
    """As `compiled`, without any leave to round otherwise than the operations say."""
    return _compiled(function, error_model="numpy")


def _compiled(function: Callable[..., Any], **options: Any) -> Any:
    if _CACHE is None:
        return njit(**options)(function)
    settings: Any = numba.config
    usual = settings.CACHE_DIR, settings.CACHE_LOCATOR_CLASSES
    settings.CACHE_DIR = str(_CACHE)
    settings.CACHE_LOCATOR_CLASSES = f"{__name__}.{ByContent.__name__}"
    try:
        return njit(cache=True, **options)(function)
    finally:
        settings.CACHE_DIR, settings.CACHE_LOCATOR_CLASSES = usual


class Address(types.WrapperAddressProtocol):
    """A compiled function as an argument of others, which are compiled once for all of its kind."""

    def __init__(self, address: int, signature: Any) -> None:
        self._address, self._signature = address, signature

    def __wrapper_address__(self) -> int:
        """Where its machine code lies in this process."""
        return self._address

    def signature(self) -> Any:
        """The types of its arguments and of what it returns."""
        return self._signature


def by_address(function: Any, *arguments: Any) -> Address:
    """`function`, compiled for arguments of these types, to be handed to compiled functions."""
    made = _made(function, arguments)
    name = made.fndesc.llvm_cfunc_wrapper_name
    return Address(made.library.get_pointer_to_function(name), made.signature)


def entry(function: Any, *arguments: Any) -> Callable[..., Any]:
    """`function`, compiled for arguments of these types: it takes no others, and does not look."""
    made: Callable[..., Any] = _made(function, arguments).entry_point
    return made


def _made(function: Any, arguments: tuple[Any, ...]) -> Any:
    signature = tuple(numba.typeof(argument) for argument in arguments)
    if signature not in function.overloads:
        with alone(), warnings.catch_warnings():
            warnings.simplefilter("ignore", NumbaExperimentalFeatureWarning)
            if not is_kept(function):
                log.info("compiling %s, once on a machine", function.__name__)
            function.compile(signature)
    return function.overloads[signature]


_CACHE = cache_folder()
