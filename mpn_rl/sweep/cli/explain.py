"""Explain why an output is or is not up to date: which param, function or input changed."""

import argparse

from mpn_rl.sweep.cli.flags import Parser, named_path
from mpn_rl.sweep.config.sweep import Sweep, load_sweep


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl explain`."""
    parser.add_argument(
        "output",
        type=named_path,
        nargs="+",
        metavar="OUTPUT",
        help="results/…/pca_variance.png, say",
    )
    add_config(parser, "; experiments have their own")


def add_config(parser: Parser, more: str = "") -> None:
    """The flag that says which sweep is meant."""
    text, default = f"config of the sweep (default config/config.yaml){more}", "config/config.yaml"
    parser.add_argument("--config", type=named_path, default=default, metavar="FILE", help=text)


def sweep_of(arguments: argparse.Namespace) -> Sweep | None:
    """The sweep whose config the flag names; None if there is no such file."""
    return load_sweep(arguments.config) if arguments.config.exists() else None


def run(arguments: argparse.Namespace) -> int:
    """Print an explanation per output."""
    from mpn_rl.sweep.ledger.explanation import explain

    sweep = sweep_of(arguments)
    for output in arguments.output:
        print(explain(output, sweep))
    return 0
