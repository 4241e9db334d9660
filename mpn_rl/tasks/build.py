"""The task that hyper-parameters describe."""

from functools import partial

import numpy as np

from mpn_rl import tasks
from mpn_rl.parameters.catalogue import RECIPE, task_entry
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.tasks.base import VectorTask


def filled_in(hyperparameters: Hyperparameters) -> Hyperparameters:
    """The hyper-parameters with all that the recipe fills in, as the task tells it.

    The project's own tasks are known in microseconds; another is made once, where it matters.
    """
    filled: Hyperparameters = RECIPE.load()(hyperparameters, partial(facts, hyperparameters))
    return filled


def facts(hyperparameters: Hyperparameters) -> tuple[int | None, int]:
    """What the recipe asks of a task: its longest episode (steps), an observation's bytes.

    None where nothing says how long episodes are.
    """
    task = build_task(hyperparameters, 1)
    try:
        form = task.observation_form
        return task.longest_episode, form.dim * np.dtype(form.dtype).itemsize
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
