"""The MPN with frozen plasticity: M stays 0, which leaves feed-forward layers."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks.activations import ACTIVATIONS
from mpn_rl.networks.core import Core
from mpn_rl.networks.initialisation import input_weights
from mpn_rl.parameters.networks import FrozenMPNParameters


class FrozenMPN(Core[FrozenMPNParameters]):
    """h_t = φ(W x_t + b), the MPN at M = 0: the control without memory.

    The state is an M (batch, hidden, input) that nobody reads and nobody writes. The weights are
    drawn as the MPN's are, so that equal generators give both the same W. With several layers the
    outputs of one are the inputs of the next.
    """

    def build(self, parameters: FrozenMPNParameters, generator: torch.Generator | None) -> None:
        """Draw W of each layer; as `Core.build`."""
        widths = [self.input_dim] + [self.hidden_dim] * (parameters.num_layers - 1)
        self.state_shape = (self.hidden_dim, sum(widths))
        self.activation = ACTIVATIONS[parameters.activation]
        weights = (input_weights(self.hidden_dim, w, generator, parameters.W_init) for w in widths)
        self.weights = nn.ParameterList(weights)
        zeros = (torch.zeros(self.hidden_dim) for _ in widths if parameters.bias)
        self.biases = nn.ParameterList(zeros)

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
