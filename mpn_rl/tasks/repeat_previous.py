"""RepeatPrevious-v0: say at every step which symbol was shown k steps ago."""

import numpy as np

from mpn_rl.parameters.tasks import RepeatPreviousParameters
from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.symbols import NUM_SYMBOLS, SymbolTask

NUM_RECALLS = 24


class RepeatPrevious(SymbolTask):
    """n-back with n = `k`: symbols drawn independently and uniformly from 4.

    Phases: watch (the first `k` steps), recall (24 steps).

    Observation (6,): the symbol, one-hot; watch (1 in the first k steps), recall (1 after them).

    Actions: the 4 symbols. Every action of the recall is judged, +1/24 if it is the symbol of k
    steps before and -1/24 otherwise. The present symbol says nothing of it: without memory a
    quarter of the answers are right.

    After POPGym's task of the same name (Morad et al. 2023, https://arxiv.org/abs/2303.01859),
    which deals cards from a deck without putting them back.
    """

    phase_names = ("watch", "recall")

    def __init__(
        self,
        num_envs: int,
        parameters: RepeatPreviousParameters,
        max_episode_steps: int | None = None,
    ) -> None:
        self.k = parameters.k
        super().__init__(num_envs, self.k + NUM_RECALLS, NUM_RECALLS, max_episode_steps)

    def target(self, symbol: Ints) -> Ints:
        """The symbol of k steps before (K, T), -1 in the first k."""
        target = np.full_like(symbol, -1)
        target[:, self.k :] = symbol[:, : -self.k]
        return target

    def oracle_action(self, history: Floats) -> Ints:
        """The symbol of k steps before."""
        seen = history[max(len(history) - 1 - self.k, 0)]
        return np.argmax(seen[:, :NUM_SYMBOLS], axis=1)
