"""The training of one seed by PQN, compiled: chunks of many steps instead of one step at a time.

The hyper-parameters alone decide whether a seed is trained so (`why_not`). Everything random is
drawn outside and handed in: starts of episodes by the task, exploration and the order of
environments from the same streams, number by number, as in the plain way.
"""

import logging
import time
from typing import Any

import numpy as np
import torch

from mpn_rl.compiled import learning, pqn
from mpn_rl.compiled.network import why_not_network
from mpn_rl.interruption import check
from mpn_rl.learning.compiled_memory import greedy_episodes, take_memory
from mpn_rl.learning.learner import copy_state_dict
from mpn_rl.learning.pqn import PQN
from mpn_rl.learning.results import History
from mpn_rl.learning.schedules import exploration_epsilon, learning_rate
from mpn_rl.learning.torch_random import raw_numbers
from mpn_rl.learning.training import Best, SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import EpisodeScores
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.bank import FEWEST, Starts, first_starts, joined, played, why_not_played

STEPS_OF_A_CHUNK = 4096
# Of steps of all environments: a chunk begins so short, and grows until it takes so many seconds,
# as a request to stop is obeyed between two. Where chunks end changes no result.
FIRST_PACE, PACE_SECONDS = 16, 0.5

log = logging.getLogger(__name__)


def why_not(hp: Hyperparameters) -> str | None:
    """What these hyper-parameters ask for that the compiled way has not; None: it is taken."""
    missing = {
        f"learner {hp.learner}": hp.learner != "pqn",
        "env_wrappers": hp.env_wrappers is not None,
        "epsilon_schedule exponential": hp.epsilon_schedule != "linear",
    }
    asked_for = next((name for name, asked in missing.items() if asked), None)
    return asked_for or why_not_played(hp) or why_not_network(hp)


class CompiledTraining(SeedTraining):
    """A `SeedTraining` that advances by up to `STEPS_OF_A_CHUNK` steps at a time."""

    learner: PQN

    def __init__(self, hyperparameters: Hyperparameters, seed: int) -> None:
        super().__init__(hyperparameters, seed)
        self._prepared, self._pace, self._validation_pace = False, FIRST_PACE, FIRST_PACE

    def prepare(self) -> None:
        """Take the memory that is needed, and compile the loop (seconds) or load it."""
        if self._prepared:
            return
        hp, task, greedy = self.hyperparameters, self.task, self._validation_task
        way, greedy_way = played(task, hp.task), played(greedy, hp.task)
        self._way = way
        self._memory = take_memory(hp, self.learner, task, way, greedy.num_envs)
        running = self._memory.running
        for n in range(hp.num_envs):
            way.functions.reset(self._memory.playing, n, n)
        running.seen[...] = self._observation
        self._memory.counters[pqn.BEGUN] = hp.num_envs
        stream = integer_seed(self.seed, "validation_task")
        starts = first_starts(greedy, greedy_way, self.validations.episodes, stream)
        self._episodes = greedy_episodes(self._memory, greedy, greedy_way, starts)
        self._prepared = True

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
        if went == learning.NETWORK:
            self.failure = (
                f"the state of {hp.core} exploded beyond what numbers hold at step {self.steps}"
            )
        elif went != learning.FINE:
            name, column = ("loss", 0) if went == learning.LOSS else ("gradient norm", 1)
            number = float(self._report[self._memory.counters[pqn.REPORTED], column])
            self.failure = f"the {name} became {number} at update {self.learner.updates + 1}"

    def _chunk(self, wanted: int) -> int:
        self._refill()
        hp, memory = self.hyperparameters, self._memory
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
        memory.enter()
        went = memory.advance(
            memory.functions,
            memory.made.network,
            memory.learning,
            memory.playing,
            memory.rows,
            memory.states,
            memory.running,
            pqn.Drawn(epsilon, chance, any_action, orders, rates),
            c,
            self._report,
            episodes,
        )
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

    def _refill(self) -> None:
        """Begin the bank anew: the running episodes' starts, those left, and new ones."""
        c, playing, envs = (
            self._memory.counters,
            self._memory.playing,
            self.hyperparameters.num_envs,
        )
        # twice the last chunk's episodes, lest the next chunk comes back early for want of them
        left, few = slice(c[pqn.BEGUN], None), max(FEWEST, 2 * envs, 2 * int(c[pqn.LISTED]))
        starts = Starts(playing.bank, playing.answers)
        parts = [
            Starts(*(array[playing.counts[:, 0]] for array in starts)),
            Starts(*(array[left] for array in starts)),
        ]
        if len(parts[1].bank) < few:
            whole = -(-few // envs) * envs
            parts.append(self._way.draw(whole))
        self._place(joined(parts))
        playing.counts[:, 0] = np.arange(envs)
        c[pqn.BEGUN] = envs

    def _place(self, starts: Starts) -> None:
        playing = self._memory.playing._replace(bank=starts.bank, answers=starts.answers)
        self._memory = self._memory._replace(playing=playing)

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
        hp, history, c = self.hyperparameters, self.history, self._memory.counters
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

    def _validate(self, history: History) -> Best:
        self.prepare()
        scores = np.zeros((self.validations.episodes, 3))
        self._memory.enter()
        for begun in range(0, self.validations.episodes, len(self._episodes.greedy.over)):
            steps, going = 0, 1
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
        play, *given = self._episodes
        pace = self._validation_pace
        functions, playing, greedy = given
        network = self._memory.made.network
        return play(functions, network, playing, greedy, scores, begun, anew, pace)

    def get_state(self) -> dict[str, Any]:
        """As `SeedTraining.get_state`, with where the compiled loop stands."""
        self.prepare()
        arrays = {name: array.copy() for name, array in self._arrays().items()}
        playing = self._memory.playing
        bank = {"bank": playing.bank, "answers": playing.answers}
        return super().get_state() | {"compiled": arrays | bank}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self.prepare()
        super().set_state(state)
        saved = state["compiled"]
        for name, array in self._arrays().items():
            array[...] = saved[name]
        self._place(Starts(saved["bank"], saved["answers"]))

    def _arrays(self) -> dict[str, np.ndarray]:
        """All that changes as the loop goes on, but for the bank."""
        memory = self._memory
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
        playing = memory.playing
        return arrays | {
            "numbers": playing.numbers,
            "counts": playing.counts,
            "counters": memory.counters,
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
