"""Adam over all trained parameters of a network as one vector.

The networks here are small: an optimiser's time goes into the number of its operations, not into
their size. Over one vector a step is six operations, where `torch.optim.Adam` needs several for
each parameter and as much again around them.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def trained_parameters(network: nn.Module) -> list[nn.Parameter]:
    """The parameters that learning changes, in the network's order."""
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


def as_one_vector(network: nn.Module) -> Tensor:
    """Lay the trained parameters side by side in one new vector, of which they become views.

    Returns the vector (total number of scalars,). A change of it changes the parameters, and a
    change of them in place, as by `load_state_dict`, changes it.
    """
    parameters = trained_parameters(network)
    vector = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
    parts = vector.split([parameter.numel() for parameter in parameters])
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.data = part.view_as(parameter)
    return vector


def named_weights(network: nn.Module) -> dict[str, np.ndarray]:
    """Arrays of the trained parameters in the optimiser's order, then of all else, by name."""
    trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
    others = {name: t for name, t in network.state_dict().items() if name not in trained}
    return {name: tensor.detach().numpy() for name, tensor in (trained | others).items()}


class Adam:
    """Adam on one vector theta, changed in place, from gradients g_t.

        m_t = b1 m_{t-1} + (1 - b1) g_t    v_t = b2 v_{t-1} + (1 - b2) g_t^2
        theta -= learning_rate m_t / (1 - b1^t) / (sqrt(v_t / (1 - b2^t)) + 1e-8)

    with b1 = 0.9, b2 = 0.999. Source: Kingma & Ba 2015, "Adam", algorithm 1.

    An `average` of the same size follows theta, average <- a_t average + (1 - a_t) theta, with
    a_t = min(`averaging`, t / (9 + t)), so that it does not lag behind the first steps. Sources:
    Polyak & Juditsky 1992; the beginning is that of TensorFlow's ExponentialMovingAverage.
    """

    BETAS = (0.9, 0.999)
    EPSILON = 1e-8

    def __init__(
        self, theta: Tensor, average: Tensor | None = None, averaging: float = 0.0
    ) -> None:
        self.theta, self.average, self.averaging = theta, average, averaging
        self.mean = torch.zeros_like(theta)
        self.square = torch.zeros_like(theta)
        self.steps = 0

    @torch.no_grad()
    def step(self, gradient: Tensor, learning_rate: float) -> None:
        """Take one step along `gradient` (size,); `learning_rate` is the step size."""
        self.steps += 1
        beta_mean, beta_square = self.BETAS
        self.mean.lerp_(gradient, 1.0 - beta_mean)
        self.square.mul_(beta_square).addcmul_(gradient, gradient, value=1.0 - beta_square)
        unbiased = (1.0 - beta_square**self.steps) ** 0.5
        scale = self.square.sqrt().div_(unbiased).add_(self.EPSILON)
        size = learning_rate / (1.0 - beta_mean**self.steps)
        self.theta.addcdiv_(self.mean, scale, value=-size)
        if self.average is not None:
            kept = min(self.averaging, self.steps / (9.0 + self.steps))
            self.average.lerp_(self.theta, 1.0 - kept)

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The moments' and the average's own numbers; without an average an empty array."""
        average = torch.empty(0) if self.average is None else self.average
        return self.mean.numpy(), self.square.numpy(), average.numpy()

    def get_state(self) -> dict[str, Any]:
        """The moments, the average and the number of steps, as copies on the CPU."""
        vectors = {name: vector.cpu().clone() for name, vector in self._vectors().items()}
        return {**vectors, "steps": self.steps}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        for name, vector in self._vectors().items():
            vector.copy_(state[name])
        self.steps = state["steps"]

    def _vectors(self) -> dict[str, Tensor]:
        vectors = {"mean": self.mean, "square": self.square}
        return vectors if self.average is None else vectors | {"average": self.average}
