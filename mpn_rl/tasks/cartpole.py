"""CartPole seen in part: what is not shown has to be inferred from what was shown before."""

from typing import Any

import numpy as np
from gymnasium import spaces

from mpn_rl.observations import ObservationForm, numbers
from mpn_rl.parameters.fields import Parameters
from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.gymnasium_task import GymnasiumTask

# entries of a CartPole observation, and its step in seconds
CART_POSITION, CART_VELOCITY, POLE_ANGLE, POLE_VELOCITY = range(4)
SECONDS_PER_STEP = 0.02

# push to the right where the state's product with these is positive: balances for 500 steps
BALANCE = np.array([0.1, 0.3, 1.0, 0.5])


class PartialCartPole(GymnasiumTask):
    """CartPole-v1 of which only some observation entries are shown.

    A subclass sets `shown`, indices into (cart position, cart velocity, pole angle, pole angular
    velocity). Reward +1 per step, 500 steps at most.

    Random actions return 22.2 on average, over 100,000 episodes. The memoryless policies are the
    best linear ones, a lower bound of the best there is.
    """

    shown: tuple[int, ...]

    def __init__(
        self,
        num_envs: int,
        parameters: Parameters,
        max_episode_steps: int | None = None,
        render: bool = False,
    ) -> None:
        """`max_episode_steps` None means CartPole's own 500."""
        del parameters  # which this task has none of
        super().__init__(
            num_envs, env_id="CartPole-v1", render=render, max_episode_steps=max_episode_steps
        )

    @property
    def observation_form(self) -> ObservationForm:
        """Plain numbers, as many as are shown."""
        return numbers(len(self.shown))

    def _flat_space(self) -> spaces.Box:
        box = super()._flat_space()
        entries = list(self.shown)
        return spaces.Box(box.low[entries], box.high[entries])

    def _flatten(self, observation: Any) -> Floats:
        return np.asarray(observation, np.float32)[list(self.shown)]

    def expected(self, agent: str) -> tuple[float, float] | None:
        """The oracle's, of balancing to the end: what is known of others was measured."""
        return super().expected(agent) if agent == "oracle" else None


class PositionCartPole(PartialCartPole):
    """PositionCartPole-v1: cart position and pole angle only.

    Without velocities every swing of the pole is larger than the one before: 44.9 steps on average.
    """

    shown = (CART_POSITION, POLE_ANGLE)

    def memoryless_action(self, observation: Floats) -> Ints:
        """Push towards where the pole leans, a little less the further the cart is there."""
        return (observation @ np.array([-0.325, 1.0]) > 0).astype(np.int64)

    def oracle_action(self, history: Floats) -> Ints:
        """Balance with velocities from the last two positions."""
        now = history[-1]
        velocity = (now - history[max(len(history) - 2, 0)]) / SECONDS_PER_STEP
        state = np.stack([now[:, 0], velocity[:, 0], now[:, 1], velocity[:, 1]], axis=1)
        return (state @ BALANCE > 0).astype(np.int64)


class VelocityCartPole(PartialCartPole):
    """VelocityCartPole-v1: cart velocity and pole angular velocity only.

    It hardly needs memory: a linear policy of the present velocities balances for 472 steps.
    """

    shown = (CART_VELOCITY, POLE_VELOCITY)

    def memoryless_action(self, observation: Floats) -> Ints:
        """Damp the pole, and a little the cart."""
        return (observation @ np.array([0.081, 1.0]) > 0).astype(np.int64)

    def oracle_action(self, history: Floats) -> Ints:
        """Balance with positions summed up from all velocities, from 0 at the start."""
        position = SECONDS_PER_STEP * history[:-1].sum(axis=0)
        now = history[-1]
        state = np.stack([position[:, 0], now[:, 0], position[:, 1], now[:, 1]], axis=1)
        return (state @ BALANCE > 0).astype(np.int64)
