"""RepeatFirst-v0: keep saying which symbol was shown first, while others are shown."""

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import Trials, TrialTask, one_hot, phase_sequence

FIRST, RECALL = range(2)
NUM_SYMBOLS = 4


class RepeatFirst(TrialTask):
    """Hold one symbol against distractors, all drawn independently and uniformly from 4.

    Phases: first (1 step), recall (`memory_length` steps).

    Observation (6,): the symbol, one-hot; first (1 in the first step), recall (1 after it).

    Actions: the 4 symbols. Every action of the recall is judged, +1/memory_length if it is the
    first symbol and -1/memory_length otherwise: without memory a quarter of the answers are right.

    After POPGym's task of the same name (Morad et al. 2023, https://arxiv.org/abs/2303.01859).
    """

    phase_names = ("first", "recall")
    variable_names = ("symbol", "target")

    def __init__(
        self,
        num_envs: int = 1,
        *,
        memory_length: int = 16,
        max_episode_steps: int | None = None,
    ) -> None:
        """`memory_length` in steps, >= 1."""
        self.memory_length = memory_length
        super().__init__(
            num_envs,
            num_steps=memory_length + 1,
            num_judged=memory_length,
            low=np.zeros(NUM_SYMBOLS + 2),
            high=np.ones(NUM_SYMBOLS + 2),
            num_actions=NUM_SYMBOLS,
            max_episode_steps=max_episode_steps,
        )

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` sequences."""
        symbol = generator.integers(NUM_SYMBOLS, size=(count, self.num_steps))
        phases = phase_sequence(1, self.memory_length)
        target = symbol[:, :1]
        answers = np.where(phases == RECALL, target, -1)
        cues = np.broadcast_to(one_hot(phases, 2), (count, self.num_steps, 2))
        observations = np.concatenate([one_hot(symbol, NUM_SYMBOLS), cues], axis=-1)
        return Trials(observations, phases, answers, {"symbol": symbol, "target": target})

    def memoryless_action(self, observation: Floats) -> Ints:
        """Always symbol 0: all are equally likely, whatever is shown."""
        return np.zeros(len(observation), np.int64)

    def oracle_action(self, history: Floats) -> Ints:
        """The first symbol."""
        return np.argmax(history[0, :, :NUM_SYMBOLS], axis=1)

    @property
    def memoryless_accuracy(self) -> float:
        """One quarter."""
        return 1 / NUM_SYMBOLS

    @property
    def oracle_accuracy(self) -> float:
        """One."""
        return 1.0
