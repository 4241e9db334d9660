"""RepeatFirst-v0: keep saying which symbol was shown first, while others are shown."""

import numpy as np

from mpn_rl.parameters.tasks import MemoryLengthParameters
from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.symbols import NUM_SYMBOLS, SymbolTask


class RepeatFirst(SymbolTask):
    """Hold one symbol against distractors, all drawn independently and uniformly from 4.

    Phases: first (1 step), recall (`memory_length` steps).

    Observation (6,): the symbol, one-hot; first (1 in the first step), recall (1 after it).

    Actions: the 4 symbols. Every action of the recall is judged, +1/memory_length if it is the
    first symbol and -1/memory_length otherwise: without memory a quarter of the answers are right.

    After POPGym's task of the same name (Morad et al. 2023, https://arxiv.org/abs/2303.01859).
    """

    phase_names = ("first", "recall")

    def __init__(
        self,
        num_envs: int,
        parameters: MemoryLengthParameters,
        max_episode_steps: int | None = None,
    ) -> None:
        length = parameters.memory_length
        super().__init__(num_envs, length + 1, length, max_episode_steps)

    def target(self, symbol: Ints) -> Ints:
        """The first symbol (K, 1)."""
        return symbol[:, :1]

    def oracle_action(self, history: Floats) -> Ints:
        """The first symbol."""
        return np.argmax(history[0, :, :NUM_SYMBOLS], axis=1)
