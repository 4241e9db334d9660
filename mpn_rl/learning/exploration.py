"""Random actions that are held for a while, so that exploration gets somewhere."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


class HeldActions:
    """Of each environment the random action that is held, and for how many steps more.

    A random action is held for n steps with P(n ≥ k) = 1/k, up to k = `longest`; an episode's end
    lets go. With m = 1 + 1/2 + … + 1/longest its mean, one begins with probability
    p = epsilon / (m - epsilon (m - 1)) wherever none is held, so that a share epsilon of all steps
    is random, as without holding.
    Source: Dabney, Ostrovski & Barreto 2021, "Temporally-extended ε-greedy exploration".
    """

    def __init__(self, num_envs: int, num_actions: int, longest: int) -> None:
        self.num_actions, self.longest = num_actions, longest
        self.mean = float((1.0 / np.arange(1, longest + 1)).sum())
        self._action = np.zeros(num_envs, np.int64)
        self._left = np.zeros(num_envs, np.int64)

    def instead_of(
        self, greedy: NDArray[np.int64], epsilon: float, generator: torch.Generator
    ) -> NDArray[np.int64]:
        """The actions (num_envs,) to take where the greedy ones are known; always as many draws."""
        envs = len(greedy)
        chance, share = torch.rand((2, envs), generator=generator, dtype=torch.float64).numpy()
        any_action = torch.randint(self.num_actions, (envs,), generator=generator).numpy()
        begins = (self._left == 0) & (chance < epsilon / (self.mean - epsilon * (self.mean - 1.0)))
        # 1 - share lies in (0, 1]
        length = np.minimum(1.0 / (1.0 - share), self.longest).astype(np.int64)
        self._action = np.where(begins, any_action, self._action)
        self._left = np.where(begins, length, self._left)
        held = self._left > 0
        self._left -= held
        return np.where(held, self._action, greedy)

    def let_go(self, ended: NDArray[np.bool_]) -> None:
        """Where an episode has ended (num_envs,) nothing is held any more."""
        self._left[ended] = 0

    def get_state(self) -> dict[str, Any]:
        """What is held, in plain arrays."""
        return {"action": self._action.copy(), "left": self._left.copy()}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self._action, self._left = state["action"].copy(), state["left"].copy()
