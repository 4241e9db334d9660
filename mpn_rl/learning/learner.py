"""What every learner does: keep the steps of the environments, and learn from them when it is time.

A learner is looked up by name and imported only when it is asked for, so that a change of one
leaves the trainings with another as they are.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
import torch

from mpn_rl.learning.descent import Descent, UpdateStatistics, copy_state_dict
from mpn_rl.learning.replay import Step
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.catalogue import LEARNERS
from mpn_rl.parameters.hyperparameters import Hyperparameters


class Learner(ABC):
    """Changes the network `online`; `online` is what acts and what training leaves behind."""

    def __init__(
        self,
        network: MPNDQN,
        hyperparameters: Hyperparameters,
        generator: np.random.Generator,
        device: torch.device,
    ) -> None:
        self.hyperparameters, self.device = hyperparameters, device
        self.online = network.to(device)
        self.descent = Descent(self.online, hyperparameters)
        self.generator = generator
        self.steps = 0  # environment steps stored so far

    @property
    def updates(self) -> int:
        """Gradient updates taken so far."""
        return self.descent.updates

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

    def get_state(self) -> dict[str, Any]:
        """Everything that `set_state` needs to go on exactly, as copies."""
        return {
            "online": copy_state_dict(self.online),
            "descent": self.descent.get_state(),
            "generator": self.generator.bit_generator.state,
            "steps": self.steps,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self.online.load_state_dict(state["online"])
        self.descent.set_state(state["descent"])
        self.generator.bit_generator.state = state["generator"]
        self.steps = state["steps"]


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
