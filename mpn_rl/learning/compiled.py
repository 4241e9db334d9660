"""The training of one seed by PQN, compiled: environments, network and learner.

The hyper-parameters alone decide whether a seed is trained so (`why_not`). Starts of episodes are
drawn by the task and handed in.
"""

import logging
import time
from typing import Any

import numpy as np
import torch

from mpn_rl.compiled import pqn
from mpn_rl.compiled.network import why_not_network
from mpn_rl.interruption import check
from mpn_rl.learning.chunks import ChunkedTraining, paced
from mpn_rl.learning.compiled_memory import greedy_episodes, make_loop
from mpn_rl.learning.stepped import SteppedTraining
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import EpisodeScores
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.bank import FEWEST, Starts, first_starts, joined, played, why_not_played
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task

log = logging.getLogger(__name__)


def why_not(hp: Hyperparameters) -> str | None:
    """What these hyper-parameters ask for that the compiled loop has not; None: it is taken."""
    missing = {
        f"learner {hp.learner}": hp.learner != "pqn",
        "env_wrappers": hp.env_wrappers is not None,
        "epsilon_schedule exponential": hp.epsilon_schedule != "linear",
    }
    asked_for = next((name for name, asked in missing.items() if asked), None)
    return asked_for or why_not_played(hp) or why_not_network(hp)


def why_not_learning(hp: Hyperparameters, task: VectorTask) -> str | None:
    """What network or learner ask for that is not compiled, whatever plays the environments."""
    if hp.epsilon_schedule != "linear":
        return "epsilon_schedule exponential"
    return why_not_network(hp, task.observation_form)


class CompiledTraining(ChunkedTraining):
    """A `ChunkedTraining` on a task that is played compiled."""

    first_pace = 16

    def __init__(self, hyperparameters: Hyperparameters, seed: int) -> None:
        super().__init__(hyperparameters, seed)
        self._validation_pace = self.first_pace

    def _begin(self) -> None:
        greedy = self._validation_task
        name = self.hyperparameters.task
        way, greedy_way = played(self.task, name), played(greedy, name)
        self._way, self._loop = way, make_loop(self.memory, way)
        for n in range(self.task.num_envs):
            way.functions.reset(self._loop.playing, n, n)
        self.memory.counters[pqn.BEGUN] = self.task.num_envs
        stream = integer_seed(self.seed, "validation_task")
        starts = first_starts(greedy, greedy_way, self.validations.episodes, stream)
        self._episodes = greedy_episodes(self.memory, self._loop, greedy, greedy_way, starts)

    def _chunk(self, wanted: int) -> int:
        self._refill()
        return super()._chunk(wanted)

    def _steps(self, drawn: pqn.Drawn, episodes: np.ndarray) -> int:
        memory, loop = self.memory, self._loop
        return loop.advance(
            loop.functions,
            memory.made.network,
            memory.learning,
            loop.playing,
            memory.rows,
            memory.states,
            memory.running,
            drawn,
            memory.counters,
            self._report,
            episodes,
        )

    def _refill(self) -> None:
        """Begin the bank anew: the running episodes' starts, those left, and new ones."""
        c, playing, envs = (
            self.memory.counters,
            self._loop.playing,
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
        playing = self._loop.playing._replace(bank=starts.bank, answers=starts.answers)
        self._loop = self._loop._replace(playing=playing)

    def _greedy_scores(self) -> EpisodeScores:
        memory, scores = self.memory, np.zeros((self.validations.episodes, 3))
        memory.enter(memory.kept)
        for begun in range(0, self.validations.episodes, len(self._episodes.greedy.over)):
            steps, going = 0, 1
            while going > 0:
                check()
                began = time.monotonic()
                going = self._play(begun, steps == 0, scores)
                steps += self._validation_pace
                self._validation_pace = paced(self._validation_pace, time.monotonic() - began)
        return EpisodeScores(scores[:, 0], scores[:, 1].astype(np.int64), scores[:, 2])

    def _play(self, begun: int, anew: bool, scores: np.ndarray) -> int:
        """Some steps of the greedy episodes from number `begun` on; return how many still go on."""
        play, *given = self._episodes
        pace = self._validation_pace
        functions, playing, greedy = given
        network = self.memory.made.network
        return play(functions, network, playing, greedy, scores, begun, anew, pace)

    def get_state(self) -> dict[str, Any]:
        """As `SeedTraining.get_state`, with where the compiled loop stands."""
        state = super().get_state()
        playing = self._loop.playing
        return state | {"bank": playing.bank, "answers": playing.answers}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        super().set_state(state)
        self._place(Starts(state["bank"], state["answers"]))

    def _arrays(self) -> dict[str, np.ndarray]:
        playing = self._loop.playing
        return super()._arrays() | {"numbers": playing.numbers, "counts": playing.counts}


def make_training(
    hyperparameters: Hyperparameters,
    seed: int,
    device: str | torch.device = "cpu",
    env_processes: int = 1,
) -> SeedTraining:
    """The seed's training, compiled where the hyper-parameters allow it; the log says so."""
    hp, reason = hyperparameters, None
    if torch.device(device).type != "cpu":
        reason = f"device {device}"
    in_loop = why_not(hp)
    if reason is None and in_loop is None:
        log.info("seed %d: trained in the compiled loop", seed)
        return CompiledTraining(hp, seed)
    task = build_task(hp, hp.num_envs, processes=env_processes)
    reason = reason or why_not_learning(hp, task)
    if reason is not None:
        log.info("seed %d: trained step by step, because %s is not compiled", seed, reason)
        return SeedTraining(hp, seed, device, env_processes, task)
    log.info(
        "seed %d: trained compiled except for the environments' steps, because %s is not compiled",
        seed,
        in_loop,
    )
    return SteppedTraining(hp, seed, device, env_processes, task)
