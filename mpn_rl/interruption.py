"""SIGTERM and Ctrl-C as requests to end, obeyed within seconds whatever a process is doing.

In the block of `obeyed` a request raises `Stopped` there and then, so that `with` blocks are left
as they should be: no file is half written, no lease is kept. In a block of `put_off` it is noted
only, and `check` raises it where the work is whole. Where `Stopped` comes through in neither way
(compiled code that does not return, a library that swallows it), a thread ends the process.
"""

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import NoReturn

GRACE_SECONDS = 3.0
_SIGNALS: dict[int, str] = {signal.SIGTERM: "SIGTERM", signal.SIGINT: "Ctrl-C"}
_NOTHING_LOST = "nothing is lost: the same command does it"


class Stopped(KeyboardInterrupt):
    """This process was asked to end; no error, so that no `except Exception` takes it for one."""


@dataclass
class _Request:
    """What this process was asked and when it may end; of the process, as signals are."""

    arrived: int | None = None
    advice: str = _NOTHING_LOST
    put_off: int = 0
    unhurried: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def last_line(self) -> str:
        """How it ended, and how to go on; nothing where no advice is to be given."""
        if not self.advice:
            return ""
        return f"mpn-rl: stopped by {_SIGNALS[self.arrived or signal.SIGINT]}; {self.advice}\n"


_request = _Request()


@contextmanager
def obeyed(advice: str = _NOTHING_LOST) -> Iterator[None]:
    """Obey SIGTERM and Ctrl-C in the block, which ends the process with 143 or 130.

    The last line on standard error is what has happened and the `advice` on how to go on. A second
    Ctrl-C ends at once. Without advice, as in a process whose parent tells of it, nothing is said.
    """
    global _request
    _request = request = _Request(advice=advice)
    before = {number: signal.signal(number, _note) for number in _SIGNALS}
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    told_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    hook_before = sys.unraisablehook
    sys.unraisablehook = partial(_tell_unless_stopped, hook_before)
    watcher = threading.Thread(target=_watch, args=(request, reading), daemon=True)
    watcher.start()
    try:
        yield
    except BaseException as error:
        # once asked, whatever ends the block is the end that was asked for
        if request.arrived is None and not isinstance(error, KeyboardInterrupt):
            raise
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        if request.arrived is not None:
            _end_at_once(request)  # the interpreter's own end can take seconds
        _say(request.last_line())
        raise SystemExit(128 + signal.SIGINT) from None
    finally:
        request.over.set()
        sys.unraisablehook = hook_before
        signal.set_wakeup_fd(told_before)
        os.close(writing)
        watcher.join()
        os.close(reading)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def put_off() -> Iterator[None]:
    """Only note a request in the block, and raise `Stopped` behind it."""
    _request.put_off += 1
    try:
        yield
    finally:
        _request.put_off -= 1
    check()  # not where an error, or a Stopped that says more, is on its way


@contextmanager
def unhurried() -> Iterator[None]:
    """Let the block (the saving of what would else be lost) come to its end after a request."""
    _request.unhurried += 1
    try:
        yield
    finally:
        _request.unhurried -= 1


@contextmanager
def failing_as_asked() -> Iterator[None]:
    """Raise Stopped for whatever goes wrong in the block after a request.

    A library that swallows it while it is imported fails later at what it has left undone.
    """
    try:
        yield
    except Exception:
        check()
        raise


def asked() -> bool:
    """Whether this process was asked to end."""
    return _request.arrived is not None


def check() -> None:
    """Raise `Stopped` if this process was asked to end."""
    if asked():
        raise Stopped


def done() -> None:
    """Ignore requests from here on: all is done but the interpreter's end, which takes seconds."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def leave() -> NoReturn:
    """End the process at once, with success, when all is done.

    The interpreter's own end frees what large libraries hold thing by thing: 0.2 s of processor
    time with matplotlib, 0.6 with torch. What waits to be written and what others have asked to be
    called at the end is seen to.
    """
    done()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def advise(advice: str) -> None:
    """Change what the last line says about how to go on."""
    _request.advice = advice


def _note(number: int, frame: FrameType | None) -> None:
    if _request.arrived is not None:
        if number == signal.SIGINT:
            _end_at_once(_request)
        return
    _request.arrived = number
    if _request.put_off:
        return
    if _imports_torch(frame):
        _end_at_once(_request)  # what is raised through its compiled code would abort the process
    raise Stopped


def _tell_unless_stopped(
    tell: Callable[["sys.UnraisableHookArgs"], object], unraisable: "sys.UnraisableHookArgs"
) -> None:
    """Say nothing of a `Stopped` that came up where nothing can be raised.

    A destructor or a callback from compiled code (numba's, as it loads a kernel) drops it. The
    request stands: the next `check` or the watcher's thread ends the process.
    """
    if not isinstance(unraisable.exc_value, Stopped):
        tell(unraisable)


def _imports_torch(frame: FrameType | None) -> bool:
    """Whether a module of torch is being imported, when no file of ours is open yet."""
    while frame is not None:
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        if package == "torch" and frame.f_code.co_name == "<module>":
            return True
        frame = frame.f_back
    return False


def _watch(request: _Request, reading: int) -> None:
    """Wait for a signal, then for the end of the block, and end the process if that is not soon."""
    number = 0
    while number not in _SIGNALS:
        data = os.read(reading, 1)
        if not data:
            return
        number = data[0]
    deadline = time.monotonic() + GRACE_SECONDS
    while not request.over.wait(0.05):
        if request.unhurried:
            deadline = time.monotonic() + GRACE_SECONDS
        if time.monotonic() > deadline:
            request.arrived = number
            _end_at_once(request)


def _end_at_once(request: _Request) -> NoReturn:
    if "multiprocessing" in sys.modules:
        for child in sys.modules["multiprocessing"].active_children():
            child.kill()
    _say(request.last_line())
    os._exit(128 + (request.arrived or signal.SIGTERM))


def _say(line: str) -> None:
    with suppress(OSError):  # past all buffers and their locks, which may be held for ever
        os.write(2, line.encode())


def _forget_in_child() -> None:
    """Leave requests to the parent in a process that was forked: it shares the watcher's pipe."""
    if signal.getsignal(signal.SIGTERM) is _note:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)


os.register_at_fork(after_in_child=_forget_in_child)
