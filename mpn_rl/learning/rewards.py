"""What rewards are multiplied by in what is learned, so that Q-values are not large."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


class RewardScale:
    """A factor that is `given`, or makes rewards as small as what they come to asks for.

        R <- gamma R + r    of each environment, 0 again after an episode's end
        factor = 1 / max(deviation of all R so far, largest |r| so far, 1)

    So no reward that is learned from is beyond 1 in size: neither the first ones, of which the
    deviation is not known, nor a rare one among many that are 0. And none is made larger, as where
    every answer of an episode counts for little, their noise would grow with them.
    Source: the deviation is that of Stable-Baselines3's VecNormalize; Welford 1962.
    """

    def __init__(self, given: float | None, gamma: float, num_envs: int) -> None:
        self._given, self._gamma = given, gamma
        self._discounted = [0.0] * num_envs
        self._count = 0
        self._mean = self._squares = self._largest = 0.0

    def add(self, reward: NDArray[np.float32], ended: NDArray[np.bool_]) -> None:
        """Take in one step of every environment, reward (num_envs,), ended (num_envs,)."""
        if self._given is not None:
            return
        # number by number, as the compiled loop does
        for n, (r, over) in enumerate(zip(reward.tolist(), ended.tolist(), strict=True)):
            value = self._gamma * self._discounted[n] + r
            self._discounted[n] = 0.0 if over else value
            self._count += 1
            beyond = value - self._mean
            self._mean += beyond / self._count
            self._squares += beyond * (value - self._mean)
            self._largest = max(self._largest, abs(r))

    @property
    def value(self) -> float:
        """The factor as it stands."""
        if self._given is not None:
            return self._given
        deviation = math.sqrt(self._squares / max(self._count, 1))
        return 1.0 / max(deviation, self._largest, 1.0)

    def get_state(self) -> dict[str, Any]:
        """Everything that `set_state` needs to go on exactly."""
        return {
            "discounted": self._discounted.copy(),
            "spread": (self._count, self._mean, self._squares, self._largest),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self._discounted = [*state["discounted"]]
        self._count, self._mean, self._squares, self._largest = state["spread"]
