"""A task of this package as one ordinary Gymnasium environment."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.drawing import tile_image


class SingleTask(gymnasium.Env):
    """One environment of a vectorised task, for `gymnasium.make("mpn_rl/...")`.

    `info` holds the phase and the task variables of the observation; "correct" only when an episode
    that is judged has ended.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 10}

    def __init__(self, task: VectorTask, render_mode: str | None = None) -> None:
        """`task` has num_envs=1."""
        if task.num_envs != 1:
            raise ValueError(f"num_envs must be 1, not {task.num_envs}")
        self.task = task
        self.render_mode = render_mode
        self.observation_space = task.single_observation_space
        self.action_space = task.single_action_space
        self._seen = np.zeros(task.observation_dim, np.float32)
        self._phase = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start an episode; observation (D,) float32."""
        super().reset(seed=seed, options=options)
        self.task.np_random = self.np_random
        observation, info = self.task.reset()
        self._seen, self._phase = observation[0].copy(), int(info["phase"][0])
        return observation[0], self._single(info)

    def step(self, action: Any) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Act; observation (D,) float32."""
        observation, reward, terminated, truncated, info = self.task.step(np.array([action]))
        self._seen, self._phase = observation[0].copy(), int(info["phase"][0])
        return (
            observation[0],
            float(reward[0]),
            bool(terminated[0]),
            bool(truncated[0]),
            self._single(info),
        )

    @staticmethod
    def _single(info: dict[str, NDArray[Any]]) -> dict[str, Any]:
        single = {name: values[0].item() for name, values in info.items()}
        if np.isnan(single.get("correct", 0.0)):
            del single["correct"]
        return single

    def render(self) -> NDArray[np.uint8] | None:
        """The task's image, or tiles for observation and phase if the task draws none."""
        if self.render_mode != "rgb_array":
            return None
        images = self.task.render()
        if images is not None:
            return images[0]
        space = self.observation_space
        assert isinstance(space, spaces.Box)
        return tile_image(space, self._seen, self._phase, len(self.task.phase_names))

    def close(self) -> None:
        """Close the task."""
        self.task.close()
