"""What rewards are multiplied by where targets are formed (see `learning.rewards`)."""

import math
from typing import Any

from numba import njit

from mpn_rl.compiled.compiling import ONCE

# places in an array of numbers: of the discounted returns so far, and the largest reward's size
COUNT, MEAN, SQUARES, LARGEST, SPREAD = range(5)


@njit(**ONCE)
def count(spread: Any, discounted: Any, n: int, reward: float, ended: int, gamma: float) -> None:
    """As `rewards.RewardScale.add`, of environment n's reward."""
    value = gamma * discounted[n] + reward
    discounted[n] = 0.0 if ended else value
    spread[COUNT] += 1.0
    beyond = value - spread[MEAN]
    spread[MEAN] += beyond / spread[COUNT]
    spread[SQUARES] += beyond * (value - spread[MEAN])
    spread[LARGEST] = max(spread[LARGEST], abs(reward))


@njit(**ONCE)
def scale(spread: Any, given: float) -> float:
    """As `rewards.RewardScale.value`; given is `reward_scale`, 0 for null."""
    if given > 0:
        return given
    deviation = math.sqrt(spread[SQUARES] / max(spread[COUNT], 1.0))
    return 1.0 / max(deviation, spread[LARGEST], 1.0)
