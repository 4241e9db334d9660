"""Tasks, vectorised and seeded: the project's own, and any Gymnasium id.

Importing this package registers the project's own tasks with Gymnasium in the namespace `mpn_rl`,
so that `gymnasium.make("mpn_rl.tasks:mpn_rl/DelayedMatch-v0")` works from anywhere.
"""

from functools import partial
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec

from mpn_rl.errors import UserError
from mpn_rl.parameters.catalogue import FOREIGN, TASKS
from mpn_rl.parameters.task_ids import own_name
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.gymnasium_task import GymnasiumTask
from mpn_rl.tasks.making import find_environment
from mpn_rl.tasks.processes import Make, TaskInProcesses
from mpn_rl.tasks.single import SingleTask
from mpn_rl.tasks.wrappers import PreviousStep

__all__ = ["SingleTask", "VectorTask", "make", "register"]

NAMESPACE = "mpn_rl"


def make(
    task_id: str,
    num_envs: int = 1,
    render: bool = False,
    previous_action: bool = False,
    previous_reward: bool = False,
    processes: int = 1,
    **task_parameters: Any,
) -> VectorTask:
    """Make `num_envs` environments of a task.

    `task_id` is a name of the catalogue ("DelayedMatch-v0", also "mpn_rl/DelayedMatch-v0") or any
    Gymnasium id ("CartPole-v1", "module:id"). `render` makes `VectorTask.render` give images.
    `previous_action` and `previous_reward` append these to the observations. `task_parameters` are
    those that the catalogue lists for the task, and `max_episode_steps` for any. A task that others
    wrote steps its environments in so many `processes`, which changes nothing that is seen.

    Raises UserError for an unknown task, a parameter it has not, or spaces that cannot be used.
    """
    own = own_name(task_id) in TASKS
    entry = TASKS[own_name(task_id)] if own else FOREIGN
    limit = task_parameters.pop("max_episode_steps", None)
    for parameter in task_parameters:
        if parameter not in entry.parameters:
            allowed = ", ".join(sorted([*entry.parameters, "max_episode_steps"]))
            raise UserError(f"task {task_id!r} has no parameter {parameter!r}; it has {allowed}")
    task: VectorTask
    if not own:
        settings = {"render": render, "max_episode_steps": limit, **task_parameters}
        task_class = _class_of(find_environment(task_id, further_names=TASKS))
        make_some = partial(task_class, env_id=task_id, **settings)
        task = _in_processes(make_some, num_envs, min(processes, num_envs))
    else:
        own_class = entry.load()
        draws = "rgb_array" in own_class.metadata["render_modes"]
        parameters = entry.model.read(task_parameters)
        task = own_class(num_envs, parameters, limit, **({"render": render} if draws else {}))
    if previous_action or previous_reward:
        return PreviousStep(task, action=previous_action, reward=previous_reward)
    return task


def _in_processes(make_some: Make, num_envs: int, processes: int) -> VectorTask:
    if processes <= 1:
        return make_some(num_envs)
    return TaskInProcesses(make_some(1), make_some, num_envs, processes)


def _class_of(spec: EnvSpec) -> type[GymnasiumTask]:
    """What stands before an environment, by the package that it comes from."""
    if str(spec.entry_point).startswith("neurogym."):
        from mpn_rl.tasks.neurogym_task import NeuroGymTask  # needed for such ids only

        return NeuroGymTask
    return GymnasiumTask


def make_single(task_id: str, render_mode: str | None = None, **parameters: Any) -> SingleTask:
    """Gymnasium's entry point for one environment of one of the project's own tasks."""
    task = make(task_id, num_envs=1, render=render_mode == "rgb_array", **parameters)
    return SingleTask(task, render_mode)


def make_vector(
    task_id: str, num_envs: int = 1, render_mode: str | None = None, **parameters: Any
) -> VectorTask:
    """Gymnasium's entry point for a vector of environments (`gymnasium.make_vec`)."""
    return make(task_id, num_envs=num_envs, render=render_mode == "rgb_array", **parameters)


def register() -> None:
    """Register the project's own tasks with Gymnasium, once."""
    for name in TASKS:
        env_id = f"{NAMESPACE}/{name}"
        if env_id not in gymnasium.registry:
            gymnasium.register(
                id=env_id,
                entry_point=f"{__name__}:make_single",
                vector_entry_point=f"{__name__}:make_vector",
                kwargs={"task_id": name},
            )


register()
