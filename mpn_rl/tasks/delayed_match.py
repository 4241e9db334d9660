"""DelayedMatch-v0: was the test stimulus the same as the sample, several steps earlier?"""

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import Trials, TrialTask, one_hot, phase_sequence, stimulus_accuracy

SAMPLE, DELAY, TEST, DECISION = range(4)
NON_MATCH, MATCH = 0, 1


class DelayedMatch(TrialTask):
    """Delayed match to sample with two stimuli.

    Phases: sample (1 step), delay (`delay` steps), test (1 step), decision (1 step). Sample and
    test are drawn independently, so that they match in half of the trials. The test stays in view
    for the decision.

    Observation (4,): two stimulus channels (1 for the stimulus shown, 0 otherwise, with Gaussian
    noise of standard deviation `observation_noise` at every step), fixation (1 until the decision),
    go (1 at the decision). There is no step without input, in which a layer whose weights are
    modulated multiplicatively would be blind to its memory.

    Actions: 0 non-match, 1 match. Only the action at the decision is judged: +1 or -1. There the
    observation says nothing of the sample: without memory half of the answers are right.
    """

    phase_names = ("sample", "delay", "test", "decision")
    variable_names = ("sample", "test", "match")

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
            low=np.array([-spread, -spread, 0, 0]),
            high=np.array([1 + spread, 1 + spread, 1, 1]),
            num_actions=2,
            max_episode_steps=max_episode_steps,
        )

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: sample and test first, then the noise."""
        sample, test = generator.integers(2, size=(2, count))
        match = (sample == test).astype(np.int64)
        phases = phase_sequence(1, self.delay, 1, 1)
        observations = np.zeros((count, self.num_steps, 4))
        noise = generator.standard_normal((count, self.num_steps, 2))
        observations[..., :2] = self.observation_noise * noise
        observations[:, 0, :2] += one_hot(sample, 2)
        observations[:, -2:, :2] += one_hot(test, 2)[:, None]
        observations[..., 2] = phases != DECISION
        observations[..., 3] = phases == DECISION
        answers = np.full((count, self.num_steps), -1)
        answers[:, -1] = match
        variables = {"sample": sample[:, None], "test": test[:, None], "match": match[:, None]}
        return Trials(observations, phases, answers, variables)

    def memoryless_action(self, observation: Floats) -> Ints:
        """Always "match": the test alone says nothing of the answer."""
        return np.full(len(observation), MATCH)

    def oracle_action(self, history: Floats) -> Ints:
        """Compare the more active channel of the sample with that of both looks at the test."""
        sample = np.argmax(history[0, :, :2], axis=1)
        test = np.argmax(history[-2:, :, :2].sum(axis=0), axis=1)
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
