"""Check every file against its record, and list mismatches.

Exit code 0 if there are none, or if --fix has moved all of them away; else 1.
"""

import argparse
from pathlib import Path

from mpn_rl.errors import UserError
from mpn_rl.sweep.cli.flags import Parser, add_results


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl audit`."""
    add_results(parser, "results folder, experiment, or folder of experiments")
    parser.add_argument(
        "--fix",
        action="store_true",
        help="move mismatches to FOLDER/.set_aside, so that the next run regenerates them",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print a line per finding and the counts."""
    from mpn_rl.sweep.ledger.audit import audit, set_aside

    result = audit(arguments.folder)
    if not result.checked and not result.findings:
        raise UserError(f"{arguments.folder}: holds no results: its folders of records are empty")
    for line in (*result.findings, *result.notes):
        print(line)
    moved = set_aside(arguments.folder, result.false) if arguments.fix else {}
    for old, new in moved.items():
        print(f"{old}: set aside as {new}")
    false = len(result.false)
    if (whole := _whole(arguments.folder)) is not None:
        print(f"note: looked at {arguments.folder} alone, a part of {whole}")
    print(
        f"{result.checked} artifacts, {false} false" + (f", {len(moved)} set aside" * bool(moved))
    )
    return int(false > len(moved))


def _whole(folder: Path) -> Path | None:
    """The results folder that a run's or a block's folder is a part of."""
    folder = folder.absolute()
    above = [folder, *folder.parents][:3]  # a block's, its run's, that of all runs
    return next((path.parent for path in above if path.name == "runs"), None)
