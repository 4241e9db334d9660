"""What state each output is in: the one table that audit, explain, prune and accept read."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import printable
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.points import resolved, rewritten, run_id
from mpn_rl.parameters.values import show
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import job_of
from mpn_rl.sweep.ledger.aliases import evidence_of, read_aliases
from mpn_rl.sweep.ledger.belonging import LENGTHS, OtherRunError, check_belongs
from mpn_rl.sweep.ledger.code.digests import stage_digest
from mpn_rl.sweep.ledger.inventory import Inventory, Made
from mpn_rl.sweep.ledger.listing import analysis_of, code_stage, hyperparameters_in, listings_of
from mpn_rl.sweep.ledger.records import altered, home_of, relative
from mpn_rl.sweep.plan import asks_for, points, recorded_settings, rule_settings

DAMAGED, NO_RECORD, OUTDATED, MISPLACED = "damaged", "no record", "outdated", "misplaced"
MIXED, MISSING, UNFINISHED, UNASKED = "mixed settings", "missing", "unfinished", "unasked"
OTHER_PARAMS, OLD_CODE, ACCEPTED, FRESH = "other params", "old code", "accepted", "fresh"
FALSE = (DAMAGED, NO_RECORD, OUTDATED, MISPLACED, MIXED)
STALE = (*FALSE, MISSING, OTHER_PARAMS, OLD_CODE)
KINDS = (*FALSE, UNFINISHED, MISSING, UNASKED, OTHER_PARAMS, OLD_CODE, ACCEPTED, FRESH)
_ABSENT = object()


@dataclass(frozen=True)
class State:
    """One thing that is to be said of an output.

    kind: damaged, no record, outdated (made from an input that has changed since), misplaced (of
    another run than its folder's), mixed settings; or, as nothing false: missing, unfinished,
    unasked (by the sweep), other params, old code, accepted, fresh.
    """

    path: Path
    kind: str
    reason: str

    @property
    def is_false(self) -> bool:
        """Whether the output does not come from what it says."""
        return self.kind in FALSE

    def __str__(self) -> str:
        return printable(f"{self.path}: {self.kind}: {self.reason}")


class States:
    """The states of outputs below a folder; with `sweep`, that of a results folder, as it asks."""

    def __init__(self, inventory: Inventory, sweep: Sweep | None = None) -> None:
        self.inventory, self.sweep = inventory, sweep
        self._aliases = cache(read_aliases)
        self._points = points(sweep) if sweep is not None else {}

    def of(self, path: Path) -> list[State]:
        """All that is to be said of one output, the gravest first."""
        found = [State(path, kind, reason) for kind, reason in self._found(path)]
        if not found and (made := self.inventory.maker(path)) is not None:
            found = [State(path, FRESH, f"stage {made.rule} made it at {made.record['finished']}")]
        return sorted(found, key=lambda state: KINDS.index(state.kind))

    def code(self, made: Made) -> str | None:
        """The digest of the code in force for what a record is of; None if that is not known."""
        point = self.point(made)
        if point is None and made.rule != "summarise":
            return None
        try:
            if analysis := analysis_of(made.record.get("params")):
                return stage_digest(code_stage(made.rule), point, analysis)
            return stage_digest(code_stage(made.rule), point)
        except ValueError:
            return None

    def evidence(self, made: Made) -> dict[str, Any] | None:
        """Why older code may stand for that in force, or None if it may not."""
        aliases = self._aliases(listings_of(made.home))
        return evidence_of(aliases, made.code, self.code(made) or "", self.point(made))

    def point(self, made: Made) -> Hyperparameters | None:
        """The hyper-parameters of what a record is of: as the sweep asks, or as they lie there."""
        if self.sweep is None:
            return made.point
        job = job_of(relative(made.outputs[0], self.inventory.root)) if made.outputs else None
        return self._points.get(job.of) if job is not None else None

    def _found(self, path: Path) -> Iterator[tuple[str, str]]:
        name = relative(path, self.inventory.root)
        if self.sweep is not None and not asks_for(self.sweep, name):
            yield UNASKED, "this config does not ask for it"
            return
        made = self.inventory.maker(path)
        if self._awaits_training(path, made):
            yield UNFINISHED, "its training is unfinished; `mpn-rl resume` continues it"
            return
        if not path.exists():
            yield MISSING, "it does not exist"
            return
        if made is None:
            yield NO_RECORD, self._without_record(path)
            return
        try:
            if (digest := self.inventory.digest(path)) != self.inventory.recorded(path):
                yield DAMAGED, altered(made.record, relative(path, made.home), digest)
        except ArtifactError as error:
            yield DAMAGED, str(error).partition(": ")[2]
        yield from self._of_inputs(made)
        yield from self._of_run(made)
        yield from self._of_checkpoint(path, made)
        yield from self._of_params(made, name)
        yield from self._of_code(made)

    def _without_record(self, path: Path) -> str:
        job = job_of(relative(path, self.inventory.root))
        assert job is not None, path
        record = home_of(path) / "records" / (name := Path(job.record).name)
        why = self.inventory.damaged.get(record, "is not there or does not name it")
        return f"no record says how it was made: records/{name} {why}"

    def _awaits_training(self, path: Path, made: Made | None) -> bool:
        """Whether this is an experiment's config of the command line, written before training."""
        home = path.parent
        if path.name != "config.json" or listings_of(home) != home or not path.exists():
            return False
        if made is None:
            return not (home / "training_history.json").exists()
        point = hyperparameters_in(home)
        if point is None or self.inventory.digest(path) == self.inventory.recorded(path):
            return False
        had = made.record.get("params")
        return isinstance(had, dict) and {*_different(resolved(point), had)} <= LENGTHS

    def _of_inputs(self, made: Made) -> Iterator[tuple[str, str]]:
        """Inputs that have changed since; damaged ones are reported by themselves."""
        for path, used in made.inputs.items():
            now = self.inventory.recorded(path)
            if now not in (None, used):
                name = relative(path, made.home)
                yield OUTDATED, f"made from {name}, which was {used[:12]} and is {str(now)[:12]}"

    def _of_run(self, made: Made) -> Iterator[tuple[str, str]]:
        """Why a record does not belong to the config beside it."""
        point = hyperparameters_in(made.home)
        if point is None:
            return
        run, sweeps = made.home.parent.name, listings_of(made.home) != made.home
        if sweeps and run_id(point) != run:
            yield MISPLACED, f"its config is that of run {run_id(point)}"
        elif sweeps and made.record.get("run") != run:
            yield MISPLACED, f"its record is of run {made.record.get('run')}"
        elif made.rule == "train":
            given = made.record.get("params")
            if not isinstance(given, dict):
                yield MISPLACED, "the record of train has no params"
                return
            different = _different(resolved(point), given)
            if different and (sweeps or not {*different} <= LENGTHS):
                names = ", ".join(different)
                yield MISPLACED, f"config.json and the record of train differ in {names}"

    def _of_checkpoint(self, path: Path, made: Made) -> Iterator[tuple[str, str]]:
        """Why a checkpoint does not belong to its run, by its own hyper-parameters."""
        if made.rule != "train" or path.suffix != ".pt":
            return
        with suppress(ArtifactError):  # what cannot be read is told elsewhere
            try:
                check_belongs(path, made.home, made.home.parent.name)
            except OtherRunError as error:
                yield MISPLACED, str(error).partition(": ")[2]

    def _of_params(self, made: Made, name: str) -> Iterator[tuple[str, str]]:
        job = job_of(name)
        if self.sweep is None or job is None:
            return
        wanted = rule_settings(self.sweep, job.rule, job.settled_by)
        had = recorded_settings(made.record.get("params"))
        for key in sorted({*wanted, *had}):
            old, new = had.get(key, _ABSENT), wanted.get(key, _ABSENT)
            if old != new:
                yield OTHER_PARAMS, f"param {key}: {_shown(old)} -> {_shown(new)}"

    def _of_code(self, made: Made) -> Iterator[tuple[str, str]]:
        code = self.code(made)
        if code in (None, made.code):
            return
        evidence = self.evidence(made)
        if evidence is None:
            why = f"the code of {made.rule} has changed since; `mpn-rl explain` names where"
            yield OLD_CODE, why
            return
        sample = [*map(str, evidence.get("sample") or [])]
        yield (
            ACCEPTED,
            f"made by code {made.code}, found to give the same bytes as {code} at "
            f"{evidence.get('when')}; computed again and equal: {'; '.join(sample[:3])}"
            f"{f' and {len(sample) - 3} more' if len(sample) > 3 else ''}; "
            f"canary: {evidence.get('canary')}",
        )


def _different(asked: dict[str, Any], given: Mapping[str, Any]) -> list[str]:
    """Names of the hyper-parameters that differ, among those that `given` has and are known."""
    given = rewritten(given)
    return sorted(n for n in given if n in FIELDS and asked.get(n, _ABSENT) != given[n])


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "(absent)"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else show(value)
