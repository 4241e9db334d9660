"""Say why an output is stale or why it is not: which param, function or input has changed."""

import argparse
from pathlib import Path

from mpn_rl.sweep.cli.flags import Parser


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl explain`."""
    parser.add_argument(
        "output", type=Path, nargs="+", metavar="OUTPUT", help="results/…/pca_variance.png, say"
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("config/config.yaml"),
        metavar="FILE",
        help="config of the sweep (default config/config.yaml); experiments have their own",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print an explanation per output."""
    from mpn_rl.sweep.config.sweep import load_sweep
    from mpn_rl.sweep.ledger.explanation import explain

    sweep = load_sweep(arguments.config) if arguments.config.exists() else None
    for output in arguments.output:
        print(explain(output, sweep))
    return 0
