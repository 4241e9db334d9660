"""Base of the tasks whose trials are drawn whole: what is seen does not depend on the actions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from mpn_rl.tasks.base import Bools, Floats, Info, Ints, VectorTask


@dataclass(frozen=True)
class Trials:
    """K trials of T steps. What step t shows is what the agent sees when it takes action t."""

    observations: Floats
    """(K, T, D)."""
    phases: Ints
    """(K, T) or (T,): index into the task's `phase_names`."""
    answers: Ints
    """(K, T): the right action at a judged step, -1 where no action is judged."""
    variables: dict[str, NDArray[Any]] = field(default_factory=dict)
    """Name -> (K, T) or (K, 1), for each of the task's `variable_names`."""


class TrialTask(VectorTask):
    """One episode is one trial of a fixed number of steps T, drawn when the episode starts.

    A judged action earns 1/J if it is right and -1/J if it is wrong, where J is the number of
    judged steps in a trial, so that returns lie in [-1, 1]; other actions earn nothing. The episode
    terminates with its last step and then shows zeros. It is truncated after `max_episode_steps`
    actions, if that comes first.

    A subclass sets `phase_names` and `variable_names` and gives `draw`, the two policies, and their
    accuracies where they are others than the ones here.
    """

    has_answer = True
    saved = ("observations", "phases", "answers", "variables", "step", "right", "judged")

    def __init__(
        self,
        num_envs: int,
        num_steps: int,
        low: Sequence[float],
        high: Sequence[float],
        max_episode_steps: int | None,
        *,
        num_actions: int = 2,
        num_judged: int = 1,
    ) -> None:
        """T = num_steps, J = num_judged; low, high (D,) bound the observations."""
        space = spaces.Box(np.array(low, np.float32), np.array(high, np.float32))
        super().__init__(num_envs, space, num_actions)
        self.num_steps = num_steps
        self.num_judged = num_judged
        self.max_episode_steps = max_episode_steps
        # one column more than there are steps: what is shown once the trial has ended
        self._observations = np.zeros((num_envs, num_steps + 1, space.shape[0]), np.float32)
        self._phases = np.zeros((num_envs, num_steps + 1), np.int64)
        self._answers = np.full((num_envs, num_steps + 1), -1, np.int64)
        self._variables = {
            name: np.zeros((num_envs, num_steps + 1), np.float32) for name in self.variable_names
        }
        self._step = np.zeros(num_envs, np.int64)
        self._right = np.zeros(num_envs, np.int64)
        self._judged = np.zeros(num_envs, np.int64)
        self._rows = np.arange(num_envs)

    @property
    def longest_episode(self) -> int:
        """T, or `max_episode_steps` where that is less."""
        return min(self.num_steps, self.max_episode_steps or self.num_steps)

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials."""
        raise NotImplementedError

    def memoryless_action(self, observation: Floats) -> Ints:
        """Actions (N,) of the best agent without memory, from the present observations (N, D).

        Always 1, where nothing that is seen says which action is right.
        """
        return np.ones(len(observation), np.int64)

    def oracle_action(self, history: Floats) -> Ints:
        """Actions (N,) of the best agent, from all observations so far (t + 1, N, D)."""
        raise NotImplementedError

    @property
    def memoryless_accuracy(self) -> float:
        """Expected fraction of right judged actions of the best agent without memory: a guess."""
        return 1 / self.num_actions

    @property
    def oracle_accuracy(self) -> float:
        """Expected fraction of right judged actions of the best agent: all, without noise."""
        return 1.0

    def expected(self, agent: str) -> tuple[float, float] | None:
        """2 p - 1 and the accuracy p, 1/A at random, unless trials are truncated."""
        if self.max_episode_steps is not None and self.max_episode_steps < self.num_steps:
            return None
        right = 1 / self.num_actions if agent == "random" else getattr(self, f"{agent}_accuracy")
        return 2 * right - 1, right

    def _start_episodes(self, mask: Bools) -> tuple[Floats, Info]:
        rows = np.flatnonzero(mask)
        if rows.size:
            trials = self.draw(self.np_random, rows.size)
            space = self.single_observation_space
            seen = np.clip(trials.observations, space.low, space.high)  # type: ignore[attr-defined]
            self._observations[rows, :-1] = seen
            self._phases[rows, :-1] = trials.phases
            self._phases[rows, -1] = self._phases[rows, -2]
            self._answers[rows, :-1] = trials.answers
            for name, values in self._variables.items():
                values[rows, :-1] = trials.variables[name]
                values[rows, -1] = values[rows, -2]
            for count in (self._step, self._right, self._judged):
                count[rows] = 0
        return self._observations[self._rows, self._step], self._info()

    def step(self, actions: Ints) -> tuple[Floats, Floats, Bools, Bools, Info]:
        """Judge the actions (N,) and show the next step of each trial."""
        answers = self._answers[self._rows, self._step]
        judged = answers >= 0
        right = np.asarray(actions) == answers
        signed = np.where(right, 1.0, -1.0) / self.num_judged
        reward = np.where(judged, signed, 0.0).astype(np.float32)
        self._right += right
        self._judged += judged
        self._step = np.minimum(self._step + 1, self.num_steps)
        terminated = self._step == self.num_steps
        truncated = np.zeros(self.num_envs, np.bool_)
        if self.max_episode_steps is not None:
            truncated = (self._step >= self.max_episode_steps) & ~terminated
        info = self._info(terminated | truncated)
        return self._observations[self._rows, self._step], reward, terminated, truncated, info

    def _info(self, over: Bools | None = None) -> Info:
        info: Info = {"phase": self._phases[self._rows, self._step]}
        for name, values in self._variables.items():
            info[name] = values[self._rows, self._step]
        correct = np.full(self.num_envs, np.nan)
        if over is not None:
            correct[over] = self._right[over] / np.maximum(self._judged[over], 1)
        info["correct"] = correct
        return info


def phase_sequence(*steps: int) -> Ints:
    """Phase index (T,) of every step, for phases that last `steps` steps in order."""
    return np.repeat(np.arange(len(steps)), steps)


def normal_cdf(z: float) -> float:
    """Probability that a standard normal number is below `z`."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def stimulus_accuracy(noise: float, views: int = 1) -> float:
    """How often the more active of two channels, 1 and 0 plus Gaussian noise, is the right one.

    q = Φ(√(views / 2) / noise) for the sum of `views` looks, with a standard deviation `noise`.
    """
    return 1.0 if noise == 0 else normal_cdf(math.sqrt(views / 2) / noise)


def one_hot(index: Ints, size: int) -> Floats:
    """(...) int -> (..., size) float32."""
    return np.eye(size, dtype=np.float32)[index]
