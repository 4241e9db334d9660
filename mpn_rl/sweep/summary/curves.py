"""Curves of cores over seeds: learning over environment steps, variance over components."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.statistics.intervals import trimmed_interval
from mpn_rl.statistics.statistics import (
    Floats,
    common_grid,
    interquartile_mean,
    on_grid,
    running_mean,
)
from mpn_rl.sweep.summary.data import BlockData
from mpn_rl.sweep.summary.scores import ANYTHING, BOUNDS

QUANTITIES = {
    "validation_correct": "validation_step",
    "validation_return": "validation_step",
    "episode_return": "episode_end_step",
}
SMOOTHED_EPISODES = 100  # window of the running mean of training returns, in episodes
POINTS = 60  # steps of a curve at most
KEPT_POINTS = 5 * POINTS  # of one seed's curve: between them it is a straight line
COMPONENTS = 20  # principal components shown
_KEYS = ["task", "setting", "core"]

Curve = tuple[Floats, Floats]


def without_episodes(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a seed's history with its curves as at most `KEPT_POINTS` points instead of episodes.

    What a summary holds of a seed is then bounded, however long it was trained. Curves of fewer
    points stay as they are.
    """
    curves = {name: _thinned(_curve(entry, name, steps)) for name, steps in QUANTITIES.items()}
    kept = {key: value for key, value in entry.items() if not isinstance(value, list)}
    validated = {key: entry.get(key) for key in ("validation_correct", "validation_return")}
    return {
        **kept,
        **{key: (value or [])[-1:] for key, value in validated.items()},
        "curves": curves,
    }


def curve_of(entry: Mapping[str, Any], quantity: str) -> Curve:
    """Return steps and values of one of QUANTITIES of a seed's history, thinned or whole."""
    made = entry.get("curves")
    return made[quantity] if made else _curve(entry, quantity, QUANTITIES[quantity])


def learning_curves(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    """Return IQM and interval over seeds that did not fail, per problem, core, scope, quantity.

    scope chosen: the core's chosen run; all: all its runs pooled, given only where it has several.
    A curve goes as far as most of its seeds. Training returns are running means of 100 episodes.
    """
    curves = _curves_by_run(blocks)
    parts = []
    for key, group in runs.groupby(_KEYS, sort=False):
        scopes = {"chosen": group.loc[group["chosen"], "run"]}
        if len(group) > 1:
            scopes["all"] = group["run"]
        for scope, names in scopes.items():
            for quantity in QUANTITIES:
                strata = [found for run in names if (found := curves.get((run, quantity)))]
                table = _pooled_curve(
                    strata, BOUNDS.get(quantity.removeprefix("validation_"), ANYTHING)
                )
                parts.append(_named(table, _KEYS, key).assign(scope=scope, quantity=quantity))
    columns = [*_KEYS, "scope", "quantity", "x", "value", "low", "high", "n"]
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True)[columns] if filled else _empty(columns)


def explained_variance(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    """Return IQM and interval over seeds of cumulative variance fractions, of chosen runs."""
    columns = [*_KEYS, "variable", "x", "value", "low", "high", "n"]
    spectra = _spectra(blocks, runs)
    spectra = spectra[spectra["component"] <= COMPONENTS]
    parts = []
    for key, group in spectra.groupby([*_KEYS, "variable"], sort=False):
        wide = group.pivot(index="seed", columns="component", values="cumulative_ratio")
        spectrum = wide.to_numpy(float)
        table = _table(wide.columns.to_numpy(float), [spectrum], (0.0, 1.0))
        parts.append(_named(table, [*_KEYS, "variable"], key))
    return pd.concat(parts, ignore_index=True)[columns] if parts else _empty(columns)


def participation_ratios(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    """Return the participation ratio (dimensions) of each seed and variable, of chosen runs."""
    spectra = _spectra(blocks, runs)
    rows = spectra[spectra["component"] == 1].rename(columns={"participation_ratio": "value"})
    return rows[[*_KEYS, "run", "variable", "seed", "value"]].reset_index(drop=True)


def _curves_by_run(blocks: Sequence[BlockData]) -> dict[tuple[str, str], list[Curve]]:
    found: dict[tuple[str, str], list[Curve]] = {}
    for block in blocks:
        for entry in block.history.values():
            if entry.get("status") == "failed":
                continue
            for quantity in QUANTITIES:
                curve = curve_of(entry, quantity)
                if len(curve[0]):
                    found.setdefault((block.run, quantity), []).append(curve)
    return found


def _curve(entry: Mapping[str, Any], quantity: str, steps: str) -> Curve:
    values = np.array(entry.get(quantity) or [], dtype=np.float64)
    x = np.array(entry.get(steps) or [], dtype=np.float64)
    size = min(len(x), len(values))
    if not np.isfinite(values[:size]).any():
        return np.empty(0), np.empty(0)
    if quantity != "episode_return":
        return x[:size], values[:size]
    window = min(SMOOTHED_EPISODES, max(1, size // 10))
    smooth = running_mean(values[:size], window)
    return x[window - 1 : size], smooth[window - 1 :]


def _thinned(curve: Curve) -> Curve:
    x, values = curve
    if len(x) <= KEPT_POINTS:
        return curve
    kept = np.linspace(0, len(x) - 1, KEPT_POINTS).round().astype(np.int64)
    return x[kept], values[kept]


def _pooled_curve(
    strata: list[list[Curve]], bounds: tuple[float, float] = ANYTHING
) -> pd.DataFrame:
    if not strata:
        return pd.DataFrame()
    grid = common_grid([curve[0] for stratum in strata for curve in stratum], POINTS)
    sampled = [np.stack([on_grid(x, y, grid) for x, y in stratum]) for stratum in strata]
    return _table(grid, sampled, bounds)


def _table(x: Floats, strata: Sequence[Floats], bounds: tuple[float, float]) -> pd.DataFrame:
    """strata (seed, x) each → a row per x that most seeds reach.

    Where only a few still have values, a curve would follow these few and jump.
    """
    values = np.concatenate(strata)
    number = np.isfinite(values).sum(axis=0)
    iqm = interquartile_mean(values, axis=0)
    low, high = np.transpose(
        [
            trimmed_interval([part[:, place] for part in strata], bounds=bounds)
            for place in range(len(x))
        ]
    )
    table = pd.DataFrame({"x": x, "value": iqm, "low": low, "high": high, "n": number})
    return table[2 * table["n"] > number.max()]


def _named(table: pd.DataFrame, names: Sequence[str], key: Sequence[Any]) -> pd.DataFrame:
    """Add a constant column for each name."""
    return table.assign(**dict(zip(names, key, strict=True)))


def _spectra(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    chosen = runs[runs["chosen"]]
    tables = [
        block.pca.assign(run=block.run)
        for block in blocks
        if block.pca is not None and len(block.pca) and block.run in set(chosen["run"])
    ]
    columns = ["component", "seed", "variable", "cumulative_ratio", "participation_ratio"]
    whole = pd.concat(tables, ignore_index=True) if tables else _empty([*columns, "run"])
    return chosen[[*_KEYS, "run"]].merge(whole, on="run", how="inner")


def _empty(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
