"""MemoryLength-v0: recall, after a number of empty steps, one bit that was shown at the start."""

import numpy as np

from mpn_rl.parameters.tasks import MemoryLengthParameters
from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import Trials, TrialTask, phase_sequence


class MemoryLength(TrialTask):
    """Hold one bit for `memory_length` steps.

    Phases: context (1 step), delay (`memory_length` - 1 steps), query (1 step).

    Observation (3,): time that remains, from 1 down to 0; query (1 in the last step); context (-1
    or +1 in the first step, else 0).

    Actions: 0 for context -1, 1 for +1. Only the action at the query is judged (+1 or -1), where
    the context is gone: without memory half of the answers are right.

    After `memory_len` of bsuite (Osband et al. 2020, https://arxiv.org/abs/1908.03568), whose query
    comes with inputs near 0; here its flag is 1.
    """

    phase_names = ("context", "delay", "query")
    variable_names = ("context",)

    def __init__(
        self,
        num_envs: int,
        parameters: MemoryLengthParameters,
        max_episode_steps: int | None = None,
    ) -> None:
        self.memory_length = parameters.memory_length
        super().__init__(num_envs, self.memory_length + 1, [0, 0, -1], [1, 1, 1], max_episode_steps)

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` contexts."""
        bit = generator.integers(2, size=count)
        context = 2 * bit - 1
        seen = np.zeros((count, self.num_steps, 3))
        seen[..., 0] = np.linspace(1, 0, self.num_steps)
        seen[:, -1, 1] = 1
        seen[:, 0, 2] = context
        phases = phase_sequence(1, self.memory_length - 1, 1)
        answers = np.full((count, self.num_steps), -1)
        answers[:, -1] = bit
        return Trials(seen, phases, answers, {"context": context[:, None]})

    def oracle_action(self, history: Floats) -> Ints:
        """The context of the first step."""
        return (history[0, :, 2] > 0).astype(np.int64)
