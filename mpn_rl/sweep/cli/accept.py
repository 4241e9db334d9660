"""Keep results of older code if the present code is verified to give the same bytes.

A tiny run by both codes refutes this in seconds; a real sample, computed again and compared with
what is stored byte for byte, proves it: one seed for each task, core, learner and choice of
options. What differs is named, and stays stale. `mpn-rl accept results --undo` takes it back.
"""

import argparse

from mpn_rl.sweep.cli.explain import add_config, sweep_of
from mpn_rl.sweep.cli.flags import Parser, add_results


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl accept`."""
    add_results(parser)
    add_config(parser)
    parser.add_argument(
        "--all", action="store_true", help="compute everything again, not only a sample"
    )
    parser.add_argument("--undo", action="store_true", help="take every acceptance back")


def run(arguments: argparse.Namespace) -> int:
    """Accept or take back; print what is done on the way."""
    from mpn_rl.sweep.accept.acceptance import accept, take_back

    if arguments.undo:
        take_back(arguments.folder)
    else:
        accept(arguments.folder, sweep_of(arguments), arguments.all)
    return 0
