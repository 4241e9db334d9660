"""The guard: what the default flags reach, core by core and task by task.

    python -m benchmarks.guard [--task NAME …] [--core NAME …] [--processes N]

Cells that docs/results/defaults.csv has from the same code are left as they are; then
docs/defaults.md is written from it. Tasks of packages that are not installed are left out.
"""

import argparse
import logging
import os
import sys
from functools import partial

from benchmarks.guard_cells import all_cells
from benchmarks.guard_table import MADE, gather, make, stale
from mpn_rl.interruption import obeyed
from mpn_rl.sweep.stages.at_once import train_at_once

log = logging.getLogger("benchmarks.guard")  # not __main__

ADVICE = "cells that are done are kept: the same command goes on"


class _Progress(logging.Filter):
    """Lines of the guard, and warnings of all."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name.startswith("benchmarks") or record.levelno >= logging.WARNING


def main() -> None:
    """Make the cells that are missing or of other code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guard", description=__doc__)
    parser.add_argument("--task", nargs="+", help="only tasks whose names contain one of these")
    parser.add_argument("--core", nargs="+", help="only these cores")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N")
    given = parser.parse_args()
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Progress())
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler])
    MADE.mkdir(parents=True, exist_ok=True)
    gather()
    wanted = [
        cell
        for cell in all_cells()
        if (given.task is None or any(part in cell.problem.task for part in given.task))
        and (given.core is None or cell.core in given.core)
    ]
    cells = stale(wanted)
    log.info("%d of %d cells are to be made", len(cells), len(wanted))
    with obeyed(ADVICE):
        try:
            train_at_once(partial(make, cells), range(len(cells)), given.processes)
        finally:
            gather()


if __name__ == "__main__":
    main()
