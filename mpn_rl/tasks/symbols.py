"""Trials in which symbols are shown, of which an earlier one has to be said at every later step."""

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import Trials, TrialTask, one_hot

NUM_SYMBOLS = 4


class SymbolTask(TrialTask):
    """Symbols drawn independently and uniformly from 4, in a phase to watch and one to recall.

    Observation (6,): the symbol, one-hot; the phase, one-hot. Actions: the 4 symbols. Every action
    of the recall is judged, and nothing that is shown says which is right.
    """

    variable_names = ("symbol", "target")

    def __init__(
        self, num_envs: int, num_steps: int, num_judged: int, max_episode_steps: int | None
    ) -> None:
        super().__init__(
            num_envs,
            num_steps,
            [0] * (NUM_SYMBOLS + 2),
            [1] * (NUM_SYMBOLS + 2),
            max_episode_steps,
            num_actions=NUM_SYMBOLS,
            num_judged=num_judged,
        )

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` sequences. Variable "target" is -1 while there is nothing to recall."""
        symbol = generator.integers(NUM_SYMBOLS, size=(count, self.num_steps))
        watched = self.num_steps - self.num_judged
        phases = (np.arange(self.num_steps) >= watched).astype(np.int64)
        target = self.target(symbol)
        cues = np.broadcast_to(one_hot(phases, 2), (count, self.num_steps, 2))
        observations = np.concatenate([one_hot(symbol, NUM_SYMBOLS), cues], axis=-1)
        answers = np.where(phases == 1, target, -1)
        return Trials(observations, phases, answers, {"symbol": symbol, "target": target})

    def target(self, symbol: Ints) -> Ints:
        """What is to be recalled at each step (K, T) or (K, 1), of the symbols (K, T)."""
        raise NotImplementedError

    def memoryless_action(self, observation: Floats) -> Ints:
        """Always the first symbol: all are equally likely, whatever is shown."""
        return np.zeros(len(observation), np.int64)
