"""What the compiled loop works in: its functions by address, its network, and all its arrays."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mpn_rl.compiled import learning, pqn, rewards, stepped, targets
from mpn_rl.compiled.compiling import Address, by_address, entry
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
    """What a training works in, whatever plays its environments.

    `trained` are its weights, `kept` those that are validated and left behind.
    """

    made: CompiledNetwork
    trained: np.ndarray
    kept: np.ndarray
    learning: learning.Learning
    learn: Address
    rows: learning.Rows
    states: pqn.States
    running: pqn.Running
    counters: np.ndarray

    def enter(self, weights: np.ndarray) -> None:
        """Take these weights, the trained or the kept ones."""
        self.made.network.theta[: weights.size] = weights

    def leave(self) -> None:
        """Give the trained weights back."""
        self.trained[...] = self.made.network.theta[: self.trained.size]


class Loop(NamedTuple):
    """The arguments of `pqn.advance` beside a `Memory` and what is drawn."""

    advance: Callable[..., int]
    functions: pqn.Functions
    playing: Playing


class Steps(NamedTuple):
    """What goes from step to step where environments play in Python; see `compiled.stepped`."""

    think: Callable[..., None]
    take: Callable[..., None]
    learn: Callable[..., int]


class Episodes(NamedTuple):
    """The arguments of `pqn.play`."""

    play: Callable[..., int]
    functions: pqn.Functions
    playing: Playing
    greedy: pqn.Greedy


def take_memory(hp: Hyperparameters, learner: Learner, task: VectorTask, validating: int) -> Memory:
    """Compile or load network and updates, with arrays for environments at their first step.

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
    moments = learning.Moments(*optimizer.arrays())
    updates = _learning(hp, made, moments, rows)
    states = pqn.States(*(zeros((envs, made.state_dim)) for _ in range(3)))
    running = pqn.Running(
        zeros((envs, width)),
        np.ones(envs, np.bool_),
        np.zeros(envs),
        np.zeros(envs, np.int64),
        np.zeros(envs, np.int64),
        np.zeros(envs, np.int64),
        np.zeros(envs),
        np.zeros(rewards.SPREAD),
    )
    order, report = np.zeros((1, envs), np.int64), np.zeros((1, 2))
    given = made.network, updates, rows, running.rows, states.first, order, 1.0, 1.0, 1, report
    learn, trained = by_address(learning.learn, *given), optimizer.theta.numpy()
    kept = trained if optimizer.average is None else moments.average
    counters = np.zeros(pqn.COUNTERS, np.int64)
    return Memory(made, trained, kept, updates, learn, rows, states, running, counters)


def make_loop(memory: Memory, way: Played) -> Loop:
    """Compile or load the loop on a task that is played compiled."""
    made, _, _, updates, _, rows, states, running, counters = memory
    playing = way.playing(way.present(), len(running.rows))
    tasks = task_functions(way, playing)
    functions = pqn.Functions(made.unroll, made.think, memory.learn, tasks)
    drawn, report = _drawn(running), np.zeros((1, 2))
    arrays = made.network, updates, playing, rows, states, running, drawn
    advance = entry(pqn.advance, functions, *arrays, counters, report, report)
    return Loop(advance, functions, playing)


def make_steps(memory: Memory) -> Steps:
    """Compile or load what goes from step to step of environments that play in Python."""
    made, _, _, updates, learn, rows, states, running, counters = memory
    seen, start, report = running.seen, running.start, np.zeros((1, 2))
    outcome = stepped.Outcome(seen, zeros(start.shape), start, start, seen)
    take = entry(stepped.take, rows, running, states, outcome, 1.0, 1.0, counters, report)
    given = learn, made.network, updates, rows, states, running, _drawn(running)
    return Steps(made.thinking(), take, entry(stepped.learn_rollout, *given, counters, report))


def _drawn(running: pqn.Running) -> pqn.Drawn:
    """What is drawn, for its types."""
    order = running.rows.reshape(1, -1)
    chance = zeros(order.shape)
    return pqn.Drawn(np.zeros(1), chance, order, order.reshape(1, *order.shape), np.zeros(1))


def greedy_episodes(
    memory: Memory, loop: Loop, task: VectorTask, way: Played, starts: Starts
) -> Episodes:
    """Compile or load greedy episodes, as many beside each other as the task has environments."""
    envs = task.num_envs
    playing = way.playing(starts, envs)
    functions = loop.functions._replace(task=task_functions(way, playing))
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
        hp.reward_scale or 0.0,
        hp.gradient_clip,
        hp.weight_averaging or 0.0,
        min(hp.rollout_minibatches, envs),
        hp.rollout_length,
    )
    sequence = example_sequence()
    back = by_address(learning.back, network, backward, 3 * (sequence,), sequence.h)
    values = sequence.h, rows, np.zeros(1, np.int64), recipe, 1.0, minibatch.value, minibatch.target
    fill = by_address(targets.fill_targets, *values)
    return learning.Learning(made.unroll, back, fill, backward, moments, minibatch, recipe)
