"""Which memories tell a variable apart, and for how long a memory lasts."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

# Where trials come to rest tells a variable if the shares of two of its values differ by this much
TELLING = 0.9
# What is left of a memory at its horizon.
LEFT = 0.05
_MOST_VALUES, _FEWEST_TRIALS = 10, 5


def separation(place: NDArray[np.integer], value: NDArray[np.floating]) -> float:
    """How well the place (trial,) where trials come to rest tells a variable's value (trial,).

    The largest difference, over places, between the shares of two values' trials that are there: 0
    where value and place have nothing to do with each other, 1 where two values never share a
    place. 0 too for quantities, and without at least 5 trials of two values.
    """
    known = np.isfinite(value)
    place, value = place[known], value[known]
    values, counts = np.unique(value, return_counts=True)
    if len(values) > _MOST_VALUES:
        return 0.0
    groups = [place[value == each] for each in values[counts >= _FEWEST_TRIALS]]
    if len(groups) < 2:
        return 0.0
    shares = np.array([[(group == k).mean() for group in groups] for k in np.unique(place)])
    return float(np.ptp(shares, axis=1).max())


def told(place: NDArray[np.integer], variables: Mapping[str, NDArray[np.floating]]) -> list[str]:
    """The variables, (trial,) each, that the place (trial,) tells."""
    return [name for name, value in variables.items() if separation(place, value) >= TELLING]


def lasting(multiplier: float) -> float:
    """After how many steps LEFT is left of what shrinks by `multiplier` a step; inf from 1 on.

    ln LEFT / ln |multiplier|
    """
    size = abs(multiplier)
    if math.isnan(size):
        return math.nan
    if size >= 1:
        return math.inf
    return math.log(LEFT) / math.log(size) if size > 0 else 0.0


def time_constant(multiplier: float) -> float:
    """1/(1 − |multiplier|), in steps; inf from 1 on."""
    if math.isnan(multiplier):
        return math.nan
    return 1.0 / (1.0 - abs(multiplier)) if abs(multiplier) < 1 else math.inf
