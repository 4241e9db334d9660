"""How often a training is validated, and by how many episodes: in proportion to its work.

The hyper-parameters and the task alone decide it, so all seeds of a run are validated at the same
steps, and a training that is cut off goes on as planned.
"""

import math
from typing import NamedTuple

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.recipe import quick
from mpn_rl.tasks.wrapping import EPISODE_BOUND

# So many a training, so that its last third has seven,
VALIDATIONS = 20
# of so many episodes at most, where these cost little, and at least, where they cost no more than
# the training itself; fewer where even this is too much, down to
MOST_EPISODES, SOUND_EPISODES, FEWEST_EPISODES = 256, 10, 4
# before which validations are rarer, or where a number is asked for that costs too much: down to
MOST_STRETCHED = 4
# Where nobody knows how many steps a training has.
PERIOD, EPISODES = 5_000, 64


class Validations(NamedTuple):
    """One is due whenever `period` environment steps more have been taken; `episodes` of each."""

    period: int
    episodes: int


def in_proportion(
    hyperparameters: Hyperparameters, longest_episode: int | None, passes: float
) -> Validations:
    """The validations that take `validation_share` of a training's work at most.

    A step of training costs as much as W greedy ones: the forward passes that it takes, but 1 where
    a task is not quick (`recipe.quick`), as the time of its environment is unknown. L is
    `longest_episode`, or `EPISODE_BOUND` where that is None.

    `validation_period` None is `num_steps` / 20, but at least 4 L / W as long as that is no more
    than a quarter of `num_steps`. `validation_episodes` None is share W period / L, but at least
    10 or W period / L, whichever is less, and at most 256.

    Where E = `validation_episodes` is given, the period becomes its smallest multiple P with
    E L <= share W P, but at most a quarter of `num_steps`; what E then exceeds is left out. There
    is one episode at least, or `FEWEST_EPISODES` where L is unknown. Where episodes end the
    training its steps are unknown, and the period is 5,000 or as given.
    """
    hp = hyperparameters
    work = passes if quick(hp) else 1.0
    pace = work / (longest_episode or EPISODE_BOUND)  # episodes that cost as much as a step
    fewest = 1 if longest_episode else FEWEST_EPISODES
    period = hp.validation_period or _period(hp, pace)
    if hp.validation_share is None:
        return Validations(period, hp.validation_episodes or EPISODES)
    paid = hp.validation_share * pace * period
    if hp.validation_episodes is None:
        sound = min(SOUND_EPISODES, pace * period)
        return Validations(period, max(fewest, int(min(MOST_EPISODES, max(paid, sound)))))
    episodes, most = hp.validation_episodes, max(1, (_steps(hp) or 0) // (MOST_STRETCHED * period))
    times = most if most * paid <= episodes else math.ceil(episodes / paid)
    return Validations(times * period, min(episodes, max(fewest, int(times * paid))))


def _steps(hp: Hyperparameters) -> int | None:
    """How long training is, where that is known before."""
    return None if hp.num_episodes is not None else hp.num_steps


def _period(hp: Hyperparameters, pace: float) -> int:
    """That of so many validations as a training has, fewer where episodes are very long."""
    steps = _steps(hp)
    if steps is None:
        return PERIOD
    least = min(math.ceil(FEWEST_EPISODES / pace), steps // MOST_STRETCHED)
    return max(hp.num_envs, steps // VALIDATIONS, least)
