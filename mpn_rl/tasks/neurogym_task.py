"""Tasks of NeuroGym behind the interface of all tasks; imports nothing of it.

NeuroGym 2 was written for Gymnasium 0.29 and an older way of seeding, which is made up for here.
"""

from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np

from mpn_rl.errors import TaskError, UserError
from mpn_rl.tasks.base import Bools, Floats, Info, Ints
from mpn_rl.tasks.gymnasium_task import GymnasiumTask


class NeuroGymTask(GymnasiumTask):
    """N environments of a task of NeuroGym: episodes of `max_episode_steps`, trial after trial.

    An episode is truncated, never terminated. `correct` is NeuroGym's `performance`, averaged over
    the trials that ended in the episode; 0 if none did. Tasks that keep none have no `correct`, nor
    have those where not to act can be right, as NeuroGym counts that as wrong.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        env_id: str,
        max_episode_steps: int | None = None,
        **settings: Any,
    ) -> None:
        """`settings` are those of any Gymnasium task; NeuroGym draws no images.

        Raises UserError without `max_episode_steps`, and for a task that does not run.
        """
        if max_episode_steps is None:
            raise UserError(
                f"task {env_id!r} continues from trial to trial without end: set "
                "max_episode_steps to the length of an episode"
            )
        super().__init__(num_envs, env_id=env_id, max_episode_steps=max_episode_steps, **settings)
        self._check_that_it_runs()
        self.has_answer = _judges_trials(self._envs[0].unwrapped)
        self._performances: list[list[float]] = [[] for _ in range(num_envs)]

    def _check_that_it_runs(self) -> None:
        """Some wrappers rely on what Gymnasium 0.29 had, and fail only when they are used."""
        env = self._make()
        try:
            env.reset(seed=0)
            env.step(0)
        except TaskError as error:
            raise TaskError(
                f"{error}: it does not run with Gymnasium {gymnasium.__version__}"
            ) from error.__cause__

    def _reset_environment(self, n: int, seed: int) -> Any:
        # its reset neither seeds nor clears what a task keeps between trials
        env = self._make()
        self._envs[n] = env
        self._performances[n] = []
        seed_environment(env, seed)
        return env.reset(seed=seed)[0]

    def _hear(self, n: int, said: dict[str, Any]) -> None:
        if "performance" in said:
            self._performances[n].append(float(said["performance"]))

    def step(self, actions: Ints) -> tuple[Floats, Floats, Bools, Bools, Info]:
        """Step every environment; actions (N,)."""
        observation, reward, terminated, truncated, info = super().step(actions)
        if self.has_answer:
            for n in np.flatnonzero(terminated | truncated):
                info["correct"][n] = np.mean(self._performances[n] or [0.0])
        return observation, reward, terminated, truncated, info

    def _info(self) -> Info:
        info = super()._info()
        return info | {"correct": np.full(self.num_envs, np.nan)} if self.has_answer else info


def _judges_trials(task: Any) -> bool:
    """Whether `performance` is set by the steps of a trial.

    Where the start of a trial sets it too, to what holds if nothing is done, NeuroGym 2.3 puts it
    back to 0 at once.
    """
    step, start = (method.__code__.co_names for method in (task._step, task._new_trial))
    return "performance" in step and "performance" not in start


def seed_environment(env: gymnasium.Env, seed: int) -> None:
    """Seed all generators of a new environment of NeuroGym, each with its own number."""
    parts = list(_seeded_parts(env))
    numbers = np.random.SeedSequence(seed).generate_state(len(parts))
    for part, number in zip(parts, numbers, strict=True):
        part.seed(int(number))
    if hasattr(env.unwrapped, "new_block"):
        # the first block was drawn when the environment was made, before it could be seeded
        env.unwrapped.new_block()


def _seeded_parts(env: gymnasium.Env) -> Iterator[Any]:
    """The environment inside all wrappers, and the schedules and environments that these hold."""
    while isinstance(env, gymnasium.Wrapper):
        held = vars(env)
        if "schedule" in held:
            yield held["schedule"]
        for other in held.get("envs", ()):
            if other.unwrapped is not env.unwrapped:
                yield from _seeded_parts(other)
        env = env.env
    yield env
