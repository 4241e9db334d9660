"""Differences between arms, as docs/results/protocol.md judges them. All is pure."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

Floats = NDArray[np.float64]
LEVEL = 0.05
_ROUNDING = 1e-9  # sums of equal scores in another order


class Difference(NamedTuple):
    """first − second: the means', its 95 % interval, and the p of no difference."""

    value: float
    low: float
    high: float
    p: float


def permutation_p(first: ArrayLike, second: ArrayLike) -> float:
    """The two-sided exact p of the difference of means of first (m,) and second (n,).

    The share of all ways to deal the m + n scores out whose difference is at least as large.
    """
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    pooled = np.concatenate([x, y])
    sums = pooled[_subsets(len(pooled), len(x))].sum(axis=1)
    expected = len(x) * pooled.mean()
    far = np.abs(sums - expected) >= abs(x.sum() - expected) - _ROUNDING * max(1, np.ptp(pooled))
    return float(far.mean())


@cache
def _subsets(number: int, size: int) -> NDArray[np.int64]:
    return np.array(list(combinations(range(number), size)))


def difference(first: ArrayLike, second: ArrayLike) -> Difference:
    """The difference of means with Welch's interval, none where all seeds of both are alike."""
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    value = float(x.mean() - y.mean())
    parts = np.array([x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)])
    low, high = np.nan, np.nan
    if np.ptp(x) or np.ptp(y):
        degrees = parts.sum() ** 2 / (parts**2 / [len(x) - 1, len(y) - 1]).sum()
        half = float(student.ppf(1 - LEVEL / 2, degrees) * np.sqrt(parts.sum()))
        low, high = value - half, value + half
    return Difference(value, low, high, permutation_p(x, y))


def holm(p_values: Sequence[float]) -> Floats:
    """The p values (n,) corrected for their number, by Holm (1979)."""
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


def verdict(found: Difference, corrected: float, smallest: float) -> str:
    """`more`, `less`, `equal` or `open`, where differences below `smallest` do not matter.

    equal: the interval, or the difference where no seed differs, lies within ± smallest.
    """
    low, high = (found.value, found.value) if np.isnan(found.low) else (found.low, found.high)
    if corrected < LEVEL and abs(found.value) >= smallest:
        return "more" if found.value > 0 else "less"
    return "equal" if -smallest < low and high < smallest else "open"


def mean_over_problems(
    scores: Mapping[str, ArrayLike], seed: int, resamples: int = 2000
) -> tuple[float, float, float]:
    """The mean over problems of the seeds' mean, and its interval by a stratified bootstrap.

    scores: problem → (n,). Seeds are drawn again within each problem; the problems are fixed.
    """
    generator = np.random.default_rng(seed)
    strata = [np.asarray(values, np.float64) for values in scores.values()]
    drawn = [
        values[generator.integers(len(values), size=(resamples, len(values)))].mean(axis=1)
        for values in strata
    ]
    value = float(np.mean([values.mean() for values in strata]))
    low, high = np.quantile(np.mean(drawn, axis=0), [LEVEL / 2, 1 - LEVEL / 2])
    return value, float(low), float(high)
