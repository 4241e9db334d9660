"""Write results, config, code and versions into one archive, to cite and to keep.

The results are audited first, and the archive is refused where one is false. Equal results give
equal bytes. Unpacked on another machine, the archive checks itself (ARCHIVE.md in it says how), and
the sweep goes on where the results end.
"""

import argparse
from pathlib import Path

from mpn_rl.errors import UserError, printable
from mpn_rl.sweep.cli.check import is_there
from mpn_rl.sweep.cli.flags import Parser, add_configs, named_path
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.plan import jobs

_SUFFIXES = (".tar.gz", ".tgz")


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl export`."""
    parser.add_argument("folder", type=named_path, metavar="FOLDER", help="results folder")
    parser.add_argument("file", type=named_path, metavar="FILE", help="the archive, NAME.tar.gz")
    add_configs(parser, "of these results")


def run(arguments: argparse.Namespace) -> int:
    """Write the archive; print what is not complete, then what is in it."""
    from mpn_rl.sweep.config.sweep import load_sweep
    from mpn_rl.sweep.ledger.archive import members, write
    from mpn_rl.sweep.ledger.audit import audit

    results, target = arguments.folder, arguments.file
    if not target.name.endswith(_SUFFIXES):
        raise UserError(f"{target}: an archive ends in {' or '.join(_SUFFIXES)}")
    if (results / "config.json").is_file():
        raise UserError(
            f"{results}: is a single experiment, not the results of a sweep; its folder holds all "
            "that there is, and `mpn-rl audit` checks a copy of it"
        )
    sweeps = {path: load_sweep(path) for path in arguments.config}
    for path, sweep in sweeps.items():
        print(f"{path}: {_complete(results, path, sweep)}")
    found = audit(results)
    if found.false:
        shown = "\n".join(map(str, found.false[:10]))
        more = f"\nand {len(found.false) - 10} more" if len(found.false) > 10 else ""
        raise UserError(
            f"{shown}{more}\n{results}: these are false and so nothing is exported; "
            f"`mpn-rl audit {results} --fix` moves them away"
        )
    for line in (*found.findings, *found.notes):
        print(line)
    files = members(results, sweeps)
    name = next(iter(sweeps.values())).name.replace(" ", "_")
    write(target, name, files)
    megabytes = target.stat().st_size / 1e6
    print(f"{printable(target)}: {len(files):,} files in {name}/, {megabytes:.1f} MB")
    return 0


def _complete(results: Path, config: Path, sweep: Sweep) -> str:
    wanted = [*jobs(sweep)]
    done = sum(is_there(results, job) for job in wanted)
    if not done:
        raise UserError(f"{config}: {results} holds nothing that this config asks for")
    return f"outputs of {done:,} of {len(wanted):,} jobs are there"
