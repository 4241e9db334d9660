"""Who goes on in a tuning, from the scores of its trainings. All is pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

# What is tuned; whatever else differs between runs, the task aside, makes them another arm.
TUNED = (
    *("learning_rate", "eta", "activation", "gate_spread"),
    *("rollout_length", "return_lambda"),
)


@dataclass(frozen=True)
class Trial:
    """A training of one arm in one configuration, by a seed on a task.

    area and final are of validations, 0 as the random agent and 1 as the best there is.
    """

    arm: str
    configuration: str
    problem: str
    seed: int
    area: float
    final: float
    seconds: float
    run: str


COLUMNS = tuple(field.name for field in fields(Trial))


def named(point: Mapping[str, Any], names: Iterable[str]) -> str:
    """The values of these parameters that the point has: `eta 0.1, learning_rate 0.01`."""
    given = ((name, point[name]) for name in names if name in point)
    return ", ".join(f"{name} {'null' if value is None else value}" for name, value in given)


def ranking(trials: Iterable[Trial], pooled: bool = False) -> dict[str, list[tuple[str, float]]]:
    """Each arm's configurations, the best first, with their scores; `pooled`: those of all arms.

    The score is the mean over problems of the mean over seeds of the area.
    """
    found: dict[tuple[str, str], dict[tuple[str, str], list[float]]] = {}
    for one in trials:
        arm = "all" if pooled else one.arm
        cells = found.setdefault((arm, one.configuration), defaultdict(list))
        cells[one.arm, one.problem].append(one.area)
    scores: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (arm, configuration), cells in found.items():
        scores[arm].append((configuration, float(np.mean([np.mean(v) for v in cells.values()]))))
    return {arm: sorted(each, key=lambda pair: -pair[1]) for arm, each in scores.items()}


def survivors(
    trials: Sequence[Trial], seeds: Iterable[int], keep: int, pooled: bool = False
) -> set[tuple[str, str]]:
    """The `keep` best (arm, configuration) of each arm by these seeds alone."""
    counted = set(seeds)
    ranked = ranking((one for one in trials if one.seed in counted), pooled)
    best = {arm: {name for name, _ in each[:keep]} for arm, each in ranked.items()}
    return {
        (one.arm, one.configuration)
        for one in trials
        if one.configuration in best.get("all" if pooled else one.arm, ())
    }


def row_of(trial: Trial) -> list[str]:
    """A line of the table."""
    return [f"{v:.5g}" if isinstance(v, float) else str(v) for v in asdict(trial).values()]


def trial_of(row: Mapping[str, str]) -> Trial:
    """The trial of a line."""
    numbers = {name: float(row[name]) for name in ("area", "final", "seconds")}
    texts = {name: row[name] for name in ("arm", "configuration", "problem", "run")}
    return Trial(seed=int(row["seed"]), **texts, **numbers)  # type: ignore[arg-type]
