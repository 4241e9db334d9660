"""Which of two stimuli was shown, several steps earlier?"""

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.decision import DelayTask
from mpn_rl.tasks.trial import Trials, one_hot, stimulus_accuracy


class DelayedReport(DelayTask):
    """Phases: sample (1 step), delay (`delay` steps), decision (1 step), which names the sample.

    Its parameters are those of `DelayTask`: leaky_memory.task:DelayedReport(delay=3).
    """

    phase_names = ("sample", "delay", "decision")
    variable_names = ("sample",)

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: the sample first, then the noise."""
        sample = generator.integers(2, size=count)
        seen = self.noise(generator, count)
        seen[:, 0] += one_hot(sample, 2)
        return self.trials(seen, self.phases, sample, sample=sample)

    def oracle_action(self, history: Floats) -> Ints:
        """Read the sample from its more active input."""
        return np.argmax(history[0, :, :2], axis=1)

    @property
    def oracle_accuracy(self) -> float:
        """How often the more active input is the sample's."""
        return stimulus_accuracy(self.observation_noise)
