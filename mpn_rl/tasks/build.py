"""The task that hyper-parameters describe."""

from functools import partial

from mpn_rl import tasks
from mpn_rl.parameters.catalogue import RECIPE, task_entry
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.tasks.base import VectorTask


def filled_in(hyperparameters: Hyperparameters) -> Hyperparameters:
    """The hyper-parameters with all that the recipe fills in, as the task tells it.

    The project's own tasks are known in microseconds; another is made once, where it matters.
    """
    longest = partial(longest_episode, hyperparameters)
    filled: Hyperparameters = RECIPE.load()(hyperparameters, longest)
    return filled


def longest_episode(hyperparameters: Hyperparameters) -> int | None:
    """Steps after which an episode of the task is over at the latest; None: nothing says so."""
    task = build_task(hyperparameters, 1)
    try:
        return task.longest_episode
    finally:
        task.close()


def build_task(
    hyperparameters: Hyperparameters, num_envs: int, render: bool = False, processes: int = 1
) -> VectorTask:
    """`num_envs` environments of the task in lockstep, with the extra inputs that are asked for."""
    names = task_entry(hyperparameters.task).parameters
    parameters = {name: getattr(hyperparameters, name) for name in names}
    return tasks.make(
        hyperparameters.task,
        num_envs=num_envs,
        render=render,
        processes=processes,
        max_episode_steps=hyperparameters.max_episode_steps,
        previous_action=hyperparameters.previous_action,
        previous_reward=hyperparameters.previous_reward,
        **parameters,
    )
