"""CartPole seen in part: the velocities have to be inferred from what was seen before."""

from typing import Any

import numpy as np
from gymnasium import spaces

from mpn_rl.tasks.base import Floats
from mpn_rl.tasks.gymnasium_task import GymnasiumTask

# entries of a CartPole observation
CART_POSITION, CART_VELOCITY, POLE_ANGLE, POLE_VELOCITY = range(4)


class PartialCartPole(GymnasiumTask):
    """CartPole-v1 of which only some observation entries are shown.

    A subclass sets `shown`, indices into (cart position, cart velocity, pole angle, pole angular
    velocity). Reward +1 per step, 500 steps at most: the oracle's return is 500.
    """

    shown: tuple[int, ...]

    def __init__(
        self, num_envs: int = 1, *, render: bool = False, max_episode_steps: int | None = None
    ) -> None:
        """`max_episode_steps` None means CartPole's own 500."""
        super().__init__(
            num_envs, env_id="CartPole-v1", render=render, max_episode_steps=max_episode_steps
        )

    def _flat_space(self, space: spaces.Space[Any]) -> spaces.Box:
        box = super()._flat_space(space)
        entries = list(self.shown)
        return spaces.Box(box.low[entries], box.high[entries])

    def _flatten(self, observation: Any) -> Floats:
        return np.asarray(observation, np.float32)[list(self.shown)]


class PositionCartPole(PartialCartPole):
    """PositionCartPole-v1: cart position and pole angle only."""

    shown = (CART_POSITION, POLE_ANGLE)
