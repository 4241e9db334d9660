"""Wrappers around a task."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

from mpn_rl.observations import ObservationForm, Part
from mpn_rl.tasks.base import Bools, Floats, Info, Ints, State, VectorTask


class PreviousStep(VectorTask):
    """Appends the previous action (one-hot, A entries) and the previous reward to what is seen.

    Both are zero in the first observation of an episode. Everything else is the wrapped task's.
    """

    def __init__(self, task: VectorTask, *, action: bool = False, reward: bool = False) -> None:
        """Append what is asked for: the `action`, the `reward`, or both in this order."""
        inner = task.single_observation_space
        assert isinstance(inner, spaces.Box)
        added_low = [0.0] * (task.num_actions * action) + [-np.inf] * reward
        added_high = [1.0] * (task.num_actions * action) + [np.inf] * reward
        # one-hot fits into any type, a reward does not
        dtype = np.dtype(np.float32 if reward else inner.dtype)
        space = spaces.Box(
            np.concatenate([inner.low, added_low]).astype(dtype),
            np.concatenate([inner.high, added_high]).astype(dtype),
            dtype=dtype.type,
        )
        super().__init__(task.num_envs, space, task.num_actions)
        self.task = task
        self.phase_names = task.phase_names
        self.variable_names = task.variable_names
        self.has_answer = task.has_answer
        self.episode_bound = task.episode_bound
        self.metadata = task.metadata
        self.with_action = action
        self.with_reward = reward
        self._rows = np.arange(task.num_envs)
        self._added = np.zeros((task.num_envs, len(added_low)), dtype)

    @property  # type: ignore[misc]
    def np_random(self) -> np.random.Generator:
        """The task's generator: the wrapper draws nothing."""
        return self.task.np_random

    @property
    def observation_form(self) -> ObservationForm:
        """The task's, and as many numbers as are appended."""
        inner = self.task.observation_form
        added = Part((self._added.shape[1],))
        return ObservationForm((*inner.parts, added), self._added.dtype.name)

    @property
    def longest_episode(self) -> int | None:
        """The task's."""
        return self.task.longest_episode

    def expected(self, agent: str) -> tuple[float, float] | None:
        """The task's: of an agent that sees no previous action or reward either."""
        return self.task.expected(agent)

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Floats, Info]:
        """Reset the task; nothing has been done before the first step of an episode."""
        observation, info = self.task.reset(seed=seed, options=options)
        mask = options["reset_mask"] if options and "reset_mask" in options else slice(None)
        self._added[mask] = 0
        return self._append(observation), info

    def step(self, actions: Ints) -> tuple[Floats, Floats, Bools, Bools, Info]:
        """Step the task; actions (N,)."""
        observation, reward, terminated, truncated, info = self.task.step(actions)
        self._added[:] = 0
        if self.with_action:
            self._added[self._rows, actions] = 1
        if self.with_reward:
            self._added[:, -1] = reward
        return self._append(observation), reward, terminated, truncated, info

    def _append(self, observation: Floats) -> Floats:
        added = self._added
        return np.concatenate([observation.astype(added.dtype, copy=False), added], axis=1)

    def get_state(self) -> State:
        """The task's state, and the entries that are appended."""
        return {"task": self.task.get_state(), "added": self._added.copy()}

    def set_state(self, state: State) -> None:
        """Continue from what `get_state` returned."""
        self.task.set_state(state["task"])
        self._added[:] = state["added"]

    def render(self) -> list[Any] | None:  # type: ignore[override]
        """What the task draws."""
        return self.task.render()

    def close(self, **kwargs: Any) -> None:
        """Close the task."""
        self.task.close(**kwargs)
