"""Interquartile means and stratified bootstrap intervals over seeds, and curves on a common grid.

Few seeds make means and their standard errors treacherous; the interquartile mean with bootstrap
percentile intervals is the remedy of Agarwal et al., "Deep reinforcement learning at the edge of
the statistical precipice", NeurIPS 2021. Everything here is pure: generators are handed in.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Resampled values held in memory at once; larger problems go through in slices of resamples.
_CHUNK_ELEMENTS = 1_000_000


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


def bootstrap_interval(
    strata: Sequence[ArrayLike],
    generator: np.random.Generator,
    statistic: Callable[..., Floats] = interquartile_mean,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> tuple[Floats, Floats]:
    """Return the percentile bootstrap interval (low, high) of a statistic of pooled strata.

    strata: arrays (n_k, …) with equal trailing shape, such as the seeds' scores of one run each;
    every stratum is resampled with replacement to its own size, all are pooled, and
    `statistic(pooled, axis)` is taken over the pooled values. low, high have the trailing shape,
    in the unit of the values. Both are nan where no stratum has two values, as then nothing is
    known of the spread. Raises ValueError for no strata and for resamples < 1.
    """
    groups = [np.asarray(stratum, dtype=np.float64) for stratum in strata]
    if not groups or resamples < 1:
        raise ValueError(f"need a stratum and a resample, got {len(groups)} and {resamples}")
    trailing = groups[0].shape[1:]
    if max(len(group) for group in groups) < 2:
        return np.full(trailing, np.nan), np.full(trailing, np.nan)
    size = sum(group.size for group in groups)
    step = max(1, _CHUNK_ELEMENTS // max(size, 1))
    # One array for all slices: a list of small ones for each scattered the heap over a gigabyte.
    pooled = np.empty((min(step, resamples), sum(map(len, groups)), *trailing))
    drawn = []
    for first in range(0, resamples, step):
        number, place = min(step, resamples - first), 0
        for group in filter(len, groups):
            chosen = generator.integers(0, len(group), size=(number, len(group)))
            pooled[:number, place : place + len(group)] = group[chosen]
            place += len(group)
        drawn.append(statistic(pooled[:number], axis=1))
    tail = 50.0 * (1.0 - confidence)
    low, high = _percentiles(np.concatenate(drawn, axis=0), (tail, 100.0 - tail))
    return low, high


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


def _percentiles(samples: Floats, at: tuple[float, float]) -> Floats:
    """Return percentiles over axis 0 that leave nan out, nan where nothing is left."""
    if not np.isnan(samples).any():
        return np.percentile(samples, at, axis=0)
    known = ~np.isnan(samples)
    empty = ~known.any(axis=0)
    result = np.nanpercentile(np.where(empty, 0.0, samples), at, axis=0)
    return np.where(empty, np.nan, result)
