"""Scores of seeds, runs and cores: interquartile means, intervals, paired gaps, sensitivities."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.statistics.intervals import trimmed_interval
from mpn_rl.statistics.statistics import interquartile_mean, paired_differences
from mpn_rl.sweep.summary.data import BlockData
from mpn_rl.sweep.summary.facts import swept_axes

REFERENCE = "mpn"  # whose gap to every other core is reported
METRICS = ("correct", "return")
ANYTHING = (-np.inf, np.inf)
BOUNDS: Mapping[Any, tuple[float, float]] = {"correct": (0.0, 1.0)}  # of the scores that have some
_NAMES = ["task", "setting", "run", "core"]


def seed_scores(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over episodes of each seed and metric; nan where there is none.

    status says why: `failed`, or `unanswered` for a seed that completed but, in none of its
    evaluated episodes, gave the answer that the task judges.
    """
    rows: list[tuple[str, int, str, float, str]] = []
    for block in blocks:
        table = block.evaluation
        judged = bool(table["correct"].notna().any())
        means = table.groupby("seed")[["return", "correct"]].mean()
        for seed in block.seeds:
            failed = block.history.get(seed, {}).get("status") == "failed"
            for metric in METRICS if judged else ("return",):
                known = seed in means.index and not failed
                value = float(means.loc[seed, metric]) if known else np.nan  # type: ignore[arg-type]
                silent = known and np.isnan(value)
                status = "failed" if failed else "unanswered" if silent else "completed"
                rows.append((block.run, seed, metric, value, status))
    found = pd.DataFrame(rows, columns=["run", "seed", "metric", "value", "status"])
    table = runs[_NAMES].merge(found, on="run", how="left")
    return _judge_alike(table)


def _judge_alike(table: pd.DataFrame) -> pd.DataFrame:
    """Give blocks without one completed seed the rows of the metrics that their task has."""
    judged = set(table.loc[table["metric"] == "correct", "task"])
    has = set(table.loc[table["metric"] == "correct", "run"])
    lacking = table[table["task"].isin(judged) & ~table["run"].isin(has)]
    silent = lacking["status"].replace("completed", "unanswered")
    filled = lacking.assign(metric="correct", value=np.nan, status=silent)
    return pd.concat([table, filled], ignore_index=True) if len(filled) else table


def run_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the IQM over seeds of each run and metric, with its interval."""
    rows = []
    for key, group in scores.groupby([*_NAMES, "metric"], sort=False):
        names = dict(zip([*_NAMES, "metric"], key, strict=True))
        rows.append({**names, **pooled([group], BOUNDS.get(names["metric"], ANYTHING))})
    return pd.DataFrame(rows)


def choose_runs(
    runs: pd.DataFrame, blocks: Sequence[BlockData], by_run: pd.DataFrame
) -> pd.DataFrame:
    """Return runs with the column `chosen`: the best validated run of each problem and core.

    The last validation of each seed counts, their IQM per run; fraction correct before return.
    Without any validation, the evaluation decides.
    """
    validated = _validation(blocks)
    evaluated = by_run[by_run["metric"] == "return"].set_index("run")["value"]
    chosen = set()
    for _, group in runs.groupby(["task", "setting", "core"], sort=False):
        names = list(group["run"])
        keys = [
            (*validated.get(run, (np.nan, np.nan)), evaluated.get(run, np.nan)) for run in names
        ]
        ranks = [tuple(value if np.isfinite(value) else -np.inf for value in key) for key in keys]
        chosen.add(names[max(range(len(names)), key=lambda place: ranks[place])])
    return runs.assign(chosen=runs["run"].isin(chosen))


def _validation(blocks: Sequence[BlockData]) -> dict[str, tuple[float, float]]:
    """Return run → IQM over completed seeds of the last (fraction correct, return) validated."""
    found: dict[str, list[tuple[float, float]]] = {}
    for block in blocks:
        for entry in block.history.values():
            if entry.get("status") != "failed":
                last = [
                    (entry.get(key) or [None])[-1]
                    for key in ("validation_correct", "validation_return")
                ]
                pair = tuple(np.nan if value is None else float(value) for value in last)
                found.setdefault(block.run, []).append((pair[0], pair[1]))
    means = {run: interquartile_mean(np.array(pairs), axis=0) for run, pairs in found.items()}
    return {run: (float(mean[0]), float(mean[1])) for run, mean in means.items()}


def core_scores(scores: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the IQM of each problem, core and metric: over all runs (strata), and the chosen."""
    chosen = set(runs.loc[runs["chosen"], "run"])
    rows = []
    keys = ["task", "setting", "core", "metric"]
    for key, group in scores.groupby(keys, sort=False):
        names = dict(zip(keys, key, strict=True))
        scopes = {"all": group, "chosen": group[group["run"].isin(chosen)]}
        for scope, part in scopes.items():
            strata = [stratum for _, stratum in part.groupby("run", sort=False)]
            rows.append(
                {
                    **names,
                    "scope": scope,
                    "runs": len(strata),
                    "run": part["run"].iloc[0] if scope == "chosen" else "",
                    **pooled(strata, BOUNDS.get(names["metric"], ANYTHING)),
                }
            )
    return pd.DataFrame(rows)


def paired_gaps(scores: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return, per problem and metric, mpn − each other core on common seeds, of chosen runs."""
    columns = ["task", "setting", "core", "against", "metric", "value", "low", "high", "n"]
    chosen = scores[scores["run"].isin(set(runs.loc[runs["chosen"], "run"]))]
    rows = []
    for key, group in chosen.groupby(["task", "setting", "metric"], sort=False):
        task, setting, metric = key
        by_core = {
            core: dict(zip(part["seed"], part["value"], strict=True))
            for core, part in group.groupby("core", sort=False)
        }
        if REFERENCE not in by_core:
            continue
        for core in by_core:
            if core == REFERENCE:
                continue
            gaps = paired_differences(by_core[REFERENCE], by_core[core])
            value = float(interquartile_mean(gaps))
            found = (value, *trimmed_interval([gaps]), len(gaps))
            rows.append((task, setting, REFERENCE, core, metric, *found))
    return pd.DataFrame(rows, columns=columns)


def sensitivity(
    scores: pd.DataFrame, blocks: Sequence[BlockData]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (points, lines) for each numeric hyper-parameter that takes several values in a task.

    points: a row per seed; lines: the IQM over all seeds with that value, whatever else differs.
    A core that has not the parameter is one line with x nan.
    """
    settings = {block.run: block.hyperparameters for block in blocks}
    parts = []
    for _, group in scores.groupby("task", sort=False):
        axes = swept_axes(settings[run] for run in group["run"].unique())
        for axis, values in axes.items():
            if any(not _is_number(value) for value in values):
                continue
            x = group["run"].map(lambda run, axis=axis: settings[run].get(axis, np.nan))
            parts.append(group.assign(axis=axis, x=x.astype(float)))
    columns = ["task", "axis", "core", "metric", "x"]
    if not parts:
        empty = pd.DataFrame(columns=[*columns, "value", "low", "high", "n"])
        return pd.DataFrame(columns=[*columns, "run", "seed", "value"]), empty
    points = pd.concat(parts, ignore_index=True)
    rows = []
    for key, group in points.groupby(columns, sort=False, dropna=False):
        strata = [stratum for _, stratum in group.groupby("run", sort=False)]
        named = dict(zip(columns, key, strict=True))
        rows.append({**named, **pooled(strata, BOUNDS.get(named["metric"], ANYTHING))})
    lines = pd.DataFrame(rows).drop(columns=["failed", "unanswered"])
    return points[[*columns, "run", "seed", "value"]], lines


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def pooled(
    strata: Sequence[pd.DataFrame], bounds: tuple[float, float] = ANYTHING
) -> dict[str, Any]:
    """Return value (IQM), low, high, n, failed, unanswered of the strata's `value`.

    strata have the columns value and status; missing values are left out, and counted by their
    status. `bounds` are those of the values.
    """
    arrays = [stratum["value"].dropna().to_numpy(float) for stratum in strata]
    together = np.concatenate(arrays) if arrays else np.empty(0)
    low, high = trimmed_interval(arrays, bounds=bounds)
    value = float(interquartile_mean(together))
    counts = {
        status: sum(int((stratum["status"] == status).sum()) for stratum in strata)
        for status in ("failed", "unanswered")
    }
    return {"value": value, "low": low, "high": high, "n": len(together), **counts}
