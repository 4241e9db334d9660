"""Which sequences are drawn more often: those that the network predicts worst."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class SequencePriorities:
    """A priority for each slot of a ring of sequences per environment.

    A sequence is known by (environment, number): numbers count an environment's sequences from its
    first, and number n lives in slot n modulo the number of slots. P(sequence) is proportional to
    its priority. A new sequence gets the highest priority that there has been.
    """

    def __init__(self, priority: NDArray[np.float64]) -> None:
        """`priority` (environment, slot) is zero, and written to."""
        self.priority = priority
        self.highest = np.ones(1)

    def enter(self, env: NDArray[np.integer], number: Ints) -> None:
        """Let new sequences in; env, number (entries,)."""
        self.priority[env, number % self.priority.shape[1]] = self.highest[0]

    def draw(
        self, first: Ints, count: Ints, size: int, generator: np.random.Generator
    ) -> tuple[Ints, Ints]:
        """Draw `size` sequences with replacement among numbers first … first + count - 1.

        first, count (num_envs,). Returns environments and numbers (size,).
        """
        number = first[:, None] + np.arange(int(count.max()))
        weight = np.take_along_axis(self.priority, number % self.priority.shape[1], axis=1)
        weight = np.where(number < (first + count)[:, None], weight, 0.0)
        ends = np.cumsum(weight)
        drawn = np.searchsorted(ends, generator.random(size) * ends[-1], side="right")
        env, place = np.divmod(np.minimum(drawn, np.flatnonzero(weight)[-1]), number.shape[1])
        return env, number[env, place]

    def update(self, env: Ints, number: Ints, priority: NDArray[np.floating]) -> None:
        """Give drawn sequences their new priorities; all (entries,), priorities positive."""
        self.priority[env, number % self.priority.shape[1]] = priority
        self.highest[0] = max(self.highest[0], float(priority.max()))


def sequence_priority(
    error: NDArray[np.floating],
    valid: NDArray[np.bool_],
    max_weight: float,
    exponent: float,
) -> NDArray[np.float64]:
    """p = (w max_t |delta_t| + (1 - w) mean_t |delta_t|)^exponent over the valid steps.

    error (time, batch), the temporal-difference errors delta; valid (time, batch). Returns
    (batch,), at least 1e-6 before the exponent so that nothing is never drawn again.
    Source: Kapturowski et al. 2019, "Recurrent experience replay" (R2D2), section 2.3.
    """
    size = np.where(valid, np.abs(error), 0.0).astype(np.float64)
    mean = size.sum(axis=0) / np.maximum(valid.sum(axis=0), 1)
    mixed = max_weight * size.max(axis=0) + (1.0 - max_weight) * mean
    return np.maximum(mixed, 1e-6) ** exponent
