"""PerceptualDecision-v0: integrate noisy evidence, then say which way it pointed."""

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.decision import EvidenceTask
from mpn_rl.tasks.trial import Trials, phase_sequence


class PerceptualDecision(EvidenceTask):
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

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: directions, then the noise.

        Variable "evidence" is the sum of the evidence up to and with the step.
        """
        choice = generator.integers(2, size=count)
        noise = generator.standard_normal((count, self.stimulus_steps))
        direction = 2 * choice - 1
        seen = np.zeros((count, self.num_steps, 1))
        seen[:, :-1, 0] = direction[:, None] * self.coherence + noise
        evidence = np.cumsum(seen[..., 0], axis=1)
        phases = phase_sequence(self.stimulus_steps, 1)
        return self.trials(
            seen, phases, choice, direction=direction, evidence=evidence, choice=choice
        )

    def oracle_action(self, history: Floats) -> Ints:
        """Sign of the sum of the evidence."""
        return (history[..., 0].sum(axis=0) > 0).astype(np.int64)
