"""Acting and the updates of double Q-learning from replayed sequences, in compiled functions."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mpn_rl.compiled import double_q, learning
from mpn_rl.compiled.acting import Exploring
from mpn_rl.compiled.compiling import by_address, entry
from mpn_rl.compiled.memory import empty, zeros
from mpn_rl.compiled.network import (
    CompiledNetwork,
    backward_functions,
    compiled_network,
    example_sequence,
)
from mpn_rl.learning.adam import Adam, named_weights
from mpn_rl.learning.replay import Drawn, SequenceReplay
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import Agent
from mpn_rl.playing.thinking import Thinking


class CompiledReplay:
    """Two networks as compiled functions take them, and room for sequences.

    Nothing is kept from one update to the next but in the replay, the optimiser and
    `theta_target`, the target network's weights in one vector.
    """

    def __init__(
        self, hyperparameters: Hyperparameters, online: MPNDQN, optimizer: Adam, target: np.ndarray
    ) -> None:
        hp = self._hp = hyperparameters
        self._online, self._optimizer = online, optimizer
        self._theta, self._theta_target = optimizer.theta.numpy(), target
        average = optimizer.average
        self._kept = self._theta if average is None else average.numpy()
        self._replayed = double_q.Replayed(
            hp.burn_in_length or 0,
            hp.priority_max_weight,
            hp.priority_exponent,
            hp.target_update_period,
            hp.target_update_rate,
        )
        self.report, self.priority = np.zeros(2), np.zeros(hp.batch_size)
        self._most = max(hp.num_envs, hp.batch_size)
        self._take_memory(2 if hp.sequence_length is None else hp.sequence_length + 1)

    def _take_memory(self, steps: int) -> None:
        """Make room for sequences of so many rows."""
        hp, online, batch = self._hp, self._online, self._hp.batch_size
        form, weights = online.observation_form, named_weights(online)
        size = steps * batch
        made = compiled_network(hp, form, online.action_dim, weights, self._most, steps, size)
        self._made, self._think = made, made.thinking()
        network = self._network = made.network
        self._followed = network._replace(theta=network.theta.copy(), q=empty(network.q.shape))
        self._learning = _learning(hp, made, self._optimizer, steps)
        self._steps, self._state = steps, zeros((batch, made.state_dim))
        self._columns = (
            zeros((size * form.dim,)),
            np.zeros(size, np.int64),
            zeros((size,)),
            np.zeros(size, np.int64),
            np.zeros(size, np.bool_),
            np.zeros(size, np.bool_),
        )
        self._update = entry(double_q.update, *self._given(self._rows(2), 0.0, 1.0))

    def _rows(self, steps: int) -> learning.Rows:
        """Room for so many rows, (time, batch, …)."""
        batch, dim = self._hp.batch_size, self._online.observation_form.dim
        obs, *others = (column[: len(column) // self._steps * steps] for column in self._columns)
        many = (column.reshape(steps, batch) for column in others)
        return learning.Rows(obs.reshape(steps, batch, dim), *many)

    def _given(self, rows: learning.Rows, rate: float, scale: float) -> tuple[Any, ...]:
        networks = self._network, self._followed
        now = self._state, rate, scale, self._optimizer.steps, self.report, self.priority
        return *networks, self._learning, self._replayed, rows, *now

    def sample(
        self, replay: SequenceReplay, generator: np.random.Generator
    ) -> tuple[Drawn, learning.Rows]:
        """Draw sequences and take their rows, and the states before them."""
        drawn = replay.draw(self._hp.batch_size, generator)
        steps = int(drawn.length.max())
        if steps > self._steps:
            self._take_memory(max(steps, self._steps + self._steps // 2))
        rows = self._rows(steps)
        streams = double_q.Streams(**replay.columns)
        double_q.gather(streams, drawn.env, drawn.first, drawn.length, rows)
        if replay.state is not None:
            states = replay.state.reshape(*replay.state.shape[:2], *_columns_of(self._online))
            window = drawn.first // replay.stride % states.shape[1]
            double_q.gather_states(states, drawn.env, window, self._state)
        return drawn, rows

    def choose(
        self,
        observation: NDArray[Any],
        state: Tensor,
        epsilon: float,
        generator: torch.Generator,
    ) -> tuple[NDArray[np.int64], Tensor]:
        """As `Learner.choose`."""
        envs = len(observation)
        shape = envs, *_columns_of(self._online)
        turned = state.detach().numpy().reshape(shape).transpose(0, 2, 1)
        now = zeros((envs, self._made.state_dim))
        now.reshape(turned.shape)[...] = turned
        action, start = np.zeros(envs, np.int64), np.zeros(envs, np.bool_)
        exploring = Exploring(0.0, zeros((envs,)), action)
        if epsilon > 0:
            chance = torch.rand(envs, generator=generator).numpy()
            any_action = torch.randint(self._online.action_dim, (envs,), generator=generator)
            exploring = Exploring(epsilon, chance, any_action.numpy())
        self._network.theta[: self._theta.size] = self._theta
        seen = np.ascontiguousarray(observation, np.float32)
        self._think(self._network, exploring, seen, start, now, action)
        after = torch.from_numpy(now.reshape(turned.shape).transpose(0, 2, 1))
        return action, after.reshape(state.shape)

    def greedy(self, envs: int) -> Agent:
        """As `Learner.greedy`."""
        if envs > self._most:
            self._most = envs
            self._take_memory(self._steps)
        self._network.theta[: self._theta.size] = self._kept
        return Thinking(self._made, self._think, envs)

    def update(self, rows: learning.Rows, rate: float, scale: float) -> None:
        """Learn from sequences, whose rewards are multiplied by scale.

        `report` gets loss and gradient norm, `priority` that of each sequence.
        Nothing is learned where one of the two is not finite.
        """
        size = self._theta.size
        online, target = self._network.theta[:size], self._followed.theta[:size]
        online[...], target[...] = self._theta, self._theta_target
        if self._update(*self._given(rows, rate, scale)) == learning.FINE:
            self._optimizer.steps += 1
            self._theta[...], self._theta_target[...] = online, target


def _columns_of(network: MPNDQN) -> tuple[int, int]:
    """A state as (rows, columns) of which the compiled core has the columns one after the other."""
    shape = network.core.state_shape
    if network.core.rates():
        return shape[0], shape[1]
    return int(np.prod(shape)), 1


def _learning(
    hp: Hyperparameters, made: CompiledNetwork, optimizer: Adam, steps: int
) -> learning.Learning:
    network, batch, sequence = made.network, hp.batch_size, example_sequence()
    backward = learning.Backward(
        backward_functions(made.layers),
        zeros(network.theta.shape),
        empty(network.h.shape),
        empty(network.x.shape),
        empty((max(1, *(layer.work for layer in made.layers)),)),
    )
    back = by_address(learning.back, network, backward, 3 * (sequence,), sequence.h)
    moments = learning.Moments(*optimizer.arrays())
    values = zeros((steps, batch)), zeros((steps, batch))
    state, grad_q = zeros((batch, made.state_dim)), zeros((network.q.size,))
    minibatch = learning.Minibatch(*values, None, None, state, grad_q)
    mixing = -1.0 if hp.return_lambda is None else hp.return_lambda
    returns = hp.gamma, mixing, hp.n_step, hp.value_rescaling, hp.reward_scale or 0.0
    recipe = learning.Recipe(*returns, hp.gradient_clip, hp.weight_averaging or 0.0, 1, 0)
    return learning.Learning(made.unroll, back, None, backward, moments, minibatch, recipe)
