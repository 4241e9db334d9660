"""The training of one seed by PQN, compiled: chunks of many steps instead of one step at a time.

The hyper-parameters alone decide whether a seed is trained so (`why_not`). Everything random is
drawn outside and handed in: starts of episodes by the task, exploration and the order of
environments from the same streams, number by number, as in the plain way.
"""

import logging
import math
import time
from typing import Any

import numpy as np
import torch

from mpn_rl.interruption import check
from mpn_rl.learning import kernel_pqn as kernels
from mpn_rl.learning.compiled_network import layers_of
from mpn_rl.learning.learner import copy_state_dict
from mpn_rl.learning.pqn import PQN
from mpn_rl.learning.results import History
from mpn_rl.learning.schedules import exploration_epsilon, learning_rate
from mpn_rl.learning.torch_random import raw_numbers
from mpn_rl.learning.training import Best, SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import EpisodeScores
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.bank import FEWEST, Starts, can_be_played, first_starts, joined, played

STEPS_OF_A_CHUNK = 4096
# Of steps of all environments: a chunk begins so short, and grows until it takes so many seconds,
# as a request to stop is obeyed between two. Where chunks end changes no result.
FIRST_PACE, PACE_SECONDS = 16, 0.5

log = logging.getLogger(__name__)


def why_not(hp: Hyperparameters) -> str | None:
    """What these hyper-parameters ask for that the compiled way has not; None: it is taken."""
    plastic = hp.core == "mpn"
    missing = {
        f"learner {hp.learner}": hp.learner != "pqn",
        f"core {hp.core}": hp.core not in ("mpn", "rnn", "gru", "lstm"),
        f"encoder {hp.encoder}": hp.encoder not in (None, "dense"),
        f"observation_kind {hp.observation_kind}": hp.observation_kind not in (None, "numbers"),
        "env_wrappers": hp.env_wrappers is not None,
        "observation_normalisation": hp.observation_normalisation,
        f"task {hp.task}": not can_be_played(hp.task),
        "epsilon_schedule exponential": hp.epsilon_schedule != "linear",
        "previous_action or previous_reward": hp.previous_action or hp.previous_reward,
        "num_layers above 1": plastic and hp.num_layers > 1,
        "M_bound": plastic and hp.M_bound is not None,
        "modulation additive": plastic and hp.modulation != "multiplicative",
        "rates that are not scalars": plastic and {hp.eta_shape, hp.lambda_shape} != {"scalar"},
    }
    return next((name for name, asked in missing.items() if asked), None)


class CompiledTraining(SeedTraining):
    """A `SeedTraining` that advances by up to `STEPS_OF_A_CHUNK` steps at a time."""

    learner: PQN

    def __init__(self, hyperparameters: Hyperparameters, seed: int) -> None:
        super().__init__(hyperparameters, seed)
        self._prepared, self._pace, self._validation_pace = False, FIRST_PACE, FIRST_PACE

    def prepare(self) -> None:
        """Take the memory that is needed, and compile the loop (half a minute) or load it."""
        if not self._prepared:
            self._take_memory()
            kernels.prepare(
                self._layers.forward,
                self._layers.backward,
                (self._way.reset, self._way.step, self._way.show),
            )
            self._prepared = True

    def _take_memory(self) -> None:
        hp, envs = self.hyperparameters, self.hyperparameters.num_envs
        way, greedy = played(self.task), played(self._validation_task)
        assert way is not None
        assert greedy is not None
        self._way, self._greedy = way, greedy
        network = self.learner.online
        actions, width = self.task.num_actions, self.task.observation_dim
        length = 2 * hp.rollout_length + 2
        validating = min(self.validations.episodes, self._validation_task.num_envs)
        self._layers = layers_of(network, length * envs, envs, validating)
        self._starts = way.present()
        self._positions, self._counts = np.zeros((envs, 4)), np.zeros((envs, 4), np.int64)
        self._counters = np.zeros(kernels.COUNTERS, np.int64)
        for n in range(envs):
            way.reset(self._positions, self._counts, n, self._starts.bank, n)
        self._counters[kernels.BEGUN] = envs
        state_dim = math.prod(network.core.state_shape)
        self._states = tuple(np.zeros((envs, state_dim), np.float32) for _ in range(3))
        self._rows = (
            np.zeros((length, envs, width), np.float32),
            np.zeros((length, envs), np.int64),
            np.zeros((length, envs), np.float32),
            np.zeros((length, envs), np.int64),
            np.zeros((length, envs), np.bool_),
            np.zeros((length, envs), np.bool_),
        )
        self._parts = (
            np.zeros((length, envs), np.float32),
            np.zeros((length, envs), np.float32),
            np.zeros(length * envs * width, np.float32),
            np.zeros(length * envs, np.bool_),
            np.zeros((envs, state_dim), np.float32),
            np.zeros(length * envs * actions, np.float32),
        )
        self._running = (
            self._observation.astype(np.float32).copy(),
            self._start.copy(),
            self._return.copy(),
            self._length.copy(),
            np.zeros(envs, np.int64),
        )
        self._validation_starts = first_starts(
            self._validation_task,
            greedy,
            self.validations.episodes,
            integer_seed(self.seed, "validation_task"),
        )
        self._playing = (
            np.zeros((validating, state_dim), np.float32),
            np.zeros((validating, width), np.float32),
            np.zeros(validating, np.bool_),
            np.zeros((validating, 4)),
            np.zeros((validating, 4), np.int64),
        )

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
        self._pace = _paced(steps, time.monotonic() - began)
        if went == kernels.NETWORK:
            self.failure = (
                f"the state of {hp.core} exploded beyond what numbers hold at step {self.steps}"
            )
        elif went != kernels.FINE:
            name, column = ("loss", 0) if went == kernels.LOSS else ("gradient norm", 1)
            number = float(self._report[self._counters[kernels.REPORTED], column])
            self.failure = f"the {name} became {number} at update {self.learner.updates + 1}"

    def _chunk(self, wanted: int) -> int:
        hp, c, way, layers = self.hyperparameters, self._counters, self._way, self._layers
        envs, epochs = hp.num_envs, hp.rollout_epochs
        minibatches = min(hp.rollout_minibatches, envs)
        self._refill(wanted)
        rollouts = (c[kernels.POSITION] + wanted) // hp.rollout_length
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
        first = hp.rollout_length - c[kernels.POSITION]
        ends = self.steps + envs * (first + hp.rollout_length * np.arange(rollouts))
        rates = np.array([learning_rate(hp, int(at)) for at in ends])
        updates = rollouts * epochs * minibatches
        self._report = np.zeros((updates + 1, 2))
        episodes = np.zeros((wanted * envs, 4))
        most = np.iinfo(np.int64).max if hp.num_episodes is None else hp.num_episodes
        c[kernels.WANTED], c[kernels.MOST_EPISODES] = wanted, most
        c[kernels.ROLLOUTS] = c[kernels.REPORTED] = c[kernels.LISTED] = 0
        c[kernels.STEPS], c[kernels.UPDATES] = self.steps, self.learner.updates
        c[kernels.ENDED] = self.episodes
        mixing = -1.0 if hp.return_lambda is None else hp.return_lambda
        layers.enter()
        went: int = kernels.advance(
            *layers.forward,
            *layers.backward,
            way.reset,
            way.step,
            way.show,
            layers.plans,
            layers.widths,
            layers.theta,
            layers.gradient,
            (self.learner.optimizer.mean.numpy(), self.learner.optimizer.square.numpy()),
            self._positions,
            self._counts,
            *self._starts,
            way.sizes,
            self._rows,
            self._parts,
            layers.room,
            self._states,
            self._running,
            (epsilon, chance, any_action),
            orders,
            rates,
            (hp.gamma, mixing, hp.n_step, hp.value_rescaling),
            (hp.gradient_clip, minibatches, hp.rollout_length),
            c,
            self._report,
            episodes,
        )
        layers.leave()
        self.learner.optimizer.steps = int(c[kernels.UPDATES])
        self.learner.steps = int(c[kernels.STEPS])
        self._enter(episodes[: c[kernels.LISTED]], steps)
        if c[kernels.DONE] < wanted or c[kernels.ROLLOUTS] < rollouts:
            # it came back early: what was drawn for later is drawn again
            self._exploration.set_state(exploration)
            self._explore(epsilon[: c[kernels.DONE]])
            self.learner.generator.bit_generator.state = sampling
            for _ in range(int(c[kernels.ROLLOUTS]) * epochs):
                self.learner.generator.permutation(envs)
        return went

    def _refill(self, wanted: int) -> None:
        """Begin the bank anew: the running episodes' starts, those left, and new ones."""
        c, counts, envs = self._counters, self._counts, self.hyperparameters.num_envs
        left = slice(c[kernels.BEGUN], None)
        few = max(FEWEST, 2 * envs)
        parts = [
            type(self._starts)(*(array[counts[:, 0]] for array in self._starts)),
            type(self._starts)(*(array[left] for array in self._starts)),
        ]
        if len(parts[1].bank) < few:
            whole = -(-few // envs) * envs
            parts.append(self._way.draw(whole))
        self._starts = joined(parts)
        counts[:, 0] = np.arange(envs)
        c[kernels.BEGUN] = envs

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
        hp, history, c = self.hyperparameters, self.history, self._counters
        history.episode_return += episodes[:, 0].tolist()
        history.episode_length += episodes[:, 1].astype(int).tolist()
        history.episode_end_step += episodes[:, 2].astype(int).tolist()
        history.exploration_epsilon += episodes[:, 3].tolist()
        reported = self._report[: c[kernels.REPORTED]]
        history.loss += reported[:, 0].tolist()
        history.gradient_norm += reported[:, 1].tolist()
        per = hp.rollout_epochs * min(hp.rollout_minibatches, hp.num_envs)
        first = int(steps[0]) // hp.num_envs // hp.rollout_length + 1
        history.loss_step += [
            (first + k // per) * hp.rollout_length * hp.num_envs for k in range(len(reported))
        ]

    def _validate(self, history: History) -> Best:
        self.prepare()
        layers = self._layers
        scores = np.zeros((self.validations.episodes, 3))
        layers.enter()
        at_once = len(self._playing[0])
        for begun in range(0, self.validations.episodes, at_once):
            steps, going = 0, at_once
            while going > 0:
                check()
                began = time.monotonic()
                going = self._play(begun, steps == 0, scores)
                steps += self._validation_pace
                self._validation_pace = _paced(self._validation_pace, time.monotonic() - began)
        made = EpisodeScores(scores[:, 0], scores[:, 1].astype(np.int64), scores[:, 2])
        online = self.learner.online
        history.add_validation(self.steps, made, online.core.rates())
        mean = float(made.returns.mean())
        if mean < self._best.mean_return:
            return self._best
        return Best(mean, self.steps, copy_state_dict(online))

    def _play(self, begun: int, anew: bool, scores: np.ndarray) -> int:
        """Some steps of the greedy episodes from number `begun` on; return how many still go on."""
        layers, greedy = self._layers, self._greedy
        going: int = kernels.play(
            *layers.forward,
            greedy.reset,
            greedy.step,
            greedy.show,
            layers.plans,
            layers.widths,
            layers.theta,
            *self._validation_starts,
            greedy.sizes,
            self._playing,
            layers.room,
            scores,
            (begun, anew, self._validation_pace),
        )
        return going

    def get_state(self) -> dict[str, Any]:
        """As `SeedTraining.get_state`, with where the compiled loop stands."""
        self.prepare()
        arrays = {name: array.copy() for name, array in self._arrays().items()}
        bank = dict(zip(self._starts._fields, self._starts, strict=True))
        return super().get_state() | {"compiled": arrays | bank}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self.prepare()
        super().set_state(state)
        saved = state["compiled"]
        for name, array in self._arrays().items():
            array[...] = saved[name]
        self._starts = Starts(saved["bank"], saved["answers"])

    def _arrays(self) -> dict[str, np.ndarray]:
        """All that changes as the loop goes on, but for the bank."""
        many = {"row": self._rows, "running": self._running, "state": self._states}
        arrays = {
            f"{name}_{k}": array for name, group in many.items() for k, array in enumerate(group)
        }
        return arrays | {
            "positions": self._positions,
            "counts": self._counts,
            "counters": self._counters,
        }


def _paced(steps: int, seconds: float) -> int:
    """How many steps come next, where the last `steps` took `seconds`."""
    return max(1, min(4 * steps, int(steps * PACE_SECONDS / max(seconds, 1e-6))))


def make_training(
    hyperparameters: Hyperparameters,
    seed: int,
    device: str | torch.device = "cpu",
    env_processes: int = 1,
) -> SeedTraining:
    """The seed's training, compiled where the hyper-parameters allow it; the log says so."""
    reason = why_not(hyperparameters)
    if torch.device(device).type != "cpu":
        reason = f"device {device}"
    if reason is not None:
        log.info("seed %d: trained step by step, as %s is not compiled", seed, reason)
        return SeedTraining(hyperparameters, seed, device, env_processes)
    log.info("seed %d: trained in the compiled loop", seed)
    return CompiledTraining(hyperparameters, seed)
