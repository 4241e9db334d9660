"""Where `mpn-rl` begins: stop requests are obeyed before anything heavy is loaded."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mpn_rl.interruption import done, leave, obeyed


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0, 1 for what the user can mend, 2 for flags that are wrong.

    143 and 130 where SIGTERM or Ctrl-C ended it.
    """
    if argv is None:
        # a module of the user's is found here as by `python -m`, but stands for no other's
        with suppress(OSError):  # it may have been deleted
            sys.path.append(str(Path.cwd()))
    try:
        with obeyed():
            from mpn_rl.sweep.cli.commands import run

            run(argv)
        if argv is None:
            leave()
    finally:
        if argv is None:  # this process is about nothing else
            done()
