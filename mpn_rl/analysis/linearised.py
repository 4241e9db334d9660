"""How a map goes on a little beside a point."""

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from mpn_rl.analysis.fixed_points import Floats

# the distance over which differences are taken
SMALL = 1e-6


def jacobian(of: Callable[[Floats], Floats], r: Floats) -> Floats:
    """The Jacobian (size, size) of a map of batches (batch, size) at r (size,)."""
    beside = SMALL * np.eye(len(r))
    low, high = np.split(of(np.concatenate([r - beside, r + beside])), 2)
    slopes: Floats = (high - low).T / (2 * SMALL)
    return slopes


def radius(matrix: Floats) -> float:
    """The largest magnitude of an eigenvalue of a matrix (size, size)."""
    with threadpool_limits(1):
        return float(np.abs(np.linalg.eigvals(matrix)).max())
