"""Starts of episodes ahead of time, for tasks that compiled loops play.

They are drawn by the task itself, in the order in which its episodes begin, so that a task played
compiled begins the same episodes as one played step by step. `catalogue.Entry.compiled` names the
function that says how a task is played.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from mpn_rl.compiled.tasks import Functions, Playing
from mpn_rl.parameters.catalogue import PLAYED
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.rounds import rounds
from mpn_rl.tasks.wrappers import PreviousStep

FEWEST = 64  # starts that are drawn at a time
# Of these all is drawn beforehand that may be seen, and many episodes have to fit into memory.
NOISY, MOST_NOISY_STEPS = ("NoisyPositionCartPole-v1",), 10_000


class Starts(NamedTuple):
    """bank (start, …) and answers (start, …), see `compiled.tasks.Playing`."""

    bank: np.ndarray
    answers: np.ndarray


class Played(NamedTuple):
    """How compiled loops play a task: its functions, its constants, and how starts are drawn.

    `draw` gives those of so many episodes to come, a multiple of `num_envs`; `present` of those
    that have just begun in all environments. previous is as in `Playing`.
    """

    functions: Functions
    constants: np.ndarray
    draw: Callable[[int], Starts]
    present: Callable[[], Starts]
    limit: int = np.iinfo(np.int64).max
    previous: tuple[int, int, int] = 0, 0, 0

    def playing(self, starts: Starts, num_envs: int) -> Playing:
        """Environments in which no episode has begun."""
        numbers, counts = np.zeros((num_envs, 4)), np.zeros((num_envs, 4), np.int64)
        return Playing(numbers, counts, *starts, self.limit, self.constants, self.previous)


def why_not_played(hp: Hyperparameters) -> str | None:
    """Why compiled loops do not play the task of these hyper-parameters; None: they do."""
    if hp.task not in PLAYED or not PLAYED[hp.task].compiled:
        return f"task {hp.task}"
    if hp.task in NOISY and (hp.max_episode_steps or 0) > MOST_NOISY_STEPS:
        return f"noise over more than {MOST_NOISY_STEPS:,} steps"
    return None


def played(task: VectorTask, name: str) -> Played:
    """How compiled loops play this task, of this name in the catalogue."""
    if isinstance(task, PreviousStep):
        actions = task.num_actions * task.with_action
        previous = task.task.observation_dim, actions, int(task.with_reward)
        return played(task.task, name)._replace(previous=previous)
    way: Played = PLAYED[name].load_compiled()(task)
    if task.longest_episode is not None:
        way = way._replace(limit=task.longest_episode)
    return way


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


def redrawn(
    functions: Functions, constants: list[Any], task: VectorTask, present: Callable[[], Starts]
) -> Played:
    """A task whose further starts are those of episodes that begin in all environments together.

    So they do in trials, which are equally long. Elsewhere, drawn one by one they have to be the
    same.
    """

    def draw(count: int) -> Starts:
        assert count % task.num_envs == 0
        made = []
        for _ in range(count // task.num_envs):
            task.reset()
            made.append(present())
        return joined(made)

    return Played(functions, np.array(constants, np.float64), draw, present)
