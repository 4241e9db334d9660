"""How compiled loops play CartPole-v1, and what is seen of it in part; see `bank`."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from gymnasium.utils.seeding import np_random

from mpn_rl.compiled.cartpole import CARTPOLE, NOISY_CARTPOLE, STATE
from mpn_rl.compiled.tasks import Functions
from mpn_rl.tasks.bank import Played, Starts
from mpn_rl.tasks.gymnasium_task import GymnasiumTask


def whole(task: GymnasiumTask) -> Played:
    """A start is a state, all of which is shown."""
    return _seeded(task, CARTPOLE, range(STATE), _state)


def partial(task: Any) -> Played:
    """A start is a state."""
    return _seeded(task, CARTPOLE, task.shown, _state)


def noisy(task: Any) -> Played:
    """A start is a state, and the noise of all that can be seen in the episode."""
    box, shape = task.single_observation_space, (task.longest_episode + 1, len(task.shown))

    def begin(seed: int) -> np.ndarray:
        noise = task.observation_noise * task.generator_of(seed).standard_normal(shape)
        return np.concatenate([_state(seed), noise.ravel()])

    return _seeded(task, NOISY_CARTPOLE, [*task.shown, *box.low, *box.high], begin)


def _state(seed: int) -> np.ndarray:
    """As Gymnasium's CartPole begins."""
    return np_random(seed)[0].uniform(low=-0.05, high=0.05, size=(STATE,))


def _seeded(
    task: GymnasiumTask,
    functions: Functions,
    constants: Iterable[float],
    begin: Callable[[int], np.ndarray],
) -> Played:
    """A task whose every episode is decided by a seed of its own, which `begin` makes a start."""

    def starts(seeds: Iterable[int]) -> Starts:
        bank = np.array([begin(int(seed)) for seed in seeds])
        return Starts(bank, np.zeros((len(bank), 1), np.int64))

    def draw(count: int) -> Starts:
        return starts(int(task.np_random.integers(2**31)) for _ in range(count))

    return Played(functions, np.array([*constants], np.float64), draw, lambda: starts(task._seeds))
