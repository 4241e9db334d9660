"""The task that hyper-parameters describe."""

from mpn_rl import tasks
from mpn_rl.parameters.catalogue import task_entry
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.tasks.base import VectorTask


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
