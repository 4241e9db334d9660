"""Logging of a stage: to its log file, and progress to the terminal."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mpn_rl.errors import PluginError, TaskError, UserError
from mpn_rl.interruption import Stopped, failing_as_asked

# They tell of every table of a font that they put into a PDF.
_TALKATIVE = ("fontTools", "matplotlib")
FORMAT = "%(asctime)s %(levelname)s %(message)s"


@contextmanager
def stage_log(
    path: str | Path, label: str, terminal: logging.Handler | None = None
) -> Iterator[None]:
    """Write the log of what runs inside to `path`, and to standard error behind `label`.

    `terminal` shows it in place of the usual lines on standard error.

    A UserError, or an error of the operating system, ends the process with exit code 1 and its
    message alone, where the log also gets the traceback of what was raised inside a task or an
    analysis; Stopped is noted and raised, any other exception logged with its traceback and raised.
    A log that cannot be written is done without.
    """
    terminal = terminal or StandardError()
    terminal.setFormatter(logging.Formatter(f"{label}: %(message)s"))
    with _shown_by(terminal), _kept_in(path):
        try:
            with failing_as_asked():
                yield
        except UserError as error:
            logging.error("%s", error)
            if isinstance(error, TaskError | PluginError) and error.__cause__ is not None:
                logging.getLogger().removeHandler(terminal)  # for the file alone
                logging.error("what was raised inside it:", exc_info=error.__cause__)
            raise SystemExit(1) from None
        except Stopped as error:
            logging.warning("stopped%s", f": {error}" if error.args else "")
            raise
        except OSError as error:
            about = f"{error.filename}: " if error.filename else ""
            logging.error("%s%s", about, error.strerror or error)
            raise SystemExit(1) from None
        except Exception:
            logging.exception("the stage failed")
            raise


@contextmanager
def _shown_by(handler: logging.Handler) -> Iterator[None]:
    """Have a handler get what is logged in the block."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.WARNING)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        with suppress(OSError):  # what a full disk kept from being flushed
            handler.close()


@contextmanager
def _kept_in(path: str | Path) -> Iterator[None]:
    """Have a file get what is logged in the block; one that cannot be written is done without."""
    try:
        file = _FileHandler(path, mode="w", encoding="utf-8")
    except OSError as error:
        logging.warning("%s: cannot be written: %s", path, error.strerror)
        yield
        return
    file.setFormatter(logging.Formatter(FORMAT))
    with _shown_by(file):
        yield


class Unfailing(logging.Handler):
    """Says nothing of a log line that cannot be written (a full disk): the work goes on."""

    def handleError(self, record: logging.LogRecord) -> None:
        del record


class StandardError(Unfailing, logging.StreamHandler):
    """Lines on standard error."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)


class _FileHandler(Unfailing, logging.FileHandler):
    pass
