"""Make every output of a workflow as an empty file, with the engine's own metadata: no job runs.

    python finished.py [arguments of snakemake]

A dry run whose executor leaves behind what a finished job would, in the engine's order.
"""

import sys
from typing import Any

from snakemake.cli import main
from snakemake.executors import dryrun

_usual = dryrun.Executor.run_job


def run_job(self: Any, job: Any) -> None:
    """Create the outputs of `job` and record it as finished."""
    for file in job.output:
        file.touch_or_create()
    if job.output:
        self.workflow.async_run(self.workflow.persistence.finished(job))
    _usual(self, job)


if __name__ == "__main__":
    dryrun.Executor.run_job = run_job
    main(["--dry-run", *sys.argv[1:]])
