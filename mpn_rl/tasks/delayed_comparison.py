"""DelayedComparison-v0: which of two magnitudes, several steps apart, was the larger?"""

import math

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.decision import DelayTask
from mpn_rl.tasks.trial import Trials, normal_cdf

NUM_LEVELS = 5


class DelayedComparison(DelayTask):
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
    noisy = 1
    exact = 1

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: the magnitudes, then the noise."""
        first = generator.integers(NUM_LEVELS, size=count)
        second = (first + generator.integers(1, NUM_LEVELS, size=count)) % NUM_LEVELS
        seen = np.pad(self.noise(generator, count), ((0, 0), (0, 0), (0, 1)))
        choice = (second > first).astype(np.int64)
        magnitudes = np.stack([first, second], axis=1) / (NUM_LEVELS - 1)
        seen[:, [0, -2], 0] += magnitudes
        seen[:, [0, -2], 1] = 1
        shown = {"first": magnitudes[:, :1], "second": magnitudes[:, 1:]}
        return self.trials(seen, self.phases, choice, choice=choice, **shown)

    def oracle_action(self, history: Floats) -> Ints:
        """The larger of the two magnitudes as they were seen."""
        if len(history) < self.num_steps:
            return np.zeros(history.shape[1], np.int64)
        return (history[-2, :, 0] > history[0, :, 0]).astype(np.int64)

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
