"""Where the whole memory of a core hardly moves under a constant input, found by a search.

For cores whose units see each other, or of which one layer feeds the next (Sussillo & Barak, Neural
Computation 2013;25:626: minima of ½ |F(r) − r|²). `fixed_points` has the exact form of one MPN
layer, of which this search is the check.
"""

from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from mpn_rl.analysis.fixed_points import Floats
from mpn_rl.analysis.linearised import jacobian
from mpn_rl.analysis.memory_maps import MemoryMap
from mpn_rl.interruption import check

# A point is slow where a step moves r by less than this (root mean square), and two are one where
# they lie no further apart than NEAR.
SLOW, NEAR = 1e-3, 1e-2
# For how long recorded memories are left alone under the input, to see where they come to rest.
SETTLING_STEPS = 300
_TRIES = 50
_MOST_SEARCHES = 8


class SlowPoint(NamedTuple):
    """r (size,), how far a step moves it (root mean square), and see `MemoryMap.multiplier`."""

    r: Floats
    speed: float
    multiplier: float

    @property
    def stable(self) -> bool:
        """Whether the memory comes back from a small distance."""
        return self.multiplier < 1.0


def settled(of: MemoryMap, x: Floats, memory: Floats) -> Floats:
    """r (batch, size) after SETTLING_STEPS steps under x (input,) from memories (batch, …)."""
    with threadpool_limits(1):
        for _ in range(SETTLING_STEPS):
            check()
            r, memory = of.step(x[None], memory)
    return r


def slow_points(of: MemoryMap, x: Floats, starts: Floats) -> list[SlowPoint]:
    """The points that a search from each of `starts` (start, size) ends at under x (input,).

    In the order in which they are found, each once, by the Levenberg–Marquardt algorithm. No search
    begins where one has ended; there are 8 at most. Points that no output can reach do not count.
    """
    from scipy.optimize import root

    found: list[SlowPoint] = []
    searches = 0
    for start in starts:
        check()
        if searches == _MOST_SEARCHES or nearest(found, start) is not None:
            continue
        searches += 1
        with threadpool_limits(1):
            end = root(
                lambda r: of.at_rest(x, r[None])[0] - r,
                start,
                jac=lambda r: jacobian(lambda each: of.at_rest(x, each), r) - np.eye(len(r)),
                method="lm",
                options={"maxiter": _TRIES},
            )
        speed = _size(end.fun)
        reached = np.abs(of.output(end.x)).max() <= of.reach
        if speed < SLOW and reached and nearest(found, end.x) is None:
            found.append(SlowPoint(end.x, speed, of.multiplier(x, end.x)))
    return found


def nearest(points: list[SlowPoint], r: Floats) -> int | None:
    """The number of the first point that r (size,) is at, None if it is at none."""
    at = (k for k, point in enumerate(points) if _size(point.r - r) < NEAR)
    return next(at, None)


def _size(vector: Floats) -> float:
    return float(np.sqrt(np.square(vector).mean()))
