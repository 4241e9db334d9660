"""How long finished jobs took, from their records, for a guess at those still to come."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import read_config
from mpn_rl.sweep.layout import file_in
from mpn_rl.sweep.ledger.records import records_of

# What a processor core does on the project's own tasks with networks of 64 units
# (docs/results.md), and what any other job takes.
THUMB_STEPS_PER_SECOND = 7_500.0
THUMB_SECONDS = 2.0


@dataclass(frozen=True)
class Durations:
    """Seconds of a training step by (task, core, learner) and of other jobs by rule, in blocks."""

    step_seconds: Mapping[tuple[str, str, str], float]
    job_seconds: Mapping[str, float]
    blocks: int = 0

    def training(self, task: str, core: str, learner: str, steps: int) -> float:
        """Seconds of `steps` steps, as such runs took them, or others of their learner, or all."""
        known = self.step_seconds.items()
        same_task = [rate for (of, _, by), rate in known if (of, by) == (task, learner)]
        rates = same_task or list(self.step_seconds.values()) or [1 / THUMB_STEPS_PER_SECOND]
        return steps * self.step_seconds.get((task, core, learner), mean(rates))

    def other(self, rule: str) -> float:
        """Seconds of a job that does not train."""
        return self.job_seconds.get(rule, THUMB_SECONDS)


def measured(homes: Iterable[Path], most: int = 50) -> Durations:
    """What the records say in the first `most` of these experiment directories that are trained."""
    rates: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    trained: set[Path] = set()
    for home, record in _records(homes):
        if len(trained) == most and home not in trained:
            break
        params, wall = _params(home, record), record.get("wall_seconds")
        if not isinstance(wall, int | float):
            continue
        if record["stage"] != "train":
            seconds[record["stage"]].append(wall)
        elif isinstance(steps := params.get("num_steps"), int) and steps > 0 and record["seeds"]:
            task, core, learner = (str(params.get(key)) for key in ("task", "core", "learner"))
            rates[task, core, learner].append(wall / (steps * len(record["seeds"])))
            trained.add(home)
    return Durations(
        {key: mean(values) for key, values in rates.items()},
        {rule: mean(values) for rule, values in seconds.items()},
        len(trained),
    )


def _params(home: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """The params of a record, for a training with what was filled in."""
    params = dict(record.get("params") or {})
    if record["stage"] == "train" and None in (params.get("num_steps"), params.get("learner")):
        with suppress(ArtifactError):
            params |= read_config(file_in(home, "config")).get("recipe", {})
    return params


def _records(homes: Iterable[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    for home in homes:
        with suppress(ArtifactError):
            yield from ((home, record) for record in records_of(home))
