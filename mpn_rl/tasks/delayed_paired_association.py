"""DelayedPairedAssociation-v0: do the two stimuli, several steps apart, form a pair?"""

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import Trials, TrialTask, one_hot, phase_sequence, stimulus_accuracy

SAMPLE, DELAY, TEST, DECISION = range(4)


class DelayedPairedAssociation(TrialTask):
    """Delayed paired association: A goes with C, and B with D.

    Phases: sample (A or B, 1 step), delay (`delay` steps), test (C or D, 1 step), decision (1
    step), in which the test stays in view. The stimuli of a pair have no input in common, so that
    the pairs have to be learned.

    Observation (6,): A, B, C, D (1 when shown, 0 otherwise, with Gaussian noise of standard
    deviation `observation_noise` at every step), fixation (1 until the decision), go (1 at the
    decision).

    Actions: 0 no pair, 1 pair. Only the action at the decision is judged (+1 or -1), where the
    sample is gone: without memory half of the answers are right.
    """

    phase_names = ("sample", "delay", "test", "decision")
    variable_names = ("sample", "test", "pair")

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
            low=np.array([-spread] * 4 + [0, 0]),
            high=np.array([1 + spread] * 4 + [1, 1]),
            num_actions=2,
            max_episode_steps=max_episode_steps,
        )

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: sample and test first, then the noise."""
        sample, test = generator.integers(2, size=(2, count))
        pair = (sample == test).astype(np.int64)
        noise = generator.standard_normal((count, self.num_steps, 4))
        phases = phase_sequence(1, self.delay, 1, 1)
        observations = np.zeros((count, self.num_steps, 6))
        observations[..., :4] = self.observation_noise * noise
        observations[:, 0, :2] += one_hot(sample, 2)
        observations[:, -2:, 2:4] += one_hot(test, 2)[:, None]
        observations[..., 4] = phases != DECISION
        observations[..., 5] = phases == DECISION
        answers = np.full((count, self.num_steps), -1)
        answers[:, -1] = pair
        variables = {"sample": sample[:, None], "test": test[:, None], "pair": pair[:, None]}
        return Trials(observations, phases, answers, variables)

    def memoryless_action(self, observation: Floats) -> Ints:
        """Always "pair": the test alone says nothing of the answer."""
        return np.ones(len(observation), np.int64)

    def oracle_action(self, history: Floats) -> Ints:
        """Read sample and test each from the more active of its two channels."""
        sample = np.argmax(history[0, :, :2], axis=1)
        test = np.argmax(history[-2:, :, 2:4].sum(axis=0), axis=1)
        return (sample == test).astype(np.int64)

    @property
    def memoryless_accuracy(self) -> float:
        """One half."""
        return 0.5

    @property
    def oracle_accuracy(self) -> float:
        """p q + (1 - p)(1 - q): sample and test are read rightly with p and q, or both wrongly."""
        p = stimulus_accuracy(self.observation_noise)
        q = stimulus_accuracy(self.observation_noise, views=2)
        return p * q + (1 - p) * (1 - q)
