"""The training of one seed by PQN in chunks of many steps, by a compiled network and learner.

Everything random is drawn outside and handed in: exploration and the order of environments from
the same streams, number by number, as in the plain way. Where chunks end changes no result.
"""

import time
from abc import abstractmethod
from typing import Any

import numpy as np

from mpn_rl.compiled import learning, pqn
from mpn_rl.learning.compiled_memory import Memory, take_memory
from mpn_rl.learning.pqn import PQN
from mpn_rl.learning.schedules import exploration_epsilon, learning_rate
from mpn_rl.learning.torch_random import raw_numbers
from mpn_rl.learning.training import SeedTraining

STEPS_OF_A_CHUNK = 4096
# Of steps of all environments: a chunk grows until it takes so many seconds, as a request to stop
# is obeyed between two.
PACE_SECONDS = 0.5
# What ends early has taken little time, and would let the pace grow without end.
LONGEST_PACE = 1_000_000


class ChunkedTraining(SeedTraining):
    """A `SeedTraining` that advances by up to `STEPS_OF_A_CHUNK` steps at a time."""

    learner: PQN
    first_pace = 1
    """Steps of all environments in the first chunk."""

    _memory: Memory | None = None

    def __init__(self, *arguments: Any) -> None:
        """As a `SeedTraining`."""
        super().__init__(*arguments)
        self._pace = self.first_pace

    def prepare(self) -> None:
        """Take the memory that is needed, and compile what is (seconds) or load it."""
        if self._memory is None:
            greedy = self._validation_task.num_envs
            self._memory = take_memory(self.hyperparameters, self.learner, self.task, greedy)
            self._memory.running.seen[...] = self._observation
            self._begin()

    @property
    def memory(self) -> Memory:
        """What it works in."""
        self.prepare()
        assert self._memory is not None
        return self._memory

    @abstractmethod
    def _begin(self) -> None:
        """Prepare the environments."""

    @abstractmethod
    def _steps(self, drawn: pqn.Drawn, episodes: np.ndarray) -> int:
        """Go on by the steps that are wanted, at most; how it went. See `pqn.advance`."""

    def advance(self) -> None:
        """Steps of every environment until a validation is due, at most a chunk, with updates.

        A validation that was cut off is done again, and no step is taken.
        """
        self.prepare()
        if not self._validation_due():
            self._go_on()
        if self.failure is None and self._validation_due():
            self._best = self._validate(self.history)

    def _go_on(self) -> None:
        hp, period = self.hyperparameters, self.validations.period
        wanted = min(STEPS_OF_A_CHUNK, period - self.steps % period)
        if hp.num_steps is not None:
            wanted = min(wanted, hp.num_steps - self.steps)
        began, steps = time.monotonic(), min(self._pace, max(1, -(-wanted // hp.num_envs)))
        went = self._chunk(steps)
        self._pace = paced(steps, time.monotonic() - began)
        if went == learning.NETWORK:
            self.failure = (
                f"the state of {hp.core} exploded beyond what numbers hold at step {self.steps}"
            )
        elif went != learning.FINE:
            name, column = ("loss", 0) if went == learning.LOSS else ("gradient norm", 1)
            number = float(self._report[self.memory.counters[pqn.REPORTED], column])
            self.failure = f"the {name} became {number} at update {self.learner.updates + 1}"

    def _chunk(self, wanted: int) -> int:
        hp, memory = self.hyperparameters, self.memory
        c, envs, epochs = memory.counters, hp.num_envs, hp.rollout_epochs
        minibatches = memory.learning.recipe.minibatches
        rollouts = (c[pqn.POSITION] + wanted) // hp.rollout_length
        exploration = self._exploration.get_state()
        sampling = self.learner.generator.bit_generator.state
        steps = self.steps + envs * np.arange(wanted)
        epsilon = np.array([exploration_epsilon(hp, int(at), 0) for at in steps])
        chance, any_action = self._explore(epsilon)
        orders = np.array(
            [
                [self.learner.generator.permutation(envs) for _ in range(epochs)]
                for _ in range(rollouts)
            ],
            dtype=np.int64,
        ).reshape(rollouts, epochs, envs)
        first = hp.rollout_length - c[pqn.POSITION]
        ends = self.steps + envs * (first + hp.rollout_length * np.arange(rollouts))
        rates = np.array([learning_rate(hp, int(at)) for at in ends])
        updates = rollouts * epochs * minibatches
        self._report = np.zeros((updates + 1, 2))
        episodes = np.zeros((wanted * envs, 4))
        most = np.iinfo(np.int64).max if hp.num_episodes is None else hp.num_episodes
        c[pqn.WANTED], c[pqn.MOST_EPISODES] = wanted, most
        c[pqn.ROLLOUTS] = c[pqn.REPORTED] = c[pqn.LISTED] = 0
        c[pqn.STEPS], c[pqn.UPDATES] = self.steps, self.learner.updates
        c[pqn.ENDED] = self.episodes
        memory.enter(memory.trained)
        went = self._steps(pqn.Drawn(epsilon, chance, any_action, orders, rates), episodes)
        memory.leave()
        self.learner.optimizer.steps = int(c[pqn.UPDATES])
        self.learner.steps = int(c[pqn.STEPS])
        self._enter(episodes[: c[pqn.LISTED]], steps)
        if c[pqn.DONE] < wanted or c[pqn.ROLLOUTS] < rollouts:
            # it came back early: what was drawn for later is drawn again
            self._exploration.set_state(exploration)
            self._explore(epsilon[: c[pqn.DONE]])
            self.learner.generator.bit_generator.state = sampling
            for _ in range(int(c[pqn.ROLLOUTS]) * epochs):
                self.learner.generator.permutation(envs)
        return went

    def _explore(self, epsilon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The chances (step, env) and any actions (step, env) that `select_action` would draw."""
        envs, explored = self.hyperparameters.num_envs, epsilon > 0
        raw = raw_numbers(self._exploration, 2 * envs * int(explored.sum()))
        chance = np.ones((len(epsilon), envs), np.float32)
        any_action = np.zeros((len(epsilon), envs), np.int64)
        drawn = raw.reshape(-1, 2, envs)
        chance[explored] = (drawn[:, 0] & 0xFFFFFF).astype(np.float32) * np.float32(2**-24)
        any_action[explored] = drawn[:, 1] % self.task.num_actions
        return chance, any_action

    def _enter(self, episodes: np.ndarray, steps: np.ndarray) -> None:
        """Enter in the history what happened in a chunk that had `steps` steps before each."""
        hp, history, c = self.hyperparameters, self.history, self.memory.counters
        history.episode_return += episodes[:, 0].tolist()
        history.episode_length += episodes[:, 1].astype(int).tolist()
        history.episode_end_step += episodes[:, 2].astype(int).tolist()
        history.exploration_epsilon += episodes[:, 3].tolist()
        reported = self._report[: c[pqn.REPORTED]]
        history.loss += reported[:, 0].tolist()
        history.gradient_norm += reported[:, 1].tolist()
        per = hp.rollout_epochs * min(hp.rollout_minibatches, hp.num_envs)
        first = int(steps[0]) // hp.num_envs // hp.rollout_length + 1
        history.loss_step += [
            (first + k // per) * hp.rollout_length * hp.num_envs for k in range(len(reported))
        ]

    def get_state(self) -> dict[str, Any]:
        """As `SeedTraining.get_state`, with where the chunks stand."""
        self.prepare()
        arrays = {name: array.copy() for name, array in self._arrays().items()}
        return super().get_state() | {"compiled": arrays}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self.prepare()
        super().set_state(state)
        for name, array in self._arrays().items():
            array[...] = state["compiled"][name]

    def _arrays(self) -> dict[str, np.ndarray]:
        """All that changes from step to step."""
        memory = self.memory
        many: dict[str, Any] = {
            "row": memory.rows,
            "running": memory.running,
            "state": memory.states,
        }
        arrays = {
            f"{kind}_{name}": array
            for kind, group in many.items()
            for name, array in zip(group._fields, group, strict=True)
        }
        return arrays | {"counters": memory.counters}


def paced(steps: int, seconds: float) -> int:
    """How many steps come next, where the last `steps` took `seconds`."""
    return max(1, min(4 * steps, LONGEST_PACE, int(steps * PACE_SECONDS / max(seconds, 1e-6))))
