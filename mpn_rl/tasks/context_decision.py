"""ContextDecision-v0: integrate the one of two noisy evidence streams that was named beforehand."""

import math

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import Trials, TrialTask, normal_cdf, one_hot, phase_sequence

CUE, STIMULUS, DECISION = range(3)


class ContextDecision(TrialTask):
    """Context-dependent evidence integration, with a context that has to be remembered.

    Phases: cue (1 step), stimulus (`stimulus_steps` steps), decision (1 step). During the stimulus
    stream j shows d_j coherence + ξ with ξ ~ N(0, 1) and a direction d_j of -1 or +1 drawn for each
    stream alone: `coherence` is the signal-to-noise ratio of one step.

    Observation (6,): evidence of stream 1 and 2, context 1 and 2 (one of them 1 at the cue, else
    0), fixation (1 until the decision), go (1 at the decision).

    Actions: 0 for direction -1, 1 for direction +1. Only the action at the decision is judged
    (+1 or -1), where nothing but the go channel is on: without memory half of the answers are
    right; without the context, from the sum of both streams, about three quarters.

    After Mante et al. (2013), https://doi.org/10.1038/nature12742, with the cue before the evidence
    instead of beside it.
    """

    phase_names = ("cue", "stimulus", "decision")
    variable_names = ("context", "direction_1", "direction_2", "evidence", "choice")

    def __init__(
        self,
        num_envs: int = 1,
        *,
        stimulus_steps: int = 10,
        coherence: float = 1.0,
        max_episode_steps: int | None = None,
    ) -> None:
        """`stimulus_steps` >= 1; `coherence` >= 0, mean over standard deviation of one step."""
        self.stimulus_steps = stimulus_steps
        self.coherence = coherence
        bound = coherence + 6
        super().__init__(
            num_envs,
            num_steps=stimulus_steps + 2,
            num_judged=1,
            low=np.array([-bound, -bound, 0, 0, 0, 0]),
            high=np.array([bound, bound, 1, 1, 1, 1]),
            num_actions=2,
            max_episode_steps=max_episode_steps,
        )

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: contexts, directions, then the noise.

        Variable "evidence" is the sum of the cued stream up to and with the step.
        """
        context = generator.integers(2, size=count)
        direction = 2 * generator.integers(2, size=(count, 2)) - 1
        noise = generator.standard_normal((count, self.stimulus_steps, 2))
        phases = phase_sequence(1, self.stimulus_steps, 1)
        observations = np.zeros((count, self.num_steps, 6))
        observations[:, 1:-1, :2] = direction[:, None] * self.coherence + noise
        observations[:, 0, 2:4] = one_hot(context, 2)
        observations[..., 4] = phases != DECISION
        observations[..., 5] = phases == DECISION
        trial = np.arange(count)
        choice = (direction[trial, context] + 1) // 2
        answers = np.full((count, self.num_steps), -1)
        answers[:, -1] = choice
        variables = {
            "context": context[:, None],
            "direction_1": direction[:, :1],
            "direction_2": direction[:, 1:],
            "evidence": np.cumsum(observations[trial, :, context], axis=1),
            "choice": choice[:, None],
        }
        return Trials(observations, phases, answers, variables)

    def memoryless_action(self, observation: Floats) -> Ints:
        """Always +1: nothing that is seen at the decision helps."""
        return np.ones(len(observation), np.int64)

    def oracle_action(self, history: Floats) -> Ints:
        """Sign of the sum of the cued stream."""
        context = np.argmax(history[0, :, 2:4], axis=1)
        total = history[:, np.arange(history.shape[1]), context].sum(axis=0)
        return (total > 0).astype(np.int64)

    @property
    def memoryless_accuracy(self) -> float:
        """One half."""
        return 0.5

    @property
    def oracle_accuracy(self) -> float:
        """Φ(coherence √stimulus_steps): the sum of the cued stream has the right sign."""
        return normal_cdf(self.coherence * math.sqrt(self.stimulus_steps))
