"""What a summary keeps of a seed's history: its curves, as few points as can be drawn."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mpn_rl.statistics.statistics import Floats, recorded_curve, running_mean

QUANTITIES = {
    "validation_correct": "validation_step",
    "validation_return": "validation_step",
    "episode_return": "episode_end_step",
}
SMOOTHED_EPISODES = 100  # window of the running mean of training returns, in episodes
KEPT_POINTS = 300  # of one seed's curve: between them it is a straight line

Curve = tuple[Floats, Floats]


def without_episodes(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a seed's history with its curves as at most `KEPT_POINTS` points instead of episodes.

    What a summary holds of a seed is then bounded, however long it was trained. Curves of fewer
    points stay as they are.
    """
    kept = {key: value for key, value in entry.items() if not isinstance(value, list)}
    for key in ("validation_correct", "validation_return"):
        kept[key] = (entry.get(key) or [])[-1:]
    return {**kept, "curves": {name: _thinned(curve_of(entry, name)) for name in QUANTITIES}}


def curve_of(entry: Mapping[str, Any], quantity: str) -> Curve:
    """Return steps and values of one of QUANTITIES of a seed's history, thinned or whole."""
    if "curves" in entry:
        return entry["curves"][quantity]
    steps, values = recorded_curve(entry, quantity, QUANTITIES[quantity])
    if quantity != "episode_return":
        return steps, values
    window = min(SMOOTHED_EPISODES, max(1, len(steps) // 10))
    return steps[window - 1 :], running_mean(values, window)[window - 1 :]


def _thinned(curve: Curve) -> Curve:
    steps, values = curve
    if len(steps) <= KEPT_POINTS:
        return curve
    kept = np.linspace(0, len(steps) - 1, KEPT_POINTS).round().astype(np.int64)
    # single precision is enough to draw, and ten thousand runs then take less than 2 GB
    return steps[kept].astype(np.float32), values[kept].astype(np.float32)
