"""Interquartile means with intervals over seeds, and curves on a common grid.

The interquartile mean is that of Agarwal et al., "Deep reinforcement learning at the edge of the
statistical precipice", NeurIPS 2021. Their percentile bootstrap holds too rarely with few seeds
(`python -m benchmarks.coverage`): `intervals` has others. Everything here is pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def interquartile_mean(values: ArrayLike, axis: int = -1) -> Floats:
    """Return the mean of the middle half: ⌊n/4⌋ values are cut at each end.

    values (…, n, …) with the n values along `axis`; nan are left out, and n counts what is left.
    Returns the shape without `axis`, nan where nothing is left. Fewer than four values: the mean.
    Equals scipy.stats.trim_mean(values, 0.25) where nothing is nan.
    """
    ordered = np.sort(np.moveaxis(np.asarray(values, dtype=np.float64), axis, -1), axis=-1)
    size = ordered.shape[-1]
    if size == 0:
        return np.full(ordered.shape[:-1], np.nan)
    if not np.isnan(ordered[..., -1]).any():  # sorting puts nan last
        cut = size // 4
        return np.asarray(ordered[..., cut : size - cut].mean(axis=-1))
    count = (~np.isnan(ordered)).sum(axis=-1, keepdims=True)
    cut = count // 4
    place = np.arange(size)
    kept = (place >= cut) & (place < count - cut)
    total = np.where(kept, ordered, 0.0).sum(axis=-1)
    number = kept.sum(axis=-1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def known_mean(values: ArrayLike, axis: int) -> Floats:
    """Return the mean of the finite values along `axis`, nan where there is none."""
    array = np.asarray(values, dtype=np.float64)
    known = np.isfinite(array)
    total, number = np.where(known, array, 0.0).sum(axis=axis), known.sum(axis=axis)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def recorded_curve(history: Mapping[str, Any], values: str, steps: str) -> tuple[Floats, Floats]:
    """Return steps and values (n,) of two lists of a history; of none finite, empty ones."""
    x, y = (np.array(history.get(name) or [], dtype=np.float64) for name in (steps, values))
    size = min(len(x), len(y))
    size = size if np.isfinite(y[:size]).any() else 0
    return x[:size], y[:size]


def normalised(values: ArrayLike, zero: float, one: float) -> Floats:
    """Return values as fractions of the way from `zero` to `one`: (values − zero) / (one − zero).

    Any shape, which is kept; nan where one ≤ zero or either is unknown.
    """
    span = one - zero if one > zero else np.nan
    return np.asarray((np.asarray(values, dtype=np.float64) - zero) / span)


def paired_differences(first: dict[int, float], second: dict[int, float]) -> Floats:
    """Return first − second over the seeds that both have with finite values, by rising seed.

    first, second: seed → score. Returns (n,), n the number of common seeds.
    """
    common = sorted(set(first) & set(second))
    gaps = np.array([first[seed] - second[seed] for seed in common], dtype=np.float64)
    return gaps[np.isfinite(gaps)]


def running_mean(values: ArrayLike, window: int) -> Floats:
    """Return the mean of the last `window` values at every place (of fewer, at the start).

    values (n,), nan left out; returns (n,), nan where a window holds nothing else. Raises
    ValueError for window < 1.
    """
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}")
    series = np.asarray(values, dtype=np.float64)
    known = np.isfinite(series)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, series, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    last = np.arange(1, len(series) + 1)
    first = np.maximum(last - window, 0)
    number = counts[last] - counts[first]
    return np.where(number > 0, (sums[last] - sums[first]) / np.maximum(number, 1), np.nan)


def common_grid(steps: Sequence[ArrayLike], points: int = 100) -> Floats:
    """Return the steps at which curves are compared: every one seen, or `points` even ones.

    steps: a rising array for each curve. Returns a rising (g,) with g ≤ points; empty if all are.
    """
    seen = [np.asarray(curve, dtype=np.float64) for curve in steps]
    union = np.unique(np.concatenate(seen)) if seen else np.empty(0)
    union = union[np.isfinite(union)]
    if len(union) <= points:
        return union
    return np.linspace(union[0], union[-1], points)


def on_grid(steps: ArrayLike, values: ArrayLike, grid: ArrayLike) -> Floats:
    """Return a curve interpolated linearly at the grid; nan outside the curve's own range.

    steps (n,) rising, values (n,) of which nan are left out, grid (g,). Returns (g,).
    """
    x, y = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    places = np.asarray(grid, dtype=np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return np.full(places.shape, np.nan)
    return np.interp(places, x[known], y[known], left=np.nan, right=np.nan)
