"""List results that no config asks for, and delete them on request."""

import argparse

from mpn_rl.errors import printable
from mpn_rl.sweep.cli.flags import Parser, add_configs, add_results


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl prune`."""
    add_results(parser)
    add_configs(parser, "whose results stay")
    parser.add_argument("--delete", action="store_true", help="delete what is listed")


def run(arguments: argparse.Namespace) -> int:
    """Print a line per file or folder, and what they take."""
    from mpn_rl.sweep.config.sweep import load_sweep
    from mpn_rl.sweep.ledger.pruning import prunable, prune, size

    paths = prunable(arguments.folder, [load_sweep(path) for path in arguments.config])
    for path in paths:
        print(printable(path))
    megabytes = sum(map(size, paths)) / 1e6
    if arguments.delete:
        prune(arguments.folder, paths)
        print(f"{len(paths)} deleted, {megabytes:.1f} MB")
    else:
        print(f"{len(paths)} that no config asks for, {megabytes:.1f} MB; --delete deletes them")
    return 0
