"""Keep results that older code made, where the present code is found to make the same bytes.

A tiny run by both codes refutes this in seconds; a real sample, computed again and compared with
what is stored byte for byte, proves it: one seed for each task, core, learner and choice of
options. What differs is named, and stays stale. `mpn-rl accept results --undo` takes it back.
"""

import argparse
import signal
from pathlib import Path
from types import FrameType

from mpn_rl.sweep.cli.flags import Parser, add_results


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl accept`."""
    add_results(parser)
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("config/config.yaml"),
        metavar="FILE",
        help="config of the sweep (default config/config.yaml)",
    )
    parser.add_argument(
        "--all", action="store_true", help="compute everything again, not only a sample"
    )
    parser.add_argument("--undo", action="store_true", help="take every acceptance back")


def run(arguments: argparse.Namespace) -> int:
    """Accept or take back; print what is done on the way."""
    from mpn_rl.sweep.accept.acceptance import accept, take_back
    from mpn_rl.sweep.config.sweep import load_sweep

    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        if arguments.undo:
            take_back(arguments.folder)
            return 0
        sweep = load_sweep(arguments.config) if arguments.config.exists() else None
        accept(arguments.folder, sweep, arguments.all)
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that temporary folders are removed."""
    del number, frame
    raise KeyboardInterrupt
