"""DelayedComparison-v0: which of two magnitudes, several steps apart, was the larger?"""

import math

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import Trials, TrialTask, normal_cdf, phase_sequence

FIRST, DELAY, SECOND, DECISION = range(4)
NUM_LEVELS = 5


class DelayedComparison(TrialTask):
    """Parametric working memory: compare a magnitude with one that was shown before.

    Phases: first (1 step), delay (`delay` steps), second (1 step), decision (1 step). The two
    magnitudes are different ones of 0, 0.25, 0.5, 0.75, 1, all ordered pairs equally often.

    Observation (4,): magnitude (0 when none is shown, with Gaussian noise of standard deviation
    `observation_noise` at every step), stimulus (1 when a magnitude is shown, which may be 0),
    fixation (1 until the decision), go (1 at the decision).

    Actions: 0 the first was larger, 1 the second was. Only the action at the decision is judged
    (+1 or -1), where both are gone: without memory half of the answers are right.

    After Romo et al. (1999), https://doi.org/10.1038/20939.
    """

    phase_names = ("first", "delay", "second", "decision")
    variable_names = ("first", "second", "choice")

    def __init__(
        self,
        num_envs: int = 1,
        *,
        delay: int = 6,
        observation_noise: float = 0.1,
        max_episode_steps: int | None = None,
    ) -> None:
        """`delay` in steps (>= 0), `observation_noise` a standard deviation (>= 0)."""
        self.delay = delay
        self.observation_noise = observation_noise
        spread = 6 * observation_noise
        super().__init__(
            num_envs,
            num_steps=delay + 3,
            num_judged=1,
            low=np.array([-spread, 0, 0, 0]),
            high=np.array([1 + spread, 1, 1, 1]),
            num_actions=2,
            max_episode_steps=max_episode_steps,
        )

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: the magnitudes, then the noise."""
        first = generator.integers(NUM_LEVELS, size=count)
        second = (first + generator.integers(1, NUM_LEVELS, size=count)) % NUM_LEVELS
        noise = generator.standard_normal((count, self.num_steps))
        choice = (second > first).astype(np.int64)
        magnitudes = np.stack([first, second], axis=1) / (NUM_LEVELS - 1)
        phases = phase_sequence(1, self.delay, 1, 1)
        observations = np.zeros((count, self.num_steps, 4))
        observations[..., 0] = self.observation_noise * noise
        observations[:, [0, -2], 0] += magnitudes
        observations[:, [0, -2], 1] = 1
        observations[..., 2] = phases != DECISION
        observations[..., 3] = phases == DECISION
        answers = np.full((count, self.num_steps), -1)
        answers[:, -1] = choice
        variables = {
            "first": magnitudes[:, :1],
            "second": magnitudes[:, 1:],
            "choice": choice[:, None],
        }
        return Trials(observations, phases, answers, variables)

    def memoryless_action(self, observation: Floats) -> Ints:
        """Always "the second": nothing that is seen at the decision helps."""
        return np.ones(len(observation), np.int64)

    def oracle_action(self, history: Floats) -> Ints:
        """The larger of the two magnitudes as they were seen."""
        if len(history) < self.num_steps:
            return np.zeros(history.shape[1], np.int64)
        return (history[-2, :, 0] > history[0, :, 0]).astype(np.int64)

    @property
    def memoryless_accuracy(self) -> float:
        """One half."""
        return 0.5

    @property
    def oracle_accuracy(self) -> float:
        """Mean of Φ(|difference| / (√2 observation_noise)) over the pairs of magnitudes."""
        if self.observation_noise == 0:
            return 1.0
        steps = range(1, NUM_LEVELS)
        scale = math.sqrt(2) * self.observation_noise * (NUM_LEVELS - 1)
        pairs = [NUM_LEVELS - step for step in steps]
        right = [n * normal_cdf(step / scale) for n, step in zip(pairs, steps, strict=True)]
        return sum(right) / sum(pairs)
