"""The MPN layer with frozen plasticity: M stays 0, which leaves a feed-forward layer."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks.activations import activation_function
from mpn_rl.networks.core import Core
from mpn_rl.networks.initialisation import input_weights


class FrozenMPN(Core):
    """h_t = φ(W x_t + b), the MPN layer at M = 0: the control without memory.

    The state is an M (batch, hidden, input) that nobody reads and nobody writes. The weights are
    drawn as the MPN's are, so that equal generators give both the same W.
    """

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        *,
        activation: str = "tanh",
        bias: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(input_dim, hidden_dim)
        self.activation = activation_function(activation)
        self.state_shape = (hidden_dim, input_dim)
        self.W = input_weights(hidden_dim, input_dim, generator)
        self.b = nn.Parameter(torch.zeros(hidden_dim)) if bias else None

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input) → h (batch, hidden); the state stays."""
        return self.activation(functional.linear(x, self.W, self.b)), state

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Advance over x (time, batch, input) → h (time, batch, hidden); the state stays."""
        return self.step(x, state)
