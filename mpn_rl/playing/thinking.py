"""A compiled network as an agent."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.compiled.acting import Exploring
from mpn_rl.compiled.memory import zeros
from mpn_rl.compiled.network import CompiledNetwork


class Thinking:
    """A compiled network that takes the best action in each of `envs` environments.

    `think` is what `made.thinking` gives. A `rollout.Greedy`.
    """

    def __init__(self, made: CompiledNetwork, think: Callable[..., None], envs: int) -> None:
        self._network, self._think = made.network, think
        self._modulations = made.state_dim - made.layers[1].beside
        self._state = zeros((envs, made.state_dim))
        self._seen, self._action = zeros((envs, made.entries)), np.zeros(envs, np.int64)
        self._start = np.zeros(envs, np.bool_)
        self._exploring = Exploring(0.0, zeros((envs,)), self._action)

    def __call__(self, time: int, observation: NDArray[Any]) -> NDArray[np.integer[Any]]:
        """Act; see `rollout.Agent`."""
        self._start[:] = time == 0
        self._seen[...] = observation
        action = np.zeros_like(self._action)
        exploring, seen, start = self._exploring, self._seen, self._start
        self._think(self._network, exploring, seen, start, self._state, action)
        return action

    @property
    def state_bytes(self) -> int:
        """Of one environment's state."""
        return self._state[:1].nbytes

    @property
    def x(self) -> NDArray[np.float32]:
        """What the core was given (env, input)."""
        return self._rows(self._network.x, 0)

    @property
    def h(self) -> NDArray[np.float32]:
        """What the core put out (env, hidden)."""
        return self._rows(self._network.h, 1)

    @property
    def q_values(self) -> NDArray[np.float32]:
        """Of each action (env, action)."""
        return self._rows(self._network.q, 2)

    @property
    def M(self) -> NDArray[np.float32]:
        """The modulations after the step (env, hidden, synapses), of a plastic core."""
        return self.state[:, :, : self._modulations // self._network.widths[1]]

    @property
    def state(self) -> NDArray[np.float32]:
        """What each hidden unit holds after the step (env, hidden, numbers), a view."""
        units = self._state.reshape(len(self._seen), -1, self._network.widths[1])
        state: NDArray[np.float32] = units.transpose(0, 2, 1)
        return state

    def hold(self, state: NDArray[np.float32]) -> None:
        """Go on from this state (env, hidden, numbers) instead of its own."""
        self.state[...] = state

    def _rows(self, numbers: NDArray[np.float32], layer: int) -> NDArray[np.float32]:
        width = self._network.widths[layer]
        return numbers[: len(self._seen) * width].reshape(-1, width).copy()
