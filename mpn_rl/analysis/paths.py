"""Mean paths of episodes through principal components, by the values of the task's variables."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.paths import PATHS

MOST_LEVELS = 6  # of a variable with more values, paths could not be told apart
MOST_STEPS = 200


def mean_paths(
    seed: int,
    projections: Mapping[str, NDArray[np.floating]],
    variables: Mapping[str, NDArray[np.floating]],
) -> NDArray[np.void]:
    """Rows of PATHS of one seed, at its first MOST_STEPS steps.

    projections: state → (episode, time, component), nan where an episode is over; variables: name →
    (episode, time). Those are left out that change within an episode, or never.
    """
    rows = []
    for name, values in variables.items():
        fixed = _of_episodes(values)
        levels = np.unique(fixed[np.isfinite(fixed)])
        if not 1 < len(levels) <= MOST_LEVELS:
            continue
        for state, path in projections.items():
            for level in levels:
                chosen = np.asarray(path[fixed[: len(path)] == level], np.float64)
                head = (seed, state, name, level)
                rows += [(*head, *row) for row in _means(chosen[:, :MOST_STEPS])]
    return np.array(rows, PATHS)


def _of_episodes(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """The value of each episode, nan for one in which it changes or is not known."""
    known = np.isfinite(values)
    low = np.where(known, values, np.inf).min(axis=1, initial=np.inf)
    high = np.where(known, values, -np.inf).max(axis=1, initial=-np.inf)
    changing = (low != high).any()
    return np.full(len(values), np.nan) if changing else low


def _means(path: NDArray[np.float64]) -> Iterator[tuple[int, float, float, int]]:
    """Step, mean of the first two components, number, where the first two are known."""
    if path.shape[-1] < 2:
        return
    known: NDArray[np.bool_] = np.asarray(np.isfinite(path[..., :2]).all(axis=-1))
    for time, (there, points) in enumerate(zip(known.T, path.swapaxes(0, 1), strict=True)):
        if there.any():
            first, second = points[there, :2].mean(axis=0)
            yield time, float(first), float(second), int(there.sum())
