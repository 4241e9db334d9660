"""Logging of a stage: to its log file, and progress to the terminal."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mpn_rl.errors import UserError
from mpn_rl.interruption import TERMINATED

FORMAT = "%(asctime)s %(levelname)s %(message)s"


@contextmanager
def stage_log(path: str | Path, label: str) -> Iterator[None]:
    """Write the log of what runs inside to `path`, and to standard error behind `label`.

    A UserError ends the process with exit code 1 and its message alone, an InterruptedError with
    that of a process that SIGTERM ended; any other exception is logged with its traceback and
    raised.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    file = logging.FileHandler(path, mode="w", encoding="utf-8")
    file.setFormatter(logging.Formatter(FORMAT))
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setFormatter(logging.Formatter(f"{label}: %(message)s"))
    handlers: list[logging.Handler] = [file, terminal]
    for handler in handlers:
        root.addHandler(handler)
    try:
        yield
    except UserError as error:
        logging.error("%s", error)
        raise SystemExit(1) from None
    except InterruptedError as error:
        logging.warning("stopped: %s", error)
        raise SystemExit(TERMINATED) from None
    except Exception:
        logging.exception("the stage failed")
        raise
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
