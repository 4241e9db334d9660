"""Which phase episodes are in at each time, and the times that stand for all."""

import math

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def decoded_times(phases: NDArray[np.integer], most: int) -> Ints:
    """Which time steps are decoded, in order, of phases (…, time) that are -1 after an end.

    All that at least half of the episodes reach; where these are more than `most`, the first and
    last step of each phase (of most episodes), and others evenly between them.
    """
    flat = _flat(phases)
    reached = (flat >= 0).sum(axis=0)
    length = int((2 * reached >= max(len(flat), 1)).sum())
    if length <= most:
        return np.arange(length)
    typical = typical_phases(flat)[:length]
    changes = np.flatnonzero(np.diff(typical))
    edges = np.unique([0, length - 1, *changes, *(changes + 1)])
    if len(edges) >= most:
        return edges[_evenly(len(edges), most)]
    others = np.setdiff1d(np.arange(length), edges)
    return np.sort(np.concatenate([edges, others[_evenly(len(others), most - len(edges))]]))


def typical_phases(phases: NDArray[np.integer]) -> Ints:
    """The phase that most episodes are in at each time, of phases (…, time); -1 where all ended."""
    flat = _flat(phases)
    counts = np.array(
        [(flat == phase).sum(axis=0) for phase in range(int(flat.max(initial=0)) + 1)]
    )
    return np.where(counts.sum(axis=0) > 0, counts.argmax(axis=0), -1)


def _flat(phases: NDArray[np.integer]) -> NDArray[np.integer]:
    """(episode, time), also of no episodes, where -1 would tell no size."""
    *leading, times = phases.shape
    return phases.reshape(math.prod(leading), times)


def _evenly(count: int, chosen: int) -> Ints:
    """So many places of `count`, the ends among them where there are two."""
    return np.round(np.linspace(0, count - 1, chosen)).astype(np.int64)
