"""What every learner does: keep the steps of the environments, and learn from them when it is time.

A learner is looked up by name and imported only when it is asked for, so that a change of one
leaves the trainings with another as they are.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from torch import Tensor

from mpn_rl.learning.descent import Descent, UpdateStatistics, copy_state_dict
from mpn_rl.learning.sequences import Step
from mpn_rl.learning.targets import chosen_values, masked_huber_loss, sequence_targets
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.catalogue import LEARNERS
from mpn_rl.parameters.hyperparameters import Hyperparameters


@dataclass(eq=False)
class Learner(ABC):
    """Changes the network `online`; `online` is what acts and what training leaves behind.

    `generator` draws what is replayed.
    """

    online: MPNDQN
    hyperparameters: Hyperparameters
    observation_dim: int
    generator: np.random.Generator
    steps: int = field(default=0, init=False)  # environment steps stored so far

    def __post_init__(self) -> None:
        hp = self.hyperparameters
        self.device = next(self.online.parameters()).device
        self.descent = Descent(
            self.online, hp.learning_rate, hp.learning_rate_decay, hp.gradient_clip
        )

    @property
    def updates(self) -> int:
        """Gradient updates taken so far."""
        return self.descent.updates

    def store(self, step: Step) -> None:
        """Keep one step of every environment to learn from."""
        self.steps += len(step.reward)

    @abstractmethod
    def updates_due(self) -> int:
        """How many updates `learn` would take now."""

    @abstractmethod
    def learn(self) -> Iterator[UpdateStatistics]:
        """Take the updates that are due. Raises DivergedError at a number that is not finite."""

    def check_episode(self, length: int) -> None:  # noqa: B027 (most take any)
        """Raise UserError if an episode of `length` steps is longer than what can be kept."""

    def targets(self, rows: dict[str, Tensor], value: Tensor) -> Tensor:
        """The `sequence_targets` of rows and their values (time, batch)."""
        hp = self.hyperparameters
        return sequence_targets(
            rows,
            value,
            gamma=hp.gamma,
            n_step=hp.n_step,
            return_lambda=hp.return_lambda,
            value_rescaling=hp.value_rescaling,
        )

    def descend(self, q: Tensor, rows: dict[str, Tensor], target: Tensor) -> UpdateStatistics:
        """Step down the Huber loss of q (time, batch, action) against target (time - 1, batch).

        Raises DivergedError at a number that is not finite.
        """
        chosen, valid = chosen_values(q, rows["action"]), rows["valid"][:-1]
        return self.descent.step(masked_huber_loss(chosen, target, valid), self.steps)

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


def make_learner(network: MPNDQN, hyperparameters: Hyperparameters, *more: Any) -> Learner:
    """Build the learner that the hyper-parameters name; the arguments are those of `Learner`."""
    module_name, _, class_name = LEARNERS[hyperparameters.learner].target.partition(":")
    made = getattr(import_module(module_name), class_name)(network, hyperparameters, *more)
    assert isinstance(made, Learner)
    return made
