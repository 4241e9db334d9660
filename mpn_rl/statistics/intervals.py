"""Intervals for few seeds: of trimmed means, of success rates, of the probability of improvement.

Coverage is measured by `python -m benchmarks.coverage`; the table is in docs/analysis.md.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import binomtest, norm
from scipy.stats import t as student

from mpn_rl.statistics.statistics import Floats


def trimmed_interval(
    strata: Sequence[ArrayLike],
    cut: float = 0.25,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Return the t-interval (low, high) of the trimmed mean of pooled strata.

    strata: values (n_k,) each, such as the seeds' scores of one run; nan are left out; g = ⌊cut·n⌋
    of the n pooled values are cut at each end, h = n − 2g are left. The variance is the larger of

        Σ_k n_k s²(winsorised)_k / h²    (Tukey and McLaughlin 1963)
        Σ_k n_k s²_k / n²                (that of the mean: a failure that is cut off still counts)

    with Welch's degrees of freedom (n − 1 for one stratum). `bounds` are those of the values; the
    interval ends there. nan where the values of no stratum differ: seeds that are all alike say
    nothing of the spread of others.
    """
    groups = [np.asarray(stratum, dtype=np.float64) for stratum in strata]
    groups = [group[np.isfinite(group)] for group in groups]
    groups = [group for group in groups if len(group)]
    pooled = np.sort(np.concatenate(groups)) if groups else np.empty(0)
    size = len(pooled)
    each = int(cut * size)
    left = size - 2 * each
    middle = [np.clip(group, pooled[each], pooled[size - each - 1]) for group in groups]
    variance, freedom = max(_variance(middle, left), _variance(groups, size))
    if variance == 0.0:
        return np.nan, np.nan
    value = float(pooled[each : size - each].mean())
    half = float(student.ppf(0.5 + confidence / 2, freedom)) * np.sqrt(variance)
    low, high = np.clip([value - half, value + half], *bounds)
    return float(low), float(high)


def _variance(groups: Sequence[Floats], size: int) -> tuple[float, float]:
    """Return the variance of Σ values / size, strata apart, and its degrees of freedom."""
    several = [group for group in groups if np.ptp(group) > 0]
    parts = np.array([len(group) * group.var(ddof=1) / size**2 for group in several])
    degrees = np.array([len(group) - 1 for group in several])
    total = float(parts.sum())
    if total == 0.0:
        return 0.0, 0.0
    return total, 1.0 / float(((parts / total) ** 2 / degrees).sum())


def exact_interval(successes: int, number: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval (low, high) of a success rate by Clopper and Pearson; nan for none."""
    if number == 0:
        return np.nan, np.nan
    found = binomtest(successes, number).proportion_ci(confidence, method="exact")
    return float(found.low), float(found.high)


def improvement(
    first: ArrayLike, second: ArrayLike, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Return the probability that a seed of `first` beats one of `second`, and its interval.

    P(X > Y) + P(X = Y) / 2 over all pairs of first (m,) and second (n,), nan left out (Agarwal et
    al. 2021); low and high by Newcombe (Statistics in Medicine 2006, method 5), which holds where
    all pairs agree: those θ with (θ − p)² = z² θ (1 − θ) (1 + k r(θ)) / (mn), where
    r = (1 − θ) / (2 − θ) + θ / (1 + θ), k = (m + n) / 2 − 1. All nan where either is empty.
    """
    x, y = (np.asarray(values, dtype=np.float64) for values in (first, second))
    x, y = x[np.isfinite(x)], y[np.isfinite(y)]
    if not len(x) or not len(y):
        return np.nan, np.nan, np.nan
    value = float((np.sign(x[:, None] - y[None, :]).mean() + 1) / 2)
    z2, k = float(norm.ppf(0.5 + confidence / 2)) ** 2, (len(x) + len(y)) / 2 - 1

    def excess(at: float) -> float:
        spread = at * (1 - at) * (1 + k * ((1 - at) / (2 - at) + at / (1 + at)))
        return float((at - value) ** 2 - z2 * spread / (len(x) * len(y)))

    # At 0 and 1 the value itself is a root, and not the one that is sought.
    low = 0.0 if value == 0 else float(brentq(excess, 0.0, min(value, 1 - 1e-9)))
    high = 1.0 if value == 1 else float(brentq(excess, max(value, 1e-9), 1.0))
    return value, low, high


def mean_of_intervals(
    parts: Sequence[tuple[float, float, float]],
) -> tuple[float, float, float]:
    """Return the mean of independent estimates (value, low, high) with its interval.

    The distances of value and bounds add up as squares (MOVER; Zou and Donner, Statistics in
    Medicine 2008). All nan without parts.
    """
    if not parts:
        return np.nan, np.nan, np.nan
    value, low, high = np.array(parts, dtype=np.float64).T
    mean = float(value.mean())
    below, above = (
        float(np.sqrt(np.square(value - end).sum())) / len(value) for end in (low, high)
    )
    return mean, mean - below, mean + above
