"""RepeatPrevious-v0: say at every step which symbol was shown k steps ago."""

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import Trials, TrialTask, one_hot

WATCH, RECALL = range(2)
NUM_SYMBOLS = 4
NUM_RECALLS = 24


class RepeatPrevious(TrialTask):
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
    variable_names = ("symbol", "target")

    def __init__(
        self,
        num_envs: int = 1,
        *,
        k: int = 2,
        max_episode_steps: int | None = None,
    ) -> None:
        """`k` in steps, >= 1."""
        self.k = k
        super().__init__(
            num_envs,
            num_steps=k + NUM_RECALLS,
            num_judged=NUM_RECALLS,
            low=np.zeros(NUM_SYMBOLS + 2),
            high=np.ones(NUM_SYMBOLS + 2),
            num_actions=NUM_SYMBOLS,
            max_episode_steps=max_episode_steps,
        )

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` sequences. Variable "target" is -1 while there is nothing to recall."""
        symbol = generator.integers(NUM_SYMBOLS, size=(count, self.num_steps))
        phases = np.where(np.arange(self.num_steps) < self.k, WATCH, RECALL)
        target = np.full_like(symbol, -1)
        target[:, self.k :] = symbol[:, : -self.k]
        cues = np.broadcast_to(one_hot(phases, 2), (count, self.num_steps, 2))
        observations = np.concatenate([one_hot(symbol, NUM_SYMBOLS), cues], axis=-1)
        return Trials(observations, phases, target, {"symbol": symbol, "target": target})

    def memoryless_action(self, observation: Floats) -> Ints:
        """Always the first symbol: all are equally likely, whatever is shown."""
        return np.zeros(len(observation), np.int64)

    def oracle_action(self, history: Floats) -> Ints:
        """The symbol of k steps before."""
        seen = history[max(len(history) - 1 - self.k, 0)]
        return np.argmax(seen[:, :NUM_SYMBOLS], axis=1)

    @property
    def memoryless_accuracy(self) -> float:
        """One quarter."""
        return 1 / NUM_SYMBOLS

    @property
    def oracle_accuracy(self) -> float:
        """One."""
        return 1.0
