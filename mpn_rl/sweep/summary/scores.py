"""Scores of seeds, runs and cores: interquartile means, intervals, paired gaps, sensitivities."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.statistics.intervals import trimmed_interval
from mpn_rl.statistics.learning_measures import area_under_curve
from mpn_rl.statistics.statistics import interquartile_mean, paired_differences
from mpn_rl.sweep.summary.data import PROBLEM, BlockData, of_chosen
from mpn_rl.sweep.summary.facts import swept_axes
from mpn_rl.sweep.summary.histories import curve_of

PLASTIC = "mpn"  # whose gap to every other core is reported
METRICS = ("correct", "return")
ANYTHING = (-np.inf, np.inf)
BOUNDS: Mapping[Any, tuple[float, float]] = {"correct": (0.0, 1.0)}  # of the scores that have some


def grouped(
    table: pd.DataFrame, keys: Sequence[str], found: Callable[[pd.DataFrame], dict[str, Any]]
) -> pd.DataFrame:
    """Return a row for each combination of the keys: these, and what is found of its rows."""
    groups = table.groupby(list(keys), sort=False, dropna=False)
    rows = [{**dict(zip(keys, key, strict=True)), **found(own)} for key, own in groups]
    return pd.DataFrame(rows or [{**dict.fromkeys(keys), **found(table)}]).head(len(rows))


def pooled(
    table: pd.DataFrame, by: Sequence[str] = ("run",), bounded: bool = True
) -> dict[str, Any]:
    """Return value (IQM), low, high, n, failed, unanswered of rows with value, status and metric.

    Each combination of `by` is a stratum; missing values are left out, and counted by their status.
    A fraction's interval is `bounded`.
    """
    known = table.dropna(subset="value")
    strata = [own["value"].to_numpy(float) for _, own in known.groupby(list(by), sort=False)]
    metric = table["metric"].iloc[0] if len(table) else ""
    bounds = BOUNDS.get(metric, ANYTHING) if bounded else ANYTHING
    low, high = trimmed_interval(strata, bounds=bounds)
    value = float(interquartile_mean(known["value"].to_numpy(float)))
    found = {"value": value, "low": low, "high": high, "n": len(known)}
    return found | {name: int((table["status"] == name).sum()) for name in ("failed", "unanswered")}


def seed_scores(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over episodes of each seed and metric; nan where there is none.

    status says why: `failed`, or `unanswered` for a seed that completed but, in none of its
    evaluated episodes, gave the answer that the task judges.
    """
    task = runs.set_index("run")["task"]
    judged = {task[b.run] for b in blocks if b.evaluation["correct"].notna().any()}
    rows = []
    for block in blocks:
        means = block.evaluation.groupby("seed")[["return", "correct"]].mean()
        for seed in block.seeds:
            failed = block.history.get(seed, {}).get("status") == "failed"
            for metric in METRICS if task[block.run] in judged else ("return",):
                value = np.nan if failed else means[metric].get(seed, np.nan)
                status = "failed" if failed else "unanswered" if np.isnan(value) else "completed"
                rows.append((block.run, seed, metric, float(value), status))
    found = pd.DataFrame(rows, columns=["run", "seed", "metric", "value", "status"])
    return runs[[*PROBLEM, "run", "core"]].merge(found, on="run", how="left")


def choose_runs(
    runs: pd.DataFrame, blocks: Sequence[BlockData], by_run: pd.DataFrame
) -> pd.DataFrame:
    """Return runs with the column `chosen`: the best validated run of each problem and core.

    The last validation of each seed counts, their IQM per run: fraction correct before return,
    and of equal ones the larger area under the validated returns, which is the faster learner.
    Without any validation, the evaluation decides.
    """
    seeds: dict[str, list[list[float]]] = {}
    for block in blocks:
        completed = (e for e in block.history.values() if e.get("status") != "failed")
        seeds.setdefault(block.run, []).extend(map(_validated, completed))
    evaluated = by_run[by_run["metric"] == "return"].set_index("run")["value"]

    def rank(run: str) -> list[float]:
        means = interquartile_mean(np.array(seeds[run]).reshape(-1, 3), axis=0)
        return np.nan_to_num([*means, evaluated.get(run, np.nan)], nan=-np.inf).tolist()

    groups = runs.groupby([*PROBLEM, "core"], sort=False)["run"]
    return runs.assign(chosen=runs["run"].isin({max(names, key=rank) for _, names in groups}))


def _validated(entry: Mapping[str, Any]) -> list[float]:
    """Return the last validated fraction correct and return of a seed, and the returns' area."""
    last = [(entry.get(f"validation_{metric}") or [None])[-1] for metric in METRICS]
    known = [np.nan if value is None else float(value) for value in last]
    return [*known, area_under_curve(*curve_of(entry, "validation_return"))]


def core_scores(scores: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the IQM of each problem, core and metric: over all runs (strata), and the chosen."""

    def found(own: pd.DataFrame) -> dict[str, Any]:
        return {"runs": own["run"].nunique(), "run": next(iter(own["run"]), ""), **pooled(own)}

    return scoped(scores, runs, [*PROBLEM, "core", "metric"], found)


def scoped(
    table: pd.DataFrame,
    runs: pd.DataFrame,
    keys: Sequence[str],
    found: Callable[[pd.DataFrame], dict[str, Any]],
) -> pd.DataFrame:
    """Return `grouped` twice: with the scope `all`, and of chosen runs, with the scope `chosen`."""
    scopes = {"all": table, "chosen": of_chosen(table, runs)}
    parts = [grouped(own, keys, found).assign(scope=scope) for scope, own in scopes.items()]
    return pd.concat(parts, ignore_index=True)


def paired_gaps(scores: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return, per problem and metric, mpn − each other core on common seeds, of chosen runs."""
    rows = []
    groups = of_chosen(scores, runs).groupby([*PROBLEM, "metric"], sort=False)
    for (task, setting, metric), group in groups:
        by_core = {
            c: dict(own.set_index("seed")["value"]) for c, own in group.groupby("core", sort=False)
        }
        plastic = by_core.pop(PLASTIC, {})
        for core, others in by_core.items() if plastic else ():
            gaps = paired_differences(plastic, others)
            found = (float(interquartile_mean(gaps)), *trimmed_interval([gaps]), len(gaps))
            rows.append((task, setting, PLASTIC, core, metric, *found))
    columns = [*PROBLEM, "core", "against", "metric", "value", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns)


def sensitivity(
    scores: pd.DataFrame, blocks: Sequence[BlockData]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (points, lines) for each number that takes several values for a core in a task.

    points: a row per seed; lines: the IQM over all seeds with that value, whatever else differs.
    A core without the parameter is one line with x nan; runs where it is null are left out. What
    only tells cores apart, such as a learning rate of each one's own, says nothing of its effect.
    """
    settings = {block.run: block.hyperparameters for block in blocks}
    parts = []
    for _, group in scores.groupby("task", sort=False):
        for axis, values in swept_axes(settings[run] for run in group["run"].unique()).items():
            known = [value for value in values if value is not None]
            numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in known)
            if numbers and len(known) > 1:
                x = [settings[run].get(axis, np.nan) for run in group["run"]]
                on_axis = group.assign(axis=axis, x=x)[[value is not None for value in x]]
                if (on_axis.groupby("core")["x"].nunique() > 1).any():
                    parts.append(on_axis.astype({"x": float}))
    keys = ["task", "axis", "core", "metric", "x"]
    parts = parts or [scores.head(0).assign(axis="", x=np.nan)]
    points = pd.concat(parts, ignore_index=True)
    lines = grouped(points, keys, pooled)
    return points[[*keys, "run", "seed", "value"]], lines.drop(columns=["failed", "unanswered"])
