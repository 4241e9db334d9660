"""The targets of a rollout's rows (see `learning.targets`)."""

import math
from typing import Any

from numba import njit

from mpn_rl.compiled.compiling import ONCE, compiled


@njit(**ONCE)
def _rescaled(value: float) -> float:
    """As `targets.rescaled`."""
    return math.copysign(math.sqrt(abs(value) + 1.0) - 1.0, value) + 1e-3 * value


@njit(**ONCE)
def unscaled(value: float) -> float:
    """As `targets.unscaled`."""
    size = abs(value)
    root = (math.sqrt(1.0 + 4e-3 * (size + 1.0 + 1e-3)) - 1.0) / 2e-3
    return math.copysign(root * root - 1.0, value)


@compiled
def fill_targets(
    q: Any, rows: Any, length: Any, recipe: Any, scale: float, value: Any, target: Any
) -> None:
    """As `Learner.targets` of max_a Q, of the rows that each environment has."""
    for n in range(q.shape[1]):
        for t in range(length[n]):
            best = q[t, n, 0]
            for a in range(1, q.shape[2]):
                best = max(best, q[t, n, a])
            value[t, n] = unscaled(best) if recipe.rescale else best
    fill_returns(rows, length, recipe, scale, value, target)


@njit(**ONCE)
def fill_returns(
    rows: Any, length: Any, recipe: Any, scale: float, value: Any, target: Any
) -> None:
    """As `Learner.targets` of values (row, env) without their rescaling; scale is of rewards."""
    for n in range(length.size):
        if recipe.mixing >= 0:
            _mixed(rows, scale, value, length[n] - 1, n, recipe, target)
        else:
            _n_step(rows, scale, value, length[n] - 1, n, recipe, target)
        if recipe.rescale:
            for t in range(length[n] - 1):
                target[t, n] = _rescaled(target[t, n])


@njit(**ONCE)
def _mixed(
    rows: Any, scale: float, value: Any, last: int, n: int, recipe: Any, target: Any
) -> None:
    """The λ-returns of environment n, from its last row on."""
    reward, ended = rows.reward, rows.ended
    following = value[last, n]
    for t in range(last - 1, -1, -1):
        ahead = value[t + 1, n]
        if ended[t, n] == 0 and t < last - 1:
            ahead += recipe.mixing * (following - ahead)
        following = scale * reward[t, n] + (0.0 if ended[t, n] == 1 else recipe.gamma * ahead)
        target[t, n] = following


@njit(**ONCE)
def _n_step(
    rows: Any, scale: float, value: Any, last: int, n: int, recipe: Any, target: Any
) -> None:
    """The n-step returns of environment n, which end with its episode or its rows."""
    reward, ended = rows.reward, rows.ended
    for t in range(last):
        following, factor, k = 0.0, 1.0, t
        while True:
            following += factor * (scale * reward[k, n])
            factor *= recipe.gamma
            if ended[k, n] == 1:
                break
            k += 1
            if ended[k - 1, n] or k == last or k - t == recipe.n_step:
                following += factor * value[k, n]
                break
        target[t, n] = following
