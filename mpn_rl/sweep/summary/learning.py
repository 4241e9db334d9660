"""How seeds learned, and how many solved the task: areas, steps, final windows, success rates."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.statistics.intervals import exact_interval
from mpn_rl.statistics.learning_measures import (
    area_under_curve,
    final_window,
    first_reaching,
    median_time,
)
from mpn_rl.sweep.summary.data import PROBLEM, BlockData, Problem, levels_of, primary_metric
from mpn_rl.sweep.summary.histories import curve_of
from mpn_rl.sweep.summary.scores import METRICS, grouped, pooled

# A seed has solved a task that reaches this share of what the oracle does.
SOLVED_SHARE = 0.95
_NAMES = [*PROBLEM, "run", "core"]
_NAMES_OF_X = {"solved": "threshold", "steps_to_solved": "tried_until_step"}


def thresholds(scores: pd.DataFrame, baselines: pd.DataFrame) -> dict[Problem, tuple[str, float]]:
    """Return problem → metric and value from which it counts as solved, where an oracle is known.

    0.95 of the oracle's fraction correct where the task judges answers, else of its return: 0.95
    correct, or 475 of CartPole's 500. None where that is no more than random actions reach.
    """
    found: dict[Any, tuple[str, float]] = {}
    for problem, own in scores.groupby(PROBLEM, sort=False):
        metric = primary_metric(own)
        levels = levels_of(baselines, problem, metric)
        value = SOLVED_SHARE * levels.get("oracle", 0.0)
        if value > max(levels.get("random", 0.0), 0.0):
            found[problem] = (metric, value)
    return found


def seed_learning(
    blocks: Sequence[BlockData],
    scores: pd.DataFrame,
    solved_from: Mapping[Problem, tuple[str, float]],
) -> pd.DataFrame:
    """Return statistic and value of each seed of every run.

    area_under_validation, final_window: of the validation's fraction correct and return, nan of a
    failed seed; solved: 1 if the evaluation reaches the threshold, else 0, failed seeds included;
    steps_to_solved: the first validation that reaches it; nan, with the text `never`, if none does,
    then `x` is the step up to which it was tried.
    """
    names = scores.drop_duplicates("run").set_index("run")
    value = scores.set_index(["run", "seed", "metric"])["value"]
    budget = {block.run: 0.0 for block in blocks}
    for block in blocks:
        for entry in block.history.values():
            steps = curve_of(entry, "validation_return")[0]
            budget[block.run] = max([budget[block.run], *steps])
    rows = []
    for block in blocks:
        task, setting, core = map(str, names.loc[block.run, ["task", "setting", "core"]])
        threshold = solved_from.get((task, setting))
        for seed in block.seeds:
            head = (task, setting, block.run, core, seed)
            entry = block.history.get(seed, {})
            rows += [(*head, *row) for row in _of_curve(entry, threshold, budget[block.run])]
            if threshold is not None:
                reached = float(value.get((block.run, seed, threshold[0]), np.nan)) >= threshold[1]
                rows.append((*head, threshold[0], "solved", float(reached), threshold[1], ""))
    columns = [*_NAMES, "seed", "metric", "statistic", "value", "x", "text"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(x_name=table["statistic"].map(_NAMES_OF_X))


def _of_curve(
    entry: Mapping[str, Any], threshold: tuple[str, float] | None, budget: float
) -> Iterator[tuple[Any, ...]]:
    failed = entry.get("status") == "failed"
    for metric in METRICS:
        steps, values = curve_of(entry, f"validation_{metric}")
        if len(steps):
            area, end = area_under_curve(steps, values), final_window(values)
            yield metric, "area_under_validation", np.nan if failed else area, np.nan, ""
            yield metric, "final_window", np.nan if failed else end, np.nan, ""
        if threshold is not None and metric == threshold[0] and budget:
            first = np.nan if failed else first_reaching(steps, values, threshold[1])
            said = "reached" if np.isfinite(first) else "never"
            yield metric, "steps_to_solved", first, budget, said


def run_learning(by_seed: pd.DataFrame) -> pd.DataFrame:
    """Return the same statistics per run.

    Of areas and final windows the IQM with its interval; of `solved` the share of all seeds with
    its exact interval; of steps the Kaplan-Meier median, n the seeds that reached the threshold.
    """
    return grouped(by_seed, [*_NAMES, "metric", "statistic"], _of_run)


def _of_run(group: pd.DataFrame) -> dict[str, Any]:
    statistic, values = next(iter(group["statistic"]), ""), group["value"]
    reached, number = values.notna(), len(group)
    found = {"x_name": _NAMES_OF_X.get(statistic, ""), "x": group["x"].max(), "text": ""}
    if statistic == "solved":
        count = int(values.sum())
        low, high = exact_interval(count, number)
        own = {"value": count / number, "low": low, "high": high, "n": number}
        return found | own | {"text": f"{count} of {number}"}
    if statistic == "steps_to_solved":
        median, count = (
            median_time(list(values.fillna(group["x"])), list(reached)),
            int(reached.sum()),
        )
        own = {"value": median, "low": np.nan, "high": np.nan, "n": count}
        return found | own | {"text": f"{count} of {number} reached it"}
    score = pooled(group.assign(status=""))
    return found | {name: score[name] for name in ("value", "low", "high", "n")}
