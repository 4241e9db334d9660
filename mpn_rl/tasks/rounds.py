"""Rounds of episodes that are the same ones whoever plays them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mpn_rl.tasks.base import Floats, Info, VectorTask


def rounds(
    task: VectorTask, num_episodes: int, seed: int
) -> Iterator[tuple[NDArray[np.int64], Floats, Info]]:
    """Start `num_episodes` episodes, a new one in all N environments of `task` at a time.

    Yields, per round, the number of each environment's episode (N,), -1 where it has none to play,
    and the observations (N, D) and info that they start with. Episode n is played by environment
    n mod N, so that long and short episodes count alike. `seed` and a round's index alone decide
    how it starts: the task's generator goes on from where it was when the round before had
    started, whatever has been drawn since for episodes that nobody counts.
    """
    for first in range(0, num_episodes, task.num_envs):
        episode = first + np.arange(task.num_envs)
        episode[episode >= num_episodes] = -1
        observation, info = task.reset(seed=seed if first == 0 else None)
        started = task.np_random.bit_generator.state
        yield episode, observation, info
        task.np_random.bit_generator.state = started
