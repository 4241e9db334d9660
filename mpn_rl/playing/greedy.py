"""A network of torch as an agent."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mpn_rl.networks.q_network import MPNDQN


class GreedyNetwork:
    """A network that takes the best action; a `rollout.Greedy`, in any number of environments."""

    def __init__(self, network: MPNDQN) -> None:
        self.network, self.device = network, next(network.parameters()).device

    @torch.no_grad()
    def __call__(self, time: int, observation: NDArray[Any]) -> NDArray[np.integer[Any]]:
        """Act; see `rollout.Agent`."""
        network = self.network
        if time == 0:
            self._state = network.init_state(len(observation))
        x = network.encoder(torch.as_tensor(observation, device=self.device))
        self._x = x
        self._h, self._state = network.core.step(x, self._state)
        self._q_values = network.q_head(self._h)
        return _array(self._q_values.argmax(dim=-1))

    @property
    def state_bytes(self) -> int:
        """Of one environment's state."""
        return self.network.init_state(1).nbytes

    @property
    def x(self) -> NDArray[np.float32]:
        """What the core was given (env, input)."""
        return _array(self._x)

    @property
    def h(self) -> NDArray[np.float32]:
        """What the core put out (env, hidden)."""
        return _array(self._h)

    @property
    def q_values(self) -> NDArray[np.float32]:
        """Of each action (env, action)."""
        return _array(self._q_values)

    @property
    def M(self) -> NDArray[np.float32]:
        """The modulations after the step (env, hidden, synapses), of a plastic core."""
        return _array(self.network.core.modulations(self._state))

    @property
    def state(self) -> NDArray[np.float32]:
        """What each hidden unit holds after the step (env, hidden, numbers)."""
        units = self._state.movedim(self._units, 1)
        return _array(units.reshape(*units.shape[:2], -1))

    def hold(self, state: NDArray[np.float32]) -> None:
        """Go on from this state (env, hidden, numbers) instead of its own."""
        held = torch.as_tensor(state, device=self.device).movedim(1, self._units)
        self._state = held.reshape(self._state.shape)

    @property
    def _units(self) -> int:
        """Which axis of a state is that of the hidden units: for h and c it is behind them."""
        return 1 + self.network.core.state_shape.index(self.network.core.hidden_dim)


def _array(tensor: Tensor) -> Any:
    return tensor.cpu().numpy()
