"""What went wrong inside an environment, told by the line of its code where it happened."""

import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path

import gymnasium

from mpn_rl.errors import TaskError

_OURS = Path(__file__).parents[1]
_GYMNASIUM = Path(gymnasium.__file__).parent
_PYTHON = Path(sysconfig.get_path("stdlib"))
_INSTALLED = {"site-packages", "dist-packages"}
_LONGEST = 300


def is_ours(error: BaseException) -> bool:
    """Whether an exception was raised by this package itself, such as a request to stop."""
    file = innermost(error)
    return file.is_relative_to(_OURS) and file != Path(__file__).with_name("interface.py")


def broken(name: str, doing: str, error: BaseException, expected: str = "") -> TaskError:
    """One sentence for what was raised inside the environment of task `name`.

    `expected`: what the method `doing` should give, where its result may not have come apart.
    """
    if expected and "unpack" in str(error) and innermost(error).is_relative_to(_GYMNASIUM):
        return TaskError(
            f"task {name!r} gave a result of `{doing}` that is not {expected}: {error}"
        )
    return TaskError(f"task {name!r} failed in its {doing}: {told(error)}")


def told(error: BaseException) -> str:
    """Kind, message and place of an exception, in one line."""
    message = " ".join(str(error).split())
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]} …"
    kind = type(error).__name__
    if isinstance(error, SyntaxError) and error.filename:
        return f"{kind}: {error.msg}, in {error.filename}, line {error.lineno}"
    frame = _frame(error)
    place = f", in {frame.filename}, line {frame.lineno}" if frame else ""
    return f"{kind}: {message}{place}" if message else f"{kind}{place}"


def is_own(file: Path) -> bool:
    """Whether a file of code is the user's own: neither Python's nor of an installed package."""
    return not (file.is_relative_to(_PYTHON) or _INSTALLED & {*file.parts})


def innermost(error: BaseException) -> Path:
    """The file in which an exception was raised."""
    return Path(traceback.extract_tb(error.__traceback__)[-1].filename)


def _frame(error: BaseException) -> traceback.FrameSummary | None:
    """The innermost line of the user's own code, else of an installed package."""
    frames = [f for f in _frames(error) if not _is_below(f, _OURS, _GYMNASIUM)]
    own = [f for f in frames if is_own(Path(f.filename))]
    installed = [f for f in frames if _INSTALLED & {*Path(f.filename).parts}]
    return next(iter(own or installed), None)


def _frames(error: BaseException) -> Iterator[traceback.FrameSummary]:
    """The innermost first, then those of what caused the exception."""
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        yield from reversed(traceback.extract_tb(current.__traceback__))
        current = current.__cause__ or current.__context__


def _is_below(frame: traceback.FrameSummary, *folders: Path) -> bool:
    return any(Path(frame.filename).is_relative_to(folder) for folder in folders) or (
        frame.filename.startswith("<frozen")
    )
