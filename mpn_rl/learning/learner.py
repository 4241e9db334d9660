"""What every learner does: keep the steps of the environments, and learn from them when it is time.

A learner is looked up by name and imported only when it is asked for, so that a change of one
leaves the trainings with another as they are.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mpn_rl.errors import UserError
from mpn_rl.learning.adam import Adam, as_one_vector, trained_parameters
from mpn_rl.learning.replay import ReplayShape
from mpn_rl.learning.rewards import RewardScale
from mpn_rl.learning.schedules import learning_rate
from mpn_rl.learning.sequences import Step
from mpn_rl.learning.targets import chosen_values, masked_huber_loss, sequence_targets
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.observations import ObservationForm
from mpn_rl.parameters.catalogue import LEARNERS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.greedy import GreedyNetwork
from mpn_rl.playing.rollout import Agent


class DivergedError(ArithmeticError):
    """Learning met a number that is not finite; the message says which and when."""


class UpdateStatistics(NamedTuple):
    """What one gradient update reports: the loss and the gradient's norm before clipping."""

    loss: float
    gradient_norm: float


@dataclass(eq=False)
class Learner(ABC):
    """Changes the network `online`, which acts; `kept` is validated and left behind.

    They are one and the same, or `kept` has the running average of its weights.
    `form` is what its observations are; `generator` draws what is replayed.
    """

    size_key: ClassVar[str]
    """The hyper-parameter that says how much is kept."""

    compiled: ClassVar[str | None] = None
    """What makes the training of a seed where it may be compiled, "module:function"."""

    online: MPNDQN
    hyperparameters: Hyperparameters
    form: ObservationForm
    generator: np.random.Generator
    steps: int = field(default=0, init=False)  # environment steps stored so far

    def __post_init__(self) -> None:
        self.device = next(self.online.parameters()).device
        self._parameters = trained_parameters(self.online)
        hp, theta = self.hyperparameters, as_one_vector(self.online)
        self.kept, average = self.online, None
        if hp.weight_averaging is not None:
            self.kept = self.online.copied()
            average = as_one_vector(self.kept)
            self.kept.requires_grad_(False)
        self.optimizer = Adam(theta, average, hp.weight_averaging or 0.0)
        self.reward_scale = RewardScale(hp.reward_scale, hp.gamma, hp.num_envs)

    @property
    def updates(self) -> int:
        """Gradient updates taken so far."""
        return self.optimizer.steps

    def prepare(self) -> None:
        """Compile or load in advance what the first step and update need."""
        self.online.core.prepare()

    def choose(
        self,
        observation: NDArray[Any],
        state: Tensor,
        epsilon: float,
        generator: torch.Generator,
    ) -> tuple[NDArray[np.int64], Tensor]:
        """Actions (num_envs,) and the next state; see `MPNDQN.select_action`."""
        seen = torch.as_tensor(observation, device=self.device)
        self.online.observe(seen)
        action, state = self.online.select_action(seen, state, epsilon, generator)
        return action.cpu().numpy(), state

    def greedy(self, envs: int) -> Agent:
        """What takes the best actions in so many environments, as `kept` knows them."""
        del envs
        return GreedyNetwork(self.kept)

    def store(self, step: Step) -> None:
        """Keep one step of every environment to learn from."""
        self.steps += len(step.reward)
        self.reward_scale.add(step.reward, step.terminated | step.truncated)

    @abstractmethod
    def replay_shape(self, hyperparameters: Hyperparameters) -> ReplayShape:
        """What is kept of the steps with these hyper-parameters, and how much memory it takes."""

    @abstractmethod
    def update_rows(self, hyperparameters: Hyperparameters) -> int | None:
        """Rows of observations that an update takes at once; None where episodes decide it."""

    @abstractmethod
    def updates_due(self) -> int:
        """How many updates `learn` would take now."""

    @abstractmethod
    def learn(self) -> Iterator[UpdateStatistics]:
        """Take the updates that are due. Raises DivergedError at a number that is not finite."""

    @abstractmethod
    def passes(self, episode_length: int) -> float:
        """Forward passes that a step costs, acting and learning; a backward pass counts as two."""

    @property
    def longest_kept(self) -> int | None:
        """Steps of the longest episode that can be learned from; None where any can."""
        return None

    def check_episode(self, length: int) -> None:
        """Raise UserError if an episode of `length` steps is longer than what can be kept."""
        hp, longest = self.hyperparameters, self.longest_kept
        if longest is not None and length > longest:
            raise UserError(
                f"buffer_size: {hp.buffer_size} cannot hold an episode of {length} steps "
                f"in each of {hp.num_envs} environments; set it to at least "
                f"{(length + 1) * hp.num_envs}, or set a smaller max_episode_steps, or "
                "replay_start: stored with a sequence_length"
            )

    def targets(self, rows: dict[str, Tensor], value: Tensor) -> Tensor:
        """`sequence_targets` of rows and of the network's worth of each (time, batch), as set."""
        hp = self.hyperparameters
        settings = hp.gamma, hp.n_step, hp.return_lambda, hp.value_rescaling
        scaled = rows | {"reward": rows["reward"] * self.reward_scale.value}
        return sequence_targets(scaled, value, *settings)

    def descend(self, q: Tensor, rows: dict[str, Tensor], target: Tensor) -> UpdateStatistics:
        """Step down the Huber loss of q (time, batch, action) against target (time - 1, batch).

        The gradient g over all trained parameters is clipped, g <- g min(1, gradient_clip / |g|).
        Raises DivergedError at a number that is not finite.
        """
        hp = self.hyperparameters
        chosen, valid = chosen_values(q, rows["action"]), rows["valid"][:-1]
        loss = masked_huber_loss(chosen, target, valid)
        parts = torch.autograd.grad(
            loss, self._parameters, allow_unused=True, materialize_grads=True
        )
        gradient = torch.cat([part.reshape(-1) for part in parts])
        norm = torch.linalg.vector_norm(gradient).item()
        statistics = self.checked(loss.item(), norm)
        if norm > hp.gradient_clip:
            gradient.mul_(hp.gradient_clip / norm)
        self.optimizer.step(gradient, learning_rate(hp, self.steps))
        return statistics

    def checked(self, *numbers: float) -> UpdateStatistics:
        """The next update's loss and norm. Raises DivergedError at one that is not finite."""
        for name, number in zip(UpdateStatistics._fields, numbers, strict=True):
            if not math.isfinite(number):
                told = name.replace("_", " ")
                raise DivergedError(f"the {told} became {number} at update {self.updates + 1}")
        return UpdateStatistics(*numbers)

    def get_state(self) -> dict[str, Any]:
        """Everything that `set_state` needs to go on exactly; good until the next step."""
        return {
            "online": copy_state_dict(self.online),
            "optimizer": self.optimizer.get_state(),
            "generator": self.generator.bit_generator.state,
            "steps": self.steps,
            "reward_scale": self.reward_scale.get_state(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self.online.load_state_dict(state["online"])
        self.optimizer.set_state(state["optimizer"])
        self.generator.bit_generator.state = state["generator"]
        self.steps = state["steps"]
        self.reward_scale.set_state(state["reward_scale"])


def make_learner(network: MPNDQN, hyperparameters: Hyperparameters, *more: Any) -> Learner:
    """Build the learner that the hyper-parameters name; the arguments are those of `Learner`."""
    made: Learner = LEARNERS[hyperparameters.learner].load()(network, hyperparameters, *more)
    return made


def copy_state_dict(network: nn.Module) -> dict[str, Tensor]:
    """The network's parameters and buffers, detached copies on the CPU."""
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}
