"""What every learner does: keep the steps of the environments, and learn from them when it is time.

A learner is looked up by name and imported only when it is asked for, so that a change of one
leaves the trainings with another as they are.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mpn_rl.config.catalogue import LEARNERS
from mpn_rl.config.hyperparameters import Hyperparameters
from mpn_rl.learning.descent import UpdateStatistics
from mpn_rl.networks.q_network import MPNDQN


@dataclass(frozen=True)
class Step:
    """One step of every environment.

    observation, next_observation (num_envs, observation_dim), `next_observation` being the one
    before any reset; action, reward, terminated, truncated, start (num_envs,), `start` True where
    the step is an episode's first; state (num_envs, …), the core's before the step.
    """

    observation: NDArray[np.float32]
    action: NDArray[np.int64]
    reward: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    start: NDArray[np.bool_]
    next_observation: NDArray[np.float32]
    state: Tensor


class Learner(ABC):
    """Changes the network `online`; `online` is what acts and what training leaves behind."""

    online: MPNDQN

    @property
    @abstractmethod
    def updates(self) -> int:
        """Gradient updates taken so far."""

    @abstractmethod
    def store(self, step: Step) -> None:
        """Keep one step of every environment to learn from."""

    @abstractmethod
    def updates_due(self) -> int:
        """How many updates `learn` would take now."""

    @abstractmethod
    def learn(self) -> Iterator[UpdateStatistics]:
        """Take the updates that are due. Raises DivergedError at a number that is not finite."""

    @abstractmethod
    def check_episode(self, length: int) -> None:
        """Raise UserError if an episode of `length` steps is longer than what can be kept."""

    @abstractmethod
    def get_state(self) -> dict[str, Any]:
        """Everything that `set_state` needs to go on exactly, as copies."""

    @abstractmethod
    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""


def make_learner(
    network: MPNDQN,
    hyperparameters: Hyperparameters,
    observation_dim: int,
    generator: np.random.Generator,
    device: torch.device,
) -> Learner:
    """Build the learner that the hyper-parameters name; `generator` draws what it replays."""
    module_name, _, class_name = LEARNERS[hyperparameters.learner].target.partition(":")
    learner: Learner = getattr(import_module(module_name), class_name)(
        network, hyperparameters, observation_dim, generator, device
    )
    return learner
