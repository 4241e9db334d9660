"""The training of one seed: act, store, learn, validate.

`SeedTraining` advances in lockstep through its environments and can give its whole state between
any two steps, so that a training that is cut off goes on as if it had not been.
"""

import logging
import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict
from pkgutil import resolve_name
from typing import Any, NamedTuple

import numpy as np
import torch

from mpn_rl.errors import NotFiniteError
from mpn_rl.learning.advice import ScaleWatch, nothing_learned, tell_validations
from mpn_rl.learning.learner import DivergedError, copy_state_dict, make_learner
from mpn_rl.learning.results import History, SeedResult
from mpn_rl.learning.schedules import exploration_epsilon
from mpn_rl.learning.sequences import Step
from mpn_rl.learning.validation import in_proportion
from mpn_rl.networks.build import build_network
from mpn_rl.networks.core import zero_where
from mpn_rl.parameters.catalogue import LEARNERS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import Agent, EpisodeScores, run_episodes, tell_if_all_cut
from mpn_rl.playing.seeding import integer_seed, numpy_generator, torch_generator
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task, filled_in
from mpn_rl.tasks.wrapping import EPISODE_BOUND

log = logging.getLogger(__name__)

VALIDATION_ENVS = 32
# What a state holds just as it is.
_PLAIN = ("failure", "_observation", "_start", "_return", "_length")


class Best(NamedTuple):
    """The network with the best greedy validation so far: its mean return, step and weights."""

    mean_return: float
    step: int
    weights: dict[str, torch.Tensor]


class SeedTraining:
    """One seed on its way from the first step to its `SeedResult`."""

    def __init__(
        self,
        hyperparameters: Hyperparameters,
        seed: int,
        device: str | torch.device = "cpu",
        env_processes: int = 1,
        task: VectorTask | None = None,
    ) -> None:
        """The environments of a task that others wrote step in so many processes.

        `task` is that of the hyper-parameters where it is there already. What these leave to the
        recipe is filled in.
        """
        hp = filled_in(hyperparameters)
        self.hyperparameters, self.seed, self.device = hp, seed, torch.device(device)
        self.task = task or build_task(hp, hp.num_envs, processes=env_processes)
        self.task_seconds = 0.0  # spent in steps of the task, by the clock
        network = build_network(
            hp,
            self.task.observation_form,
            self.task.num_actions,
            generator=torch_generator(seed, "weights"),
        ).to(self.device)
        sampling = numpy_generator(seed, "replay")
        self.learner = make_learner(network, hp, self.task.observation_form, sampling)
        longest = self.task.longest_episode
        self.validations = in_proportion(hp, longest, self.learner.passes(longest or EPISODE_BOUND))
        self._validation_task = build_task(
            hp, min(self.validations.episodes, VALIDATION_ENVS), processes=env_processes
        )
        tell_validations(hp, seed, self.validations)
        self._exploration = torch_generator(seed, "exploration")
        self.history = History()
        self.failure: str | None = None
        self._observation = self._first_observation()
        self._state = self.learner.online.init_state(hp.num_envs)
        self._start = np.ones(hp.num_envs, np.bool_)
        self._return = np.zeros(hp.num_envs)
        self._length = np.zeros(hp.num_envs, np.int64)
        self._best = Best(-math.inf, 0, copy_state_dict(self.learner.kept))
        numbers = self.task.observation_form.number_entries
        self._scale = ScaleWatch(seed, hp.task, [] if hp.observation_normalisation else numbers)

    @property
    def steps(self) -> int:
        """Environment steps taken so far."""
        return self.learner.steps

    @property
    def episodes(self) -> int:
        """Episodes that have ended so far."""
        return len(self.history.episode_return)

    @property
    def finished(self) -> bool:
        """Whether the budget is used up or the seed has failed."""
        hp = self.hyperparameters
        out_of_steps = hp.num_steps is not None and self.steps >= hp.num_steps
        out_of_episodes = hp.num_episodes is not None and self.episodes >= hp.num_episodes
        return out_of_steps or out_of_episodes or self.failure is not None

    def prepare(self) -> None:
        """Compile what training needs ahead of it, or load it."""
        self.learner.prepare()

    def run(self, between: Callable[[], None]) -> SeedResult:
        """Train to the end; `between` is called after each step and may raise to leave off."""
        while not self.finished:
            self.advance()
            between()
        return self.finish()

    def advance(self) -> None:
        """One step of every environment, and the updates and the validation that are then due.

        A validation that was cut off is done again, and no step is taken.
        """
        try:
            if not self._validation_due():
                self._act()
                self._learn()
            if self._validation_due():
                self._best = self._validate(self.history)
        except DivergedError as error:
            self.failure = str(error)
        except NotFiniteError as error:
            self.failure = self._after_steps(error)

    def _validation_due(self) -> bool:
        """Whether the last step passed a multiple of the period, and none was made."""
        period, before = self.validations.period, self.steps - self.task.num_envs
        passed = self.steps > 0 and self.steps // period > before // period
        return passed and not self._validated()

    def _validated(self) -> bool:
        return (self.history.validation_step or [-1])[-1] == self.steps

    def finish(self) -> SeedResult:
        """Validate a last time and give the result; the training can still go on afterwards."""
        history = deepcopy(self.history)
        tell_if_all_cut(self.task, history.episode_length, f" of training seed {self.seed}")
        best, failure, updates = self._best, self.failure, self.learner.updates
        if failure is None and not self._validated():
            try:
                best = self._validate(history)
            except NotFiniteError as error:
                failure = self._after_steps(error)
        return SeedResult(
            best=best.weights,
            final=copy_state_dict(self.learner.kept),
            history=history,
            steps=self.steps,
            updates=updates,
            best_step=best.step,
            failure=failure or nothing_learned(updates, self.steps, history.episode_return),
        )

    def _first_observation(self) -> np.ndarray:
        try:
            return self.task.reset(seed=integer_seed(self.seed, "training_task"))[0]
        except NotFiniteError as error:
            self.failure = self._after_steps(error)
            return np.zeros((self.task.num_envs, self.task.observation_dim), np.float32)

    def _after_steps(self, error: NotFiniteError) -> str:
        return f"{error}, after {self.steps:,} steps of training"

    def _act(self) -> None:
        epsilon = exploration_epsilon(self.hyperparameters, self.steps, self.episodes)
        self._scale.look(self._observation, self.steps)
        actions, state = self.learner.choose(
            self._observation, self._state, epsilon, self._exploration
        )
        began = time.perf_counter()
        next_observation, reward, terminated, truncated, _ = self.task.step(actions)
        self.task_seconds += time.perf_counter() - began
        self.learner.store(
            Step(
                self._observation,
                actions,
                reward,
                terminated,
                truncated,
                self._start,
                next_observation,
                self._state,
            )
        )
        self._return += reward
        self._length += 1
        self._start = terminated | truncated
        # what has not ended takes one more step at least
        self.learner.check_episode(int((self._length + ~self._start).max()))
        self._observation, self._state = next_observation, state
        if self._start.any():
            self._end_episodes(self._start, epsilon)

    def _end_episodes(self, ended: np.ndarray, epsilon: float) -> None:
        for env in np.flatnonzero(ended):
            self.history.episode_return.append(float(self._return[env]))
            self.history.episode_length.append(int(self._length[env]))
            self.history.episode_end_step.append(self.steps)
            self.history.exploration_epsilon.append(epsilon)
        self._return[ended], self._length[ended] = 0.0, 0
        self._observation, _ = self.task.reset(options={"reset_mask": ended})
        self._state = zero_where(torch.as_tensor(ended, device=self.device), self._state)

    def _learn(self) -> None:
        if not self.learner.updates_due():
            return
        if not np.isfinite(self._state.cpu().numpy()).all():
            core = self.hyperparameters.core
            raise DivergedError(
                f"the state of {core} exploded beyond what numbers hold at step {self.steps}"
            )
        for statistics in self.learner.learn():
            self.history.loss.append(statistics.loss)
            self.history.gradient_norm.append(statistics.gradient_norm)
            self.history.loss_step.append(self.steps)

    def _validate(self, history: History) -> Best:
        """Enter a greedy validation in `history`; return the better of the network and the best."""
        scores, kept = self._greedy_scores(), self.learner.kept
        history.add_validation(self.steps, scores, kept.core.rates())
        mean = float(scores.returns.mean())
        if mean < self._best.mean_return:
            return self._best
        return Best(mean, self.steps, copy_state_dict(kept))

    def _greedy_scores(self) -> EpisodeScores:
        """Those of the episodes of a validation."""
        return self._play_greedily(self.learner.greedy(self._validation_task.num_envs))

    def _play_greedily(self, agent: Agent) -> EpisodeScores:
        stream = integer_seed(self.seed, "validation_task")
        return run_episodes(agent, self._validation_task, self.validations.episodes, stream)

    def get_state(self) -> dict[str, Any]:
        """Everything needed to go on exactly, in plain types, arrays and tensors.

        Good until the next step: the replay is not copied.
        """
        return {
            "learner": self.learner.get_state(),
            "task": self.task.get_state(),
            "exploration": self._exploration.get_state(),
            "history": asdict(self.history),
            "state": self._state.cpu(),
            "best": tuple(self._best),
            **{name: getattr(self, name) for name in _PLAIN},
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self.learner.set_state(state["learner"])
        if state["failure"] is None:  # the episode of a failed one may not be played again
            self.task.set_state(state["task"])
        self._exploration.set_state(state["exploration"])
        self.history = History(**state["history"])
        self._state = state["state"].to(self.device)
        self._best = Best(*state["best"])
        for name in _PLAIN:
            setattr(self, name, state[name])


def make_training(
    hyperparameters: Hyperparameters,
    seed: int,
    device: str | torch.device = "cpu",
    env_processes: int = 1,
) -> SeedTraining:
    """The seed's training, in the way that its learner has; the log says in which."""
    hp = filled_in(hyperparameters)
    given, learner = (hp, seed, device, env_processes), hp.learner
    compiled = LEARNERS[learner].load().compiled
    reason = f"learner {learner} has no compiled loop"
    if compiled is not None:
        # imported only here, so that a change of it leaves trainings by other learners as they are
        try:
            made: SeedTraining = resolve_name(compiled)(*given)
            return made
        except ModuleNotFoundError as error:
            if error.name != "numba":
                raise
            reason = "numba is missing"
    log.info("seed %d: trained step by step, because %s", seed, reason)
    return SeedTraining(*given)
