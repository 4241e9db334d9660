"""Show what a cluster profile would submit, and what is wrong with it.

Renders the submit description of every rule, checks it, the folders, the schedd and the
machines of the pool. Nothing is submitted. Exit code 1 if jobs would fail or wait for ever.
"""

import argparse
from pathlib import Path

from mpn_rl.sweep.cli.flags import Parser, add_directory, add_path
from mpn_rl.tree import PROJECT


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl doctor`."""
    add_path(parser, "--profile", "profiles/htcondor", "the profile")
    workflow = "workflow" if Path("workflow").is_dir() else str(PROJECT / "workflow")
    add_path(parser, "--workflow", workflow, "folder of the rules")
    add_directory(parser)
    parser.add_argument("--quiet", action="store_true", help="only what is wrong")


def run(arguments: argparse.Namespace) -> int:
    """Print the descriptions and the findings."""
    from mpn_rl.sweep.cluster.doctor import doctor

    diagnosis = doctor(arguments.profile, arguments.workflow, arguments.directory)
    if not arguments.quiet:
        print(diagnosis.submit_files)
    print(diagnosis.summary)
    return 0 if diagnosis.healthy else 1
