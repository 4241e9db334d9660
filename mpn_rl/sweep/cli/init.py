"""Lay out a new project: configs, profiles and a Snakefile, which runs the installed workflow.

`make run` in it trains the sweep of config/config.yaml and ends with results/summary.pdf. No file
that is there is overwritten.
"""

import argparse
from pathlib import Path

from mpn_rl.errors import UserError, printable
from mpn_rl.sweep.cli.flags import Parser, named_path

TEMPLATES = Path(__file__).with_name("new_project")


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl init`."""
    parser.add_argument(
        "folder", type=named_path, metavar="DIR", help="made where it does not exist"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the files and say how to go on."""
    lay_out(arguments.folder)
    print(f"{printable(arguments.folder)} is laid out; in it:")
    print("    make run          train the sweep of config/config.yaml -> results/summary.pdf")
    print("    mpn-rl check      what it takes; config/README.md explains every key")
    return 0


def lay_out(folder: Path) -> None:
    """Copy the project's files to a folder; UserError where one is there, or cannot be written."""
    sources = _sources()
    for target in (folder / name for name in sources):
        if target.exists():
            raise UserError(f"{target} is there already, and nothing is overwritten")
    try:
        for name, content in sources.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError as error:
        raise UserError(f"{folder}: cannot be laid out: {error.strerror}") from None


def _sources() -> dict[str, bytes]:
    """Relative path -> content of each file of a new project."""
    from mpn_rl.tree import PROJECT, source_files

    found = {path.relative_to(TEMPLATES): path for path in source_files(TEMPLATES, ["."])}
    shared = source_files(PROJECT, ["config", "profiles"])
    found |= {path.relative_to(PROJECT): path for path in shared}
    return {name.as_posix(): path.read_bytes() for name, path in found.items()}
