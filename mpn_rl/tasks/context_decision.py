"""ContextDecision-v0: integrate the one of two noisy evidence streams that was named beforehand."""

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.decision import EvidenceTask
from mpn_rl.tasks.trial import Trials, one_hot, phase_sequence


class ContextDecision(EvidenceTask):
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
    streams = 2
    cue = 1

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: contexts, directions, then the noise.

        Variable "evidence" is the sum of the cued stream up to and with the step.
        """
        context = generator.integers(2, size=count)
        direction = 2 * generator.integers(2, size=(count, 2)) - 1
        noise = generator.standard_normal((count, self.stimulus_steps, 2))
        seen = np.zeros((count, self.num_steps, 4))
        seen[:, 1:-1, :2] = direction[:, None] * self.coherence + noise
        seen[:, 0, 2:] = one_hot(context, 2)
        trial = np.arange(count)
        choice = (direction[trial, context] + 1) // 2
        variables = {
            "context": context,
            "direction_1": direction[:, 0],
            "direction_2": direction[:, 1],
            "evidence": np.cumsum(seen[trial, :, context], axis=1),
            "choice": choice,
        }
        return self.trials(seen, phase_sequence(1, self.stimulus_steps, 1), choice, **variables)

    def oracle_action(self, history: Floats) -> Ints:
        """Sign of the sum of the cued stream."""
        context = np.argmax(history[0, :, 2:4], axis=1)
        total = history[:, np.arange(history.shape[1]), context].sum(axis=0)
        return (total > 0).astype(np.int64)
