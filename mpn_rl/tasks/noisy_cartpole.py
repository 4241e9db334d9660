"""NoisyPositionCartPole-v1: CartPole seen through noisy positions."""

import numpy as np
from gymnasium import spaces

from mpn_rl.parameters.tasks import NoiseParameters
from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.cartpole import CART_POSITION, POLE_ANGLE, SECONDS_PER_STEP, PartialCartPole

# Gymnasium's CartPole, linearised about the upright pole at rest (masses in kg, lengths in m)
GRAVITY, TOTAL_MASS, POLE_MASS, HALF_LENGTH, FORCE = 9.8, 1.1, 0.1, 0.5, 10.0
INERTIA = HALF_LENGTH * (4 / 3 - POLE_MASS / TOTAL_MASS)
POLE_ON_CART = POLE_MASS * HALF_LENGTH / TOTAL_MASS
TRANSITION = np.eye(4) + SECONDS_PER_STEP * np.array(
    [
        [0, 1, 0, 0],
        [0, 0, -POLE_ON_CART * GRAVITY / INERTIA, 0],
        [0, 0, 0, 1],
        [0, 0, GRAVITY / INERTIA, 0],
    ]
)
PUSH = (SECONDS_PER_STEP * FORCE / TOTAL_MASS) * np.array(
    [0, 1 + POLE_ON_CART / INERTIA, 0, -1 / INERTIA]
)
SEEN = np.eye(4)[[CART_POSITION, POLE_ANGLE]]
# of the estimated state: found by a random search, gentler on the cart than with exact velocities
BALANCE_ESTIMATE = np.array([0.021, 0.089, 1.0, 0.193])


class NoisyPositionCartPole(PartialCartPole):
    """Cart position and pole angle with Gaussian noise at every step.

    The standard deviation is `observation_noise`, in metres and in radians; the pole counts as
    fallen at 0.21 rad. An episode's seed decides its noise too, whatever others are played. (Noise
    of 0.1 on the full state would need no memory: a linear policy of what is seen then balances for
    500 steps.) At a noise of 0.1 the memoryless policy balances for 50.1 steps on average and the
    oracle for 489.5; it has a Kalman filter, a lower bound of the best there is.
    """

    shown = (CART_POSITION, POLE_ANGLE)

    def __init__(
        self,
        num_envs: int,
        parameters: NoiseParameters,
        max_episode_steps: int | None = None,
        render: bool = False,
    ) -> None:
        super().__init__(num_envs, parameters, max_episode_steps, render)
        self.observation_noise = parameters.observation_noise
        exact = self.single_observation_space
        assert isinstance(exact, spaces.Box)
        spread = 6 * self.observation_noise
        self._bounds = exact.low - spread, exact.high + spread
        self._noise = [np.random.default_rng(0)] * num_envs  # an episode's own, once it begins
        self._set_spaces(spaces.Box(*self._bounds), self.num_actions)

    @staticmethod
    def generator_of(seed: int) -> np.random.Generator:
        """Of the noise of an episode, standard normal numbers (step, entry)."""
        return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))

    def _begin(self, n: int, seed: int) -> None:
        super()._begin(n, seed)
        self._noise[n] = self.generator_of(seed)
        self._add_noise(n)

    def _act(self, n: int, action: int) -> tuple[float, bool, bool]:
        result = super()._act(n, action)
        self._add_noise(n)
        return result

    def _add_noise(self, n: int) -> None:
        noise = self.observation_noise * self._noise[n].standard_normal(self.observation_dim)
        self._observations[n] = np.clip(self._observations[n] + noise, *self._bounds)

    def memoryless_action(self, observation: Floats) -> Ints:
        """Push towards where the pole seems to lean."""
        return (observation @ np.array([-0.105, 1.0]) > 0).astype(np.int64)

    def oracle_action(self, history: Floats) -> Ints:
        """Balance the Kalman filter's estimate; its own earlier actions follow from the history."""
        estimate = np.zeros((history.shape[1], 4))
        covariance = np.eye(4) * 0.05**2 / 3  # each entry starts uniform in [-0.05, 0.05]
        actions = np.zeros(history.shape[1], np.int64)
        for t, seen in enumerate(history):
            if t > 0:
                estimate = estimate @ TRANSITION.T + np.outer(2 * actions - 1, PUSH)
                covariance = TRANSITION @ covariance @ TRANSITION.T + 1e-6 * np.eye(4)
            spread = SEEN @ covariance @ SEEN.T + self.observation_noise**2 * np.eye(2)
            gain = covariance @ SEEN.T @ np.linalg.inv(spread)
            estimate = estimate + (seen - estimate @ SEEN.T) @ gain.T
            covariance = covariance - gain @ SEEN @ covariance
            actions = (estimate @ BALANCE_ESTIMATE > 0).astype(np.int64)
        return actions
