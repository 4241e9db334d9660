"""What the compiled loop works in: its functions by address, its network, and all its arrays."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mpn_rl.compiled import learning, pqn, targets
from mpn_rl.compiled.compiling import by_address, entry
from mpn_rl.compiled.memory import empty, zeros
from mpn_rl.compiled.network import (
    CompiledNetwork,
    backward_functions,
    compiled_network,
    example_sequence,
)
from mpn_rl.compiled.tasks import Functions, Playing
from mpn_rl.learning.adam import named_weights
from mpn_rl.learning.learner import Learner
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.tasks.bank import Played, Starts
from mpn_rl.tasks.base import VectorTask


class Memory(NamedTuple):
    """The arguments of `pqn.advance` but for what is drawn; `trained` are the network's weights."""

    advance: Callable[..., int]
    functions: pqn.Functions
    made: CompiledNetwork
    trained: np.ndarray
    learning: learning.Learning
    playing: Playing
    rows: learning.Rows
    states: pqn.States
    running: pqn.Running
    counters: np.ndarray

    def enter(self) -> None:
        """Take the trained weights from the network."""
        self.made.network.theta[: self.trained.size] = self.trained

    def leave(self) -> None:
        """Give them back."""
        self.trained[...] = self.made.network.theta[: self.trained.size]


class Episodes(NamedTuple):
    """The arguments of `pqn.play`."""

    play: Callable[..., int]
    functions: pqn.Functions
    playing: Playing
    greedy: pqn.Greedy


def take_memory(
    hp: Hyperparameters, learner: Learner, task: VectorTask, way: Played, validating: int
) -> Memory:
    """Compile or load the loop, with arrays for these environments at their first step.

    There is room for `validating` greedy episodes beside each other.
    """
    envs, width = hp.num_envs, task.observation_dim
    rows = _rows(2 * hp.rollout_length + 2, envs, width)
    batch = max(envs, validating)
    form, actions = task.observation_form, task.num_actions
    made = compiled_network(
        hp, form, actions, named_weights(learner.online), batch, len(rows.start), rows.start.size
    )
    optimizer = learner.optimizer
    moments = learning.Moments(optimizer.mean.numpy(), optimizer.square.numpy())
    updates = _learning(hp, made, moments, rows)
    playing = way.playing(way.present(), envs)
    states = pqn.States(*(zeros((envs, made.state_dim)) for _ in range(3)))
    running = pqn.Running(
        zeros((envs, width)),
        np.ones(envs, np.bool_),
        np.zeros(envs),
        np.zeros(envs, np.int64),
        np.zeros(envs, np.int64),
        np.zeros(envs, np.int64),
    )
    order, report, one = np.zeros((1, envs), np.int64), np.zeros((1, 2)), np.zeros(1, np.int64)
    given = made.network, updates, rows, running.rows, states.first, order, 1.0, 1, report
    learn = by_address(learning.learn, *given)
    functions = pqn.Functions(made.unroll, made.think, learn, task_functions(way, playing))
    drawn = pqn.Drawn(np.zeros(1), zeros((1, envs)), order, order.reshape(1, 1, envs), np.zeros(1))
    arrays = (made.network, updates, playing, rows, states, running, drawn, one, report, report)
    advance = entry(pqn.advance, functions, *arrays)
    trained = optimizer.theta.numpy()
    return Memory(
        advance,
        functions,
        made,
        trained,
        updates,
        playing,
        rows,
        states,
        running,
        np.zeros(pqn.COUNTERS, np.int64),
    )


def greedy_episodes(memory: Memory, task: VectorTask, way: Played, starts: Starts) -> Episodes:
    """Compile or load greedy episodes, as many beside each other as the task has environments."""
    envs = task.num_envs
    playing = way.playing(starts, envs)
    functions = memory.functions._replace(task=task_functions(way, playing))
    greedy = pqn.Greedy(
        zeros((envs, memory.made.state_dim)),
        zeros((envs, task.observation_dim)),
        np.zeros(envs, np.bool_),
        np.zeros(envs, np.bool_),
        np.zeros(envs, np.int64),
    )
    given = functions, memory.made.network, playing, greedy, np.zeros((1, 3)), 0, True, 1
    return Episodes(entry(pqn.play, *given), functions, playing, greedy)


def task_functions(way: Played, playing: Playing) -> Functions:
    """The task's functions by address."""
    reset, step, show = way.functions
    seen = zeros((1, 1))
    return Functions(
        by_address(reset, playing, 0, 0),
        by_address(step, playing, 0, 0),
        by_address(show, playing, 0, seen),
    )


def _rows(length: int, envs: int, width: int) -> learning.Rows:
    return learning.Rows(
        zeros((length, envs, width)),
        np.zeros((length, envs), np.int64),
        zeros((length, envs)),
        np.zeros((length, envs), np.int64),
        np.zeros((length, envs), np.bool_),
        np.zeros((length, envs), np.bool_),
    )


def _learning(
    hp: Hyperparameters, made: CompiledNetwork, moments: learning.Moments, rows: learning.Rows
) -> learning.Learning:
    network, (length, envs, width) = made.network, rows.obs.shape
    backward = learning.Backward(
        backward_functions(made.layers),
        zeros(network.theta.shape),
        empty(network.h.shape),
        empty(network.x.shape),
        empty((max(1, *(layer.work for layer in made.layers)),)),
    )
    minibatch = learning.Minibatch(
        zeros((length, envs)),
        zeros((length, envs)),
        zeros((length * envs * width,)),
        np.zeros(length * envs, np.bool_),
        zeros((envs, made.state_dim)),
        zeros((network.q.size,)),
    )
    recipe = learning.Recipe(
        hp.gamma,
        -1.0 if hp.return_lambda is None else hp.return_lambda,
        hp.n_step,
        hp.value_rescaling,
        hp.gradient_clip,
        min(hp.rollout_minibatches, envs),
        hp.rollout_length,
    )
    sequence = example_sequence()
    back = by_address(learning.back, network, backward, 3 * (sequence,), sequence.h)
    values = sequence.h, rows, np.zeros(1, np.int64), recipe, minibatch.value, minibatch.target
    fill = by_address(targets.fill_targets, *values)
    return learning.Learning(made.unroll, back, fill, backward, moments, minibatch, recipe)
