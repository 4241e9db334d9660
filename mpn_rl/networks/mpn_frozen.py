"""The MPN with frozen plasticity: M stays 0, which leaves feed-forward layers."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks.activations import activation_function
from mpn_rl.networks.core import Core
from mpn_rl.networks.initialisation import input_weights
from mpn_rl.parameters.errors import ConfigError


class FrozenMPN(Core):
    """h_t = φ(W x_t + b), the MPN at M = 0: the control without memory.

    The state is an M (batch, hidden, input) that nobody reads and nobody writes. The weights are
    drawn as the MPN's are, so that equal generators give both the same W. With several layers the
    outputs of one are the inputs of the next.
    """

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        *,
        activation: str = "tanh",
        bias: bool = True,
        W_init: str = "xavier",
        num_layers: int = 1,
        generator: torch.Generator | None = None,
    ) -> None:
        """Build the layers; raises ConfigError for an unknown name or a `num_layers` below 1."""
        super().__init__(input_dim, hidden_dim)
        if num_layers < 1:
            raise ConfigError(f"num_layers: {num_layers} is below 1")
        widths = [input_dim] + [hidden_dim] * (num_layers - 1)
        self.activation = activation_function(activation)
        self.state_shape = (hidden_dim, sum(widths))
        self.weights = nn.ParameterList(
            input_weights(hidden_dim, width, generator, W_init) for width in widths
        )
        self.biases = nn.ParameterList(torch.zeros(hidden_dim) for _ in widths if bias)

    @property
    def W(self) -> Tensor:
        """The first layer's weights (hidden, input)."""
        return self.weights[0]

    @property
    def b(self) -> Tensor | None:
        """The first layer's biases (hidden), None without."""
        return self.biases[0] if len(self.biases) else None

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input) → h (batch, hidden); the state stays."""
        for k, W in enumerate(self.weights):
            b = self.biases[k] if len(self.biases) else None
            x = self.activation(functional.linear(x, W, b))
        return x, state

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input) → h (time, batch, hidden); the state stays."""
        return self.step(x, state)
