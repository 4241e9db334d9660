"""Why what is done is stale, as far as records alone tell: no file is compared with its digest."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import Job
from mpn_rl.sweep.ledger.aliases import read_aliases
from mpn_rl.sweep.ledger.decisions import Decisions
from mpn_rl.sweep.ledger.engine import Metadata
from mpn_rl.sweep.ledger.records import read_record
from mpn_rl.sweep.plan import points, recorded_settings, rule_settings


class Staleness:
    """Looks at the records of jobs, as the sweep asks for them."""

    def __init__(self, results: Path, sweep: Sweep) -> None:
        metadata = Metadata(results.parent)
        self._decisions = Decisions(results, sweep, metadata, read_aliases(results))
        self._results, self._sweep, self._points = results, sweep, points(sweep)

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
            if record is not None:
                found += [f"{job.rule}: {why}" for why in self._reasons(job, record, made)]
                made |= record["outputs"]
        return found

    def _reasons(self, job: Job, record: dict[str, Any], made: dict[str, str]) -> Iterator[str]:
        had = recorded_settings(record.get("params"))
        wanted = rule_settings(self._sweep, job.rule, job.settled_by)
        names = sorted(n for n in {*had, *wanted} if had.get(n, had) != wanted.get(n, wanted))
        if names:
            yield f"other {', '.join(names)} than the config has"
        with suppress(UserError, ValueError):  # told by whoever runs it
            point = self._points.get(job.of)
            if not self._decisions.is_current(job.rule, record, point):
                yield "its code has changed since"
        if any(made.get(name, digest) != digest for name, digest in record["inputs"].items()):
            yield "an input has changed since"
