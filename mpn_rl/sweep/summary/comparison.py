"""Cores against each other beyond their means: who improves, how often, how far from the oracle.

The measures are those of Agarwal et al. (NeurIPS 2021), of chosen runs.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.statistics.intervals import (
    exact_interval,
    improvement,
    mean_of_intervals,
    trimmed_interval,
)
from mpn_rl.sweep.summary.data import ALL
from mpn_rl.sweep.summary.scores import REFERENCE

PROFILE = np.round(np.arange(0.0, 1.01, 0.1), 1)  # normalised scores at which profiles are taken
_PROBLEM = ["task", "setting"]


def improvements(scores: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the probability that a seed of mpn scores above one of each other core.

    Per problem, by its primary metric, and over ALL problems as the mean of theirs. Seeds without
    a score are left out; n counts those of both cores.
    """
    chosen = scores[scores["run"].isin(set(runs.loc[runs["chosen"], "run"]))]
    rows: list[dict[str, Any]] = []
    found: dict[str, list[tuple[float, float, float]]] = {}
    for problem, group in chosen.groupby(_PROBLEM, sort=False):
        metric = "correct" if (group["metric"] == "correct").any() else "return"
        own = group[group["metric"] == metric].dropna(subset="value")
        by_core = {core: part["value"].to_numpy(float) for core, part in own.groupby("core")}
        first = by_core.pop(REFERENCE, np.empty(0))
        for core, second in by_core.items():
            estimate = improvement(first, second)
            if np.isfinite(estimate[0]):
                found.setdefault(str(core), []).append(estimate)
                number = len(first) + len(second)
                rows.append(_improved(problem, core, metric, estimate, number))
    several = runs.groupby(_PROBLEM).ngroups > 1
    for core, parts in found.items() if several else ():
        overall = mean_of_intervals(parts)
        rows.append(_improved((ALL, ALL), core, "primary", overall, len(parts)))
    columns = [*_PROBLEM, "core", "metric", "statistic", "value", "low", "high", "n", "text"]
    return pd.DataFrame(rows, columns=columns)


def _improved(
    problem: Any, core: Any, metric: str, estimate: tuple[float, float, float], number: int
) -> dict[str, Any]:
    value, low, high = estimate
    head = {"task": problem[0], "setting": problem[1], "core": REFERENCE, "metric": metric}
    named = {"statistic": "probability_of_improvement", "text": str(core)}
    return {**head, **named, "value": value, "low": low, "high": high, "n": number}


def performance_profiles(seeds: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return, per core and problem and over ALL, the share of seeds at or above normalised scores.

    seeds: `normalised_seeds`. A failed seed is above none; intervals are exact (over several
    problems they are then, if anything, too wide: Hoeffding 1956).
    """
    rows = []
    for problem, core, strata in _by_core(seeds, runs):
        values = np.concatenate(strata)
        for level in PROFILE:
            count = int((values >= level - 1e-12).sum())
            low, high = exact_interval(count, len(values))
            share = count / len(values)
            rows.append((*problem, core, level, share, low, high, len(values)))
    columns = [*_PROBLEM, "core", "x", "value", "low", "high", "n"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(statistic="share_of_seeds_at_or_above", x_name="normalised_score")


def optimality_gaps(seeds: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return, per core and problem and over ALL, the mean of max(0, 1 − normalised score).

    seeds: `normalised_seeds`. A failed seed counts as a random agent, gap 1.
    """
    rows = []
    for problem, core, strata in _by_core(seeds, runs):
        gaps = [np.maximum(0.0, 1.0 - np.nan_to_num(values)) for values in strata]
        together = np.concatenate(gaps)
        low, high = trimmed_interval(gaps, cut=0.0, bounds=(0.0, np.inf))
        rows.append((*problem, core, float(together.mean()), low, high, len(together)))
    columns = [*_PROBLEM, "core", "value", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns).assign(statistic="optimality_gap")


def _by_core(seeds: pd.DataFrame, runs: pd.DataFrame) -> Iterator[tuple[Any, Any, Sequence[Any]]]:
    """Yield problem, core and its normalised scores, a stratum per problem; at last over ALL."""
    chosen = seeds[seeds["run"].isin(set(runs.loc[runs["chosen"], "run"]))]
    for (task, setting, core), group in chosen.groupby([*_PROBLEM, "core"], sort=False):
        yield (task, setting), core, [group["value"].to_numpy(float)]
    several = runs.groupby(_PROBLEM).ngroups > 1
    for core, group in chosen.groupby("core", sort=False) if several else ():
        parts = [part["value"].to_numpy(float) for _, part in group.groupby(_PROBLEM, sort=False)]
        yield (ALL, ALL), core, parts
