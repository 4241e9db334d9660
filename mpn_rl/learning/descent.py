"""Gradient descent on a network's trained parameters, shared by all learners."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mpn_rl.learning.adam import Adam, as_one_vector
from mpn_rl.learning.schedules import learning_rate


class DivergedError(ArithmeticError):
    """Learning met a number that is not finite; the message says which and when."""


@dataclass(frozen=True)
class UpdateStatistics:
    """What one gradient update reports: the loss and the gradient norm before clipping."""

    loss: float
    gradient_norm: float


class Descent:
    """Adam steps along gradients whose global norm is clipped, g <- g min(1, clip / |g|).

    The trained parameters become views of the one vector `theta`.
    """

    def __init__(
        self, network: nn.Module, rate: float, rate_decay: float | None, clip: float
    ) -> None:
        """`rate` and `rate_decay` as `schedules.learning_rate` takes them."""
        self._rate, self._rate_decay, self._clip = rate, rate_decay, clip
        self._parameters = trained_parameters(network)
        self.theta = as_one_vector(self._parameters)
        self.optimizer = Adam(self.theta)
        self.updates = 0

    def step(self, loss: Tensor, steps: int) -> UpdateStatistics:
        """Take one step down `loss`, after `steps` environment steps.

        Raises DivergedError where the loss or its gradient is not finite.
        """
        gradients = torch.autograd.grad(
            loss, self._parameters, allow_unused=True, materialize_grads=True
        )
        gradient = torch.cat([part.reshape(-1) for part in gradients])
        norm = torch.linalg.vector_norm(gradient).item()
        statistics = UpdateStatistics(loss=loss.item(), gradient_norm=norm)
        for name, number in (("loss", statistics.loss), ("gradient norm", norm)):
            if not math.isfinite(number):
                raise DivergedError(f"the {name} became {number} at update {self.updates + 1}")
        if norm > self._clip:
            gradient.mul_(self._clip / norm)
        self.optimizer.step(gradient, learning_rate(self._rate, self._rate_decay, steps))
        self.updates += 1
        return statistics

    def get_state(self) -> dict[str, Any]:
        """The optimiser's state and the number of updates, as copies."""
        return {"optimizer": self.optimizer.get_state(), "updates": self.updates}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self.optimizer.set_state(state["optimizer"])
        self.updates = state["updates"]


def trained_parameters(network: nn.Module) -> list[nn.Parameter]:
    """The parameters that learning changes, in the network's order."""
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


def copy_state_dict(network: nn.Module) -> dict[str, Tensor]:
    """The network's parameters and buffers, detached copies on the CPU."""
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}
