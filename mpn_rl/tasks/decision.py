"""Trials that end with one decision, the only action that is judged."""

import math
from typing import Any

import numpy as np

from mpn_rl.parameters.tasks import DelayParameters, EvidenceParameters
from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import (
    Trials,
    TrialTask,
    normal_cdf,
    one_hot,
    phase_sequence,
    stimulus_accuracy,
)


class DecisionTask(TrialTask):
    """The action at the last step, 0 or 1, earns +1 or -1; nothing that is seen there helps.

    The last two inputs say when: fixation (1 until the decision), go (1 at the decision).
    """

    def trials(self, seen: Floats, phases: Ints, answer: Ints, **variables: Any) -> Trials:
        """Trials that ask for `answer` (K,); `seen` is the rest of the inputs, variables (K, …)."""
        go = np.broadcast_to(phases == len(self.phase_names) - 1, seen.shape[:2])
        observations = np.concatenate([seen, np.stack([~go, go], axis=-1)], axis=-1)
        answers = np.full(seen.shape[:2], -1)
        answers[:, -1] = answer
        columns = {name: v if v.ndim == 2 else v[:, None] for name, v in variables.items()}
        return Trials(observations, phases, answers, columns)


class DelayTask(DecisionTask):
    """A stimulus, a delay of `delay` steps, other phases of one step, a decision.

    The first `noisy` inputs have Gaussian noise of standard deviation `observation_noise` at every
    step, the `exact` ones after them none.
    """

    noisy = 2
    exact = 0

    def __init__(
        self, num_envs: int, parameters: DelayParameters, max_episode_steps: int | None = None
    ) -> None:
        self.delay = parameters.delay
        self.observation_noise = parameters.observation_noise
        low = [-6 * self.observation_noise] * self.noisy + [0] * (self.exact + 2)
        high = [1 + 6 * self.observation_noise] * self.noisy + [1] * (self.exact + 2)
        num_steps = self.delay + len(self.phase_names) - 1
        super().__init__(num_envs, num_steps, low, high, max_episode_steps)
        self.phases = phase_sequence(1, self.delay, *[1] * (len(self.phase_names) - 2))

    def noise(self, generator: np.random.Generator, count: int) -> Floats:
        """Noise (K, T, noisy) of `count` trials."""
        shape = (count, self.num_steps, self.noisy)
        return self.observation_noise * generator.standard_normal(shape)


class EvidenceTask(DecisionTask):
    """`streams` of noisy evidence over `stimulus_steps`, `cue` steps after the start; a decision.

    A stream shows d coherence + ξ at every step, with ξ ~ N(0, 1) and a direction d of -1 or +1 for
    the whole trial: `coherence` is the signal-to-noise ratio of one step.
    """

    streams = 1
    cue = 0

    def __init__(
        self, num_envs: int, parameters: EvidenceParameters, max_episode_steps: int | None = None
    ) -> None:
        self.stimulus_steps = parameters.stimulus_steps
        self.coherence = parameters.coherence
        low = [-self.coherence - 6] * self.streams + [0, 0] * (self.cue + 1)
        high = [self.coherence + 6] * self.streams + [1, 1] * (self.cue + 1)
        num_steps = self.cue + self.stimulus_steps + 1
        super().__init__(num_envs, num_steps, low, high, max_episode_steps)

    @property
    def oracle_accuracy(self) -> float:
        """Φ(coherence √stimulus_steps): the sum of the evidence has the right sign."""
        return normal_cdf(self.coherence * math.sqrt(self.stimulus_steps))


class MatchTask(DelayTask):
    """Two stimuli of two kinds each, `delay` apart: do they belong together?

    Phases: sample (1 step), delay (`delay` steps), test (1 step), decision (1 step), in which the
    test stays in view. `test_inputs` are those that show the test; the last variable is the answer.
    """

    phase_names = ("sample", "delay", "test", "decision")
    test_inputs = slice(0, 2)

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: sample and test first, then the noise."""
        sample, test = generator.integers(2, size=(2, count))
        answer = (sample == test).astype(np.int64)
        seen = self.noise(generator, count)
        seen[:, 0, :2] += one_hot(sample, 2)
        seen[:, -2:, self.test_inputs] += one_hot(test, 2)[:, None]
        answers = {self.variable_names[-1]: answer}
        return self.trials(seen, self.phases, answer, sample=sample, test=test, **answers)

    def oracle_action(self, history: Floats) -> Ints:
        """Read the sample from its more active input, the test from that of both looks at it."""
        sample = np.argmax(history[0, :, :2], axis=1)
        test = np.argmax(history[-2:, :, self.test_inputs].sum(axis=0), axis=1)
        return (sample == test).astype(np.int64)

    @property
    def oracle_accuracy(self) -> float:
        """p q + (1 - p)(1 - q): sample and test are read rightly with p and q, or both wrongly."""
        p = stimulus_accuracy(self.observation_noise)
        q = stimulus_accuracy(self.observation_noise, views=2)
        return p * q + (1 - p) * (1 - q)
