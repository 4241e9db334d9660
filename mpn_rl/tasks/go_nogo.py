"""GoNogo-v0: act or hold still, as a stimulus several steps earlier said."""

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.decision import DelayTask
from mpn_rl.tasks.trial import Trials, one_hot, stimulus_accuracy


class GoNogo(DelayTask):
    """Delayed go / no-go.

    Phases: stimulus (1 step), delay (`delay` steps), decision (1 step).

    Observation (4,): no-go and go stimulus (1 when shown, 0 otherwise, with Gaussian noise of
    standard deviation `observation_noise` at every step), fixation (1 until the decision), respond
    (1 at the decision).

    Actions: 0 hold still, 1 act. Only the action at the decision is judged (+1 or -1), where the
    stimulus is gone: without memory half of the answers are right.
    """

    phase_names = ("stimulus", "delay", "decision")
    variable_names = ("stimulus",)

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: stimuli, then the noise."""
        stimulus = generator.integers(2, size=count)
        seen = self.noise(generator, count)
        seen[:, 0] += one_hot(stimulus, 2)
        return self.trials(seen, self.phases, stimulus, stimulus=stimulus)

    def oracle_action(self, history: Floats) -> Ints:
        """What the more active channel of the first step said."""
        return np.argmax(history[0, :, :2], axis=1)

    @property
    def oracle_accuracy(self) -> float:
        """q, how often the stimulus is read rightly."""
        return stimulus_accuracy(self.observation_noise)
