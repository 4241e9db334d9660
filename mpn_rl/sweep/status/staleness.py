"""Why what is done is stale, as far as records alone tell: no file is compared with its digest."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import Job
from mpn_rl.sweep.ledger.aliases import read_aliases
from mpn_rl.sweep.ledger.decisions import Decisions
from mpn_rl.sweep.ledger.engine import Metadata
from mpn_rl.sweep.ledger.records import read_record


class Staleness:
    """Looks at the records of jobs, as the sweep asks for them."""

    def __init__(self, results: Path, sweep: Sweep) -> None:
        metadata = Metadata(results.parent)
        self._decisions = Decisions(results, sweep, metadata, read_aliases(results))
        self._results = results

    def __call__(self, jobs: Sequence[Job]) -> list[str]:
        """A line for each job that would run again, in the order of the jobs."""
        made: dict[str, str] = {}
        found = []
        for job in jobs:
            try:
                record = read_record(self._results / job.record)
            except ArtifactError as error:
                found.append(f"{job.rule}: {error}")
                continue
            if record is None:
                continue
            with suppress(UserError, ValueError):  # of the code, told by whoever runs it
                for why in self._decisions.reasons(job, record, made):
                    found.append(f"{job.rule}: {why}")
            made |= record["outputs"]
        return found
