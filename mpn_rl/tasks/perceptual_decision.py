"""PerceptualDecision-v0: integrate noisy evidence, then say which way it pointed."""

import math

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import Trials, TrialTask, normal_cdf, phase_sequence

STIMULUS, DECISION = range(2)


class PerceptualDecision(TrialTask):
    """Evidence integration.

    Phases: stimulus (`stimulus_steps` steps), decision (1 step). At every step of the stimulus the
    evidence is d coherence + ξ, with ξ ~ N(0, 1) and a direction d of -1 or +1 for the whole trial:
    `coherence` is the signal-to-noise ratio of one step.

    Observation (3,): evidence (0 at the decision), fixation (1 until the decision), go (1 at the
    decision).

    Actions: 0 for direction -1, 1 for direction +1. Only the action at the decision is judged (+1
    or -1), where the evidence is gone: without memory half of the answers are right; with the last
    step alone Φ(coherence) of them.
    """

    phase_names = ("stimulus", "decision")
    variable_names = ("direction", "evidence", "choice")

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
            num_steps=stimulus_steps + 1,
            num_judged=1,
            low=np.array([-bound, 0, 0]),
            high=np.array([bound, 1, 1]),
            num_actions=2,
            max_episode_steps=max_episode_steps,
        )

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: directions, then the noise.

        Variable "evidence" is the sum of the evidence up to and with the step.
        """
        choice = generator.integers(2, size=count)
        noise = generator.standard_normal((count, self.stimulus_steps))
        direction = 2 * choice - 1
        phases = phase_sequence(self.stimulus_steps, 1)
        observations = np.zeros((count, self.num_steps, 3))
        observations[:, :-1, 0] = direction[:, None] * self.coherence + noise
        observations[..., 1] = phases != DECISION
        observations[..., 2] = phases == DECISION
        answers = np.full((count, self.num_steps), -1)
        answers[:, -1] = choice
        variables = {
            "direction": direction[:, None],
            "evidence": np.cumsum(observations[..., 0], axis=1),
            "choice": choice[:, None],
        }
        return Trials(observations, phases, answers, variables)

    def memoryless_action(self, observation: Floats) -> Ints:
        """Always +1: nothing that is seen at the decision helps."""
        return np.ones(len(observation), np.int64)

    def oracle_action(self, history: Floats) -> Ints:
        """Sign of the sum of the evidence."""
        return (history[..., 0].sum(axis=0) > 0).astype(np.int64)

    @property
    def memoryless_accuracy(self) -> float:
        """One half."""
        return 0.5

    @property
    def oracle_accuracy(self) -> float:
        """Φ(coherence √stimulus_steps)."""
        return normal_cdf(self.coherence * math.sqrt(self.stimulus_steps))
