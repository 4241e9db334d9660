"""Write a sweep's trainings for condor_submit.

For pools that let no workflow driver run; elsewhere `snakemake --profile profiles/htcondor` does
it all. A job per block of seeds, with results where the workflow looks for them.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from mpn_rl.sweep.cli.flags import Parser, add_directory, add_path, named_path, whole_number


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl condor`."""
    add_path(parser, "config", "config/config.yaml", "the sweep", "CONFIG")
    add_directory(parser)
    parser.add_argument(
        "--folder",
        type=named_path,
        metavar="FOLDER",
        help="where the files go (default .condor_logs/NAME of the sweep in the directory)",
    )
    parser.add_argument(
        "--gpu", action="store_true", help="ask for one GPU, 2 CPUs and 8 GB instead of 1 and 4 GB"
    )
    cpus = "CPUs, each of which trains a seed,"
    for name, unit in (("cpus", cpus), ("memory", "MB"), ("disk", "MB")):
        parser.add_argument(f"--{name}", type=whole_number(1), metavar="N", help=f"{unit} of a job")
    parser.add_argument(
        "--csci-desktop", action="store_true", help="jobs carry +CSCI_GrpDesktop = true"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the files and say how to submit them."""
    from mpn_rl.sweep.cluster.submit_files import GPU_SLOT, Slot, write_submit
    from mpn_rl.sweep.config.sweep import block_name, load_sweep
    from mpn_rl.sweep.results.beginning import is_finished

    sweep = load_sweep(arguments.config)
    sizes = {name: getattr(arguments, name) for name in ("cpus", "memory", "disk")}
    given = {name: value for name, value in sizes.items() if value is not None}
    slot = replace(
        GPU_SLOT if arguments.gpu else Slot(), csci_desktop=arguments.csci_desktop, **given
    )
    runs = arguments.directory / "results" / "runs"
    pairs = [(run, block_name(seeds)) for run in sweep.runs for seeds in sweep.blocks]
    finished = [pair for pair in pairs if is_finished(runs / pair[0] / f"seeds_{pair[1]}")]
    folder = arguments.folder or arguments.directory / ".condor_logs" / sweep.name
    python = Path(sys.executable)
    written = write_submit(sweep, folder, arguments.directory, slot, python, finished)
    done = f", {len(finished)} are trained already" if finished else ""
    for message in sweep.messages:
        print(message)
    print(f"{len(pairs) - len(finished)} blocks of seeds{done}\ncondor_submit {written}")
    return 0
