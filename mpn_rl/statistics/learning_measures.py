"""What a seed's validation curve says: its area, when it reached a threshold, where it ended."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import CensoredData, ecdf

from mpn_rl.statistics.statistics import Floats

FINAL_SHARE, FINAL_LEAST = 0.1, 3  # the final window: a tenth of the validations, three at least


def area_under_curve(steps: ArrayLike, values: ArrayLike) -> float:
    """Return the mean height of a curve, by trapezoids between its first and last step.

    steps (n,) rising, values (n,), of which nan are left out; in the unit of the values, nan
    without any.
    """
    x, y = _known(steps, values)
    if len(x) < 2:
        return float(y[0]) if len(y) else np.nan
    return float(np.trapezoid(y, x) / (x[-1] - x[0]))


def final_window(values: ArrayLike) -> float:
    """Return the mean of the last tenth of the values (n,), three at least; nan without any."""
    series = np.asarray(values, dtype=np.float64)
    known = series[np.isfinite(series)]
    size = max(FINAL_LEAST, int(np.ceil(FINAL_SHARE * len(known))))
    return float(known[-size:].mean()) if len(known) else np.nan


def first_reaching(steps: ArrayLike, values: ArrayLike, threshold: float) -> float:
    """Return the first of steps (n,) whose value (n,) is at least `threshold`; nan if none is."""
    x, y = _known(steps, values)
    reached = x[y >= threshold]
    return float(reached[0]) if len(reached) else np.nan


def median_time(times: Sequence[float], reached: Sequence[bool]) -> float:
    """Return the Kaplan-Meier median of times of which those not `reached` are censored.

    The first time at which at most half have still to reach it; nan where that never is.
    """
    if not any(reached):
        return np.nan
    ends = np.asarray(times, dtype=np.float64)
    curve = ecdf(CensoredData.right_censored(ends, ~np.asarray(reached, dtype=bool))).sf
    # a product of shares, which rounding leaves a little above a half
    below = curve.quantiles[curve.probabilities <= 0.5 + 1e-9]
    return float(below[0]) if len(below) else np.nan


def _known(steps: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    return x[known], y[known]
