"""A layer of leaky integrators."""

import torch
from torch import Tensor

from mpn_rl.networks.core import Core, zero_where
from mpn_rl.networks.initialisation import uniform_linear
from mpn_rl.parameters.fields import Parameters, PositiveFraction, parameter


class LeakyParameters(Parameters):
    """What Leaky has; a config names it in brackets: leaky_memory.core:Leaky(leak=0.3)."""

    leak: PositiveFraction = parameter(0.2, "part of the new in each step")


class Leaky(Core[LeakyParameters]):
    """h_t = (1 − leak) h_{t−1} + leak tanh(W x_t + b), h_0 = 0; the state is h (batch, hidden)."""

    def build(self, parameters: LeakyParameters, generator: torch.Generator | None) -> None:
        """Draw W and b; as `Core.build`."""
        self.leak = parameters.leak
        self.state_shape = (self.hidden_dim,)
        self.linear = uniform_linear(self.input_dim, self.hidden_dim, generator)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), state h (batch, hidden) → h, h."""
        h = torch.lerp(state, torch.tanh(self.linear(x)), self.leak)
        return h, h

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input), from zeros where `start` (time, batch)."""
        outputs = []
        for x_t, start_t in zip(x, start, strict=True):
            h, state = self.step(x_t, zero_where(start_t, state))
            outputs.append(h)
        return torch.stack(outputs), state
