"""Curves of cores over seeds: learning over environment steps, variance over components."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.statistics.intervals import trimmed_interval
from mpn_rl.statistics.statistics import Floats, common_grid, interquartile_mean, on_grid
from mpn_rl.sweep.summary.data import PROBLEM, BlockData
from mpn_rl.sweep.summary.histories import QUANTITIES, Curve, curve_of
from mpn_rl.sweep.summary.scores import ANYTHING, BOUNDS

POINTS = 60  # steps of a curve at most
COMPONENTS = 20  # principal components shown
SPECTRA = ("component", "seed", "variable", "cumulative_ratio", "participation_ratio")
_KEYS = [*PROBLEM, "core"]
_NUMBERS = ["x", "value", "low", "high", "n"]


def learning_curves(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    """Return IQM and interval over seeds that did not fail, per problem, core, scope, quantity.

    scope chosen: the core's chosen run; all: all its runs pooled, given only where it has several.
    A curve goes as far as most of its seeds. Training returns are running means of 100 episodes.
    """
    found, tables = _curves_by_run(blocks), {}
    for key, group in runs.groupby(_KEYS, sort=False):
        scopes = {"chosen": group.loc[group["chosen"], "run"], "all": group["run"]}
        for scope, quantity in product(scopes if len(group) > 1 else ("chosen",), QUANTITIES):
            strata = [own for run in scopes[scope] if (own := found.get((run, quantity)))]
            bounds = BOUNDS.get(quantity.removeprefix("validation_"), ANYTHING)
            tables[*key, scope, quantity] = pooled_curve(strata, bounds)
    return _stacked(tables, [*_KEYS, "scope", "quantity"])


def pooled_curve(
    strata: Sequence[Sequence[Curve]], bounds: tuple[float, float] = ANYTHING
) -> pd.DataFrame:
    """Return x, value, low, high, n of the curves of all seeds; nothing without any."""
    if not strata:
        return pd.DataFrame(columns=_NUMBERS)
    grid = common_grid([curve[0] for stratum in strata for curve in stratum], POINTS)
    sampled = [np.stack([on_grid(x, y, grid) for x, y in stratum]) for stratum in strata]
    return _table(grid, sampled, bounds)


def explained_variance(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    """Return IQM and interval over seeds of cumulative variance fractions, of chosen runs."""
    keys, tables = [*_KEYS, "variable"], {}
    spectra = _spectra(blocks, runs)
    for key, group in spectra[spectra["component"] <= COMPONENTS].groupby(keys, sort=False):
        wide = group.pivot(index="seed", columns="component", values="cumulative_ratio")
        tables[key] = _table(wide.columns.to_numpy(float), [wide.to_numpy(float)], (0.0, 1.0))
    return _stacked(tables, keys)


def participation_ratios(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    """Return the participation ratio (dimensions) of each seed and variable, of chosen runs."""
    spectra = _spectra(blocks, runs)
    rows = spectra[spectra["component"] == 1].rename(columns={"participation_ratio": "value"})
    return rows[[*_KEYS, "run", "variable", "seed", "value"]].reset_index(drop=True)


def _curves_by_run(blocks: Sequence[BlockData]) -> dict[tuple[str, str], list[Curve]]:
    found: dict[tuple[str, str], list[Curve]] = {}
    for block in blocks:
        for entry in block.history.values():
            for quantity in QUANTITIES if entry.get("status") != "failed" else ():
                curve = curve_of(entry, quantity)
                if len(curve[0]):
                    found.setdefault((block.run, quantity), []).append(curve)
    return found


def _table(x: Floats, strata: Sequence[Floats], bounds: tuple[float, float]) -> pd.DataFrame:
    """strata (seed, x) each → a row per x that most seeds reach.

    Where only a few still have values, a curve would follow these few and jump.
    """
    values = np.concatenate(strata)
    number = np.isfinite(values).sum(axis=0)
    intervals = [
        trimmed_interval([part[:, place] for part in strata], bounds=bounds)
        for place in range(len(x))
    ]
    low, high = np.transpose(intervals)
    iqm = interquartile_mean(values, axis=0)
    table = pd.DataFrame({"x": x, "value": iqm, "low": low, "high": high, "n": number})
    return table[2 * table["n"] > number.max()]


def _spectra(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of pca.csv of chosen runs, named by problem, core and run."""
    chosen = runs.loc[runs["chosen"], [*_KEYS, "run"]]
    known = set(chosen["run"])
    parts = [b.pca.assign(run=b.run) for b in blocks if b.pca is not None and b.run in known]
    parts = [part for part in parts if len(part)] or [pd.DataFrame(columns=[*SPECTRA, "run"])]
    return chosen.merge(pd.concat(parts)[[*SPECTRA, "run"]], on="run", how="inner")


def _stacked(tables: Mapping[tuple[Any, ...], pd.DataFrame], keys: Sequence[str]) -> pd.DataFrame:
    """Return the rows of all tables, each named by its key."""
    filled = {key: table for key, table in tables.items() if len(table)}
    if not filled:
        return pd.DataFrame(columns=[*keys, *_NUMBERS])
    return pd.concat(filled, names=list(keys)).reset_index(keys).reset_index(drop=True)
