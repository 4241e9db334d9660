"""How often a training is validated, and by how many episodes: in proportion to its work.

The hyper-parameters and the task alone decide it, so all seeds of a run are validated at the same
steps, and a training that is cut off goes on as planned.
"""

import math
from typing import NamedTuple

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.recipe import quick
from mpn_rl.tasks.wrapping import EPISODE_BOUND

# A training has so many validations at least, if need be of fewer episodes,
MOST_STRETCHED = 4
# but of so many at least where no limit of steps is known, as most episodes are then far shorter
# than the bound that stands for it.
FEWEST_EPISODES = 4


class Validations(NamedTuple):
    """One is due whenever `period` environment steps more have been taken; `episodes` of each."""

    period: int
    episodes: int


def in_proportion(
    hyperparameters: Hyperparameters, longest_episode: int | None, passes: float
) -> Validations:
    """The validations that take `validation_share` of a training's work at most.

    A step of training costs as much as W greedy ones: the forward passes that it takes, but 1 where
    a task is not quick (`recipe.quick`), as the time of its environment is unknown. With E =
    `validation_episodes` of `longest_episode` = L steps, or `EPISODE_BOUND` where that is None, the
    period is the smallest multiple P of `validation_period` with E L <= share W P, but at most a
    quarter of `num_steps`; what E then exceeds is left out, down to 1, or to `FEWEST_EPISODES`
    where L is unknown. Where episodes end the training its steps are unknown, and the period stays.
    """
    hp = hyperparameters
    period, episodes = hp.validation_period, hp.validation_episodes
    if hp.validation_share is None:
        return Validations(period, episodes)
    work = passes if quick(hp) else 1.0
    paid = hp.validation_share * work * period / (longest_episode or EPISODE_BOUND)  # episodes
    most = 1
    if hp.num_steps is not None and hp.num_episodes is None:
        most = max(1, hp.num_steps // (MOST_STRETCHED * period))
    times = most if most * paid <= episodes else math.ceil(episodes / paid)
    fewest = 1 if longest_episode else FEWEST_EPISODES
    return Validations(times * period, min(episodes, max(fewest, int(times * paid))))
