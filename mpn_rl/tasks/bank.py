"""Starts of episodes ahead of time, for tasks that compiled loops play.

They are drawn by the task itself, in the order in which its episodes begin, so that a task played
compiled begins the same episodes as one played step by step.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from gymnasium.utils.seeding import np_random

from mpn_rl.compiled import tasks as compiled
from mpn_rl.compiled.tasks import Functions
from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.gymnasium_task import GymnasiumTask
from mpn_rl.tasks.rounds import rounds
from mpn_rl.tasks.trial import TrialTask

CARTPOLE = "CartPole-v1"
FEWEST = 64  # starts that are drawn at a time


class Starts(NamedTuple):
    """bank (start, …) and answers (start, …), see `compiled.tasks.Playing`."""

    bank: np.ndarray
    answers: np.ndarray


class Played(NamedTuple):
    """How compiled loops play a task: its functions, sizes, and how starts are drawn."""

    functions: Functions
    sizes: np.ndarray
    draw: Callable[[int], Starts]
    present: Callable[[], Starts]


def played(task: VectorTask) -> Played | None:
    """How this task is played in compiled loops; None where it cannot be."""
    if isinstance(task, TrialTask):
        return _trials(task)
    if type(task) is GymnasiumTask and task.env_id == CARTPOLE:
        return _cartpole(task)
    return None


def can_be_played(name: str) -> bool:
    """Whether compiled loops play the task of this name."""
    return name == CARTPOLE or (name in TASKS and issubclass(TASKS[name].load(), TrialTask))


def first_starts(task: VectorTask, way: Played, episodes: int, seed: int) -> Starts:
    """The starts of the `rounds` that `seed` decides."""
    made = []
    for episode, _, _ in rounds(task, episodes, seed):
        counted = (episode >= 0).sum()
        made.append(Starts(*(array[:counted] for array in way.present())))
    return joined(made)


def joined(starts: list[Starts]) -> Starts:
    """All of them, one behind the other."""
    return Starts(*(np.concatenate(arrays) for arrays in zip(*starts, strict=True)))


def _most(limit: int | None) -> int:
    return np.iinfo(np.int64).max if limit is None else limit


def _cartpole(task: GymnasiumTask) -> Played:
    def begin(seed: int) -> np.ndarray:
        return np_random(seed)[0].uniform(low=-0.05, high=0.05, size=(4,))

    def starts(states: list[np.ndarray]) -> Starts:
        return Starts(np.array(states), np.zeros((len(states), 1), np.int64))

    def draw(count: int) -> Starts:
        return starts([begin(int(task.np_random.integers(2**31))) for _ in range(count)])

    spec = task._envs[0].spec
    return Played(
        Functions(compiled.cartpole_reset, compiled.cartpole_step, compiled.cartpole_show),
        np.array([_most(spec.max_episode_steps if spec else None), 0, 1]),
        draw,
        lambda: starts([begin(int(seed)) for seed in task._seeds]),
    )


def _trials(task: TrialTask) -> Played:
    def starts(rows: slice) -> Starts:
        seen = task._observations[rows]
        return Starts(
            seen.reshape(len(seen), -1).astype(np.float64), task._answers[rows].astype(np.int64)
        )

    def draw(count: int) -> Starts:
        assert count % task.num_envs == 0
        made = []
        for _ in range(count // task.num_envs):
            task.reset(options={"reset_mask": np.ones(task.num_envs, np.bool_)})
            made.append(starts(slice(None)))
        return joined(made)

    return Played(
        Functions(compiled.trial_reset, compiled.trial_step, compiled.trial_show),
        np.array([_most(task.max_episode_steps), task.num_steps, task.num_judged]),
        draw,
        lambda: starts(slice(None)),
    )
