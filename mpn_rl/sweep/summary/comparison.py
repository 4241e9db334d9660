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
from mpn_rl.sweep.summary.data import ALL, PROBLEM, of_chosen, primary_metric, where
from mpn_rl.sweep.summary.scores import PLASTIC

PROFILE = np.round(np.arange(0.0, 1.01, 0.1), 1)  # normalised scores at which profiles are taken


def improvements(scores: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the probability that a seed of mpn scores above one of each other core.

    Per problem, by its primary metric, and over ALL problems as the mean of theirs. Seeds without
    a score are left out; n counts those of both cores.
    """
    rows: list[tuple[Any, ...]] = []
    of_core: dict[Any, list[tuple[float, float, float]]] = {}
    for problem, group in of_chosen(scores, runs).groupby(PROBLEM, sort=False):
        metric = primary_metric(group)
        own = where(group, metric=metric).dropna(subset="value")
        values = {core: part["value"].to_numpy(float) for core, part in own.groupby("core")}
        plastic = values.pop(PLASTIC, np.empty(0))
        for core, others in values.items() if len(plastic) else ():
            found = improvement(plastic, others)
            of_core.setdefault(core, []).append(found)
            rows.append((*problem, PLASTIC, metric, *found, len(plastic) + len(others), core))
    if runs.groupby(PROBLEM).ngroups > 1:
        for core, parts in of_core.items():
            overall = mean_of_intervals(parts)
            rows.append((ALL, ALL, PLASTIC, "primary", *overall, len(parts), core))
    columns = [*PROBLEM, "core", "metric", "value", "low", "high", "n", "against"]
    return pd.DataFrame(rows, columns=columns)


def performance_profiles(seeds: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return, per core and problem and over ALL, the share of seeds that score at least so much.

    seeds: `normalised_returns` of seeds. A failed seed is above none; intervals are exact (over
    several problems they are then, if anything, too wide: Hoeffding 1956).
    """
    rows = []
    for problem, core, strata in _by_core(seeds, runs):
        values = np.concatenate(strata)
        for level in PROFILE:
            count = int((values >= level - 1e-12).sum())
            low, high = exact_interval(count, len(values))
            share = count / len(values)
            rows.append((*problem, core, level, share, low, high, len(values)))
    columns = [*PROBLEM, "core", "x", "value", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns)


def optimality_gaps(seeds: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return, per core and problem and over ALL, the mean of max(0, 1 − normalised score).

    seeds: `normalised_returns` of seeds. A failed seed counts as a random agent, gap 1.
    """
    rows = []
    for problem, core, strata in _by_core(seeds, runs):
        gaps = [np.maximum(0.0, 1.0 - np.nan_to_num(values)) for values in strata]
        together = np.concatenate(gaps)
        low, high = trimmed_interval(gaps, cut=0.0, bounds=(0.0, np.inf))
        rows.append((*problem, core, float(together.mean()), low, high, len(together)))
    columns = [*PROBLEM, "core", "value", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns)


def _by_core(seeds: pd.DataFrame, runs: pd.DataFrame) -> Iterator[tuple[Any, Any, Sequence[Any]]]:
    """Yield problem, core and its normalised scores, a stratum per problem; at last over ALL."""
    chosen = of_chosen(seeds, runs)
    for (task, setting, core), group in chosen.groupby([*PROBLEM, "core"], sort=False):
        yield (task, setting), core, [group["value"].to_numpy(float)]
    several = runs.groupby(PROBLEM).ngroups > 1
    for core, group in chosen.groupby("core", sort=False) if several else ():
        parts = [part["value"].to_numpy(float) for _, part in group.groupby(PROBLEM, sort=False)]
        yield (ALL, ALL), core, parts
