"""What is learned from: steps as they are played, and sequences of them as they are replayed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

# Of a row; observations have the task's own type, see `mpn_rl.observations`.
COLUMNS: dict[str, type] = {
    "observation": np.float32,
    "action": np.int64,
    "reward": np.float32,
    "terminated": np.bool_,
    "truncated": np.bool_,
    "start": np.bool_,
    "valid": np.bool_,
}


@dataclass(frozen=True)
class _Columns:
    observation: NDArray[Any]
    action: NDArray[np.int64]
    reward: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    start: NDArray[np.bool_]


@dataclass(frozen=True)
class Step(_Columns):
    """One step of every environment.

    observation, next_observation (num_envs, observation_dim), `next_observation` being the one
    before any reset; action, reward, terminated, truncated, start (num_envs,), `start` True where
    the step is an episode's first; state (num_envs, …), the core's before the step.
    """

    next_observation: NDArray[Any]
    state: torch.Tensor


@dataclass(frozen=True)
class SequenceBatch(_Columns):
    """Sequences of rows, time first (see `mpn_rl.learning.targets` for what a row is).

    observation (time, batch, observation_dim); action, reward, terminated, truncated, start, valid
    (time, batch), `start` True where an episode begins, `valid` True where a row holds a transition
    that may be learned from; state (batch, …) before the first row, or None for zeros. env, number
    (batch,) say which sequence of which environment it is, for `set_priorities`.
    """

    valid: NDArray[np.bool_]
    state: NDArray[np.float32] | None
    env: NDArray[np.int64]
    number: NDArray[np.int64]


def to_tensors(batch: SequenceBatch, device: torch.device) -> dict[str, torch.Tensor]:
    """The rows of a batch as tensors by name, without its state."""
    return {name: torch.as_tensor(getattr(batch, name), device=device) for name in COLUMNS}
