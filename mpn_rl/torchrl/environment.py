"""A task of the project as an environment of TorchRL, its environments stepped together."""

from typing import Any

import numpy as np
import torch
from tensordict import TensorDict, TensorDictBase
from torchrl.data import Binary, Bounded, Categorical, Composite, Unbounded
from torchrl.envs import EnvBase

from mpn_rl.tasks.base import VectorTask

ENDS = ("done", "terminated", "truncated")


class TaskEnv(EnvBase):
    """`task` with batch size (task.num_envs,); actions are categorical, `done` ends each alone.

    Only resets that are asked for are made. Where `task.has_answer`, ("next", "correct") is the
    fraction of right answers of an episode that has just ended, nan elsewhere.
    """

    def __init__(self, task: VectorTask) -> None:
        """Take over the task, which is closed with the environment."""
        super().__init__(device=torch.device("cpu"), batch_size=torch.Size([task.num_envs]))
        self.task = task
        lead = (task.num_envs,)
        space: Any = task.observation_space
        seen = Bounded(torch.from_numpy(space.low), torch.from_numpy(space.high))
        self.observation_spec = Composite(observation=seen, shape=lead)
        if task.has_answer:
            self.observation_spec["correct"] = Unbounded(shape=(*lead, 1))
        self.action_spec = Categorical(task.num_actions, shape=lead)
        ends = {name: Binary(shape=(*lead, 1), dtype=torch.bool) for name in ENDS}
        self.full_done_spec = Composite(ends, shape=lead)
        self.reward_spec = Unbounded(shape=(*lead, 1))
        self._seed: int | None = None

    def _set_seed(self, seed: int | None) -> None:
        """Renew all randomness at the next reset."""
        self._seed = seed

    def _reset(self, tensordict: TensorDictBase | None = None, **_: Any) -> TensorDictBase:
        mask = None if tensordict is None else tensordict.get("_reset", None)
        if self._seed is not None or mask is None:
            observation, info = self.task.reset(seed=self._seed)
            self._seed = None
        else:
            chosen = mask.reshape(-1).numpy()
            observation, info = self.task.reset(options={"reset_mask": chosen})
        ends = {name: torch.zeros(self.task.num_envs, 1, dtype=torch.bool) for name in ENDS}
        return TensorDict({**self._seen(observation, info), **ends}, self.batch_size)

    def _step(self, tensordict: TensorDictBase) -> TensorDictBase:
        action = tensordict.get("action").reshape(-1).numpy()
        observation, reward, terminated, truncated, info = self.task.step(action)
        ends = {"terminated": terminated, "truncated": truncated, "done": terminated | truncated}
        found = {name: _column(values) for name, values in {**ends, "reward": reward}.items()}
        return TensorDict({**self._seen(observation, info), **found}, self.batch_size)

    def _seen(self, observation: Any, info: dict[str, Any]) -> dict[str, torch.Tensor]:
        found = {"observation": torch.from_numpy(np.array(observation))}
        if self.task.has_answer:
            found["correct"] = _column(info["correct"].astype(np.float32))
        return found

    def close(self, **_: Any) -> None:
        """Close the task."""
        super().close()
        self.task.close()


def _column(values: Any) -> torch.Tensor:
    """(N,) as (N, 1), a copy."""
    return torch.from_numpy(np.array(values)).unsqueeze(-1)
