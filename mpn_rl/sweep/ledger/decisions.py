"""What the driver decides by the project's own records, where the engine cannot.

The engine compares the `code` param with what it remembers of an output. Two cases are beyond it.
An output may have been accepted: made by other code that was found to give the same bytes. And the
engine may know nothing of an output: copied without `.snakemake`, or trained by `mpn-rl condor`.
Nothing is decided, and no record read, for the rest.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import RULES, Job
from mpn_rl.sweep.ledger.aliases import Aliases, evidence_of
from mpn_rl.sweep.ledger.code.digests import NOTHING, Named, named_by, named_digest, stage_digest
from mpn_rl.sweep.ledger.engine import Metadata
from mpn_rl.sweep.ledger.listing import analysis_of, code_stage
from mpn_rl.sweep.ledger.records import read_record
from mpn_rl.sweep.plan import jobs, points, recorded_settings, rule_settings, task_settings


@dataclass
class Decisions:
    """Decisions on the outputs of `sweep` in the results folder `results` (a relative path)."""

    results: Path
    sweep: Sweep
    metadata: Metadata
    aliases: Aliases

    def one_code(self, rule: str) -> str | None:
        """The digest of the code in force where all jobs of a rule have the same, else None."""
        if self.aliases:
            return None
        try:
            found = {
                named_digest(code_stage(rule), named) for named in self._named[RULES[rule].per]
            }
        except UserError:  # told where a job asks
            return None
        return found.pop() if len(found) == 1 else None

    def code(self, rule: str, of: str, record: Path, analysis: str = "") -> str:
        """The digest that the engine has to be told for an output, whose record lies there.

        `of` is the run or task setting that the rule works on, `analysis` the user's own that it
        runs; empty where there is none.
        The digest of the code in force; for an output that is accepted, or was regenerated since,
        the one that the engine remembers, which stands for the same bytes.
        """
        point = self._points.get(of)
        now = stage_digest(code_stage(rule), point, analysis)
        if not self.aliases:
            return now
        content, remembered = _read(record), self.metadata.digest(record.as_posix())
        if content is None or remembered is None or not self.is_current(rule, content, point):
            return now
        return remembered

    def is_current(self, rule: str, record: dict[str, Any], point: Hyperparameters | None) -> bool:
        """Whether the code of a record is that in force, or was found to give the same bytes."""
        analysis = analysis_of(record.get("params"))
        had, now = str(record.get("code_digest")), stage_digest(code_stage(rule), point, analysis)
        return had == now or evidence_of(self.aliases, had, now, point) is not None

    def stale_by_record(self) -> Iterator[str]:
        """Records, as the engine calls them, of stale outputs that it would take for fresh.

        Of outputs that it does not know, stale by params, by code, or by an input that is no
        longer what was used; and of those made by code that was accepted in place of older code,
        once the older code is in force again.
        """
        made: dict[Path, dict[str, str]] = {}  # of each home, what records read so far say
        for job in jobs(self.sweep):
            path = self.results / job.record
            if not self.aliases and self.metadata.knows(path.as_posix()):
                continue
            record = _read(path)
            if record is None:  # not made, or damaged: the engine makes it, or a stage refuses it
                continue
            outputs = made.setdefault(path.parents[1], {})
            if any(self.reasons(job, record, outputs)):
                yield path.as_posix()
            outputs |= record["outputs"]

    def reasons(self, job: Job, record: dict[str, Any], made: Mapping[str, str]) -> Iterator[str]:
        """Why a job's outputs are stale by their record; `made`: digests that others list."""
        had = recorded_settings(record.get("params"))
        wanted = rule_settings(self.sweep, job.rule, job.settled_by)
        if names := sorted(n for n in {*had, *wanted} if had.get(n, had) != wanted.get(n, wanted)):
            yield f"other {', '.join(names)} than the config has"
        if any(made.get(name, digest) != digest for name, digest in record["inputs"].items()):
            yield "an input has changed since"
        if not self.is_current(job.rule, record, self._points.get(job.of)):
            yield "its code has changed since"

    @cached_property
    def _named(self) -> dict[str, set[Named]]:
        """What the jobs of a rule name, by what it runs once for."""
        runs = {named_by(point) for point in self.sweep.runs.values()}
        played = {named_by(self._points[name]) for name in task_settings(self.sweep)}
        analyses = self.sweep.analyses.values()
        of_points = {named_by(p, text) for p in self.sweep.runs.values() for text in analyses}
        return {
            **{"block": runs, "animation": runs, "analysis": of_points},
            **{"task setting": played, "sweep": {NOTHING}},
        }

    @cached_property
    def _points(self) -> dict[str, Hyperparameters]:
        return points(self.sweep)


def _read(path: Path) -> dict[str, Any] | None:
    with suppress(ArtifactError):
        return read_record(path)
    return None
