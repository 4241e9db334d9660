"""The plain recurrent layer (Elman)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks import fused_recurrent
from mpn_rl.networks.activations import ACTIVATIONS
from mpn_rl.networks.recurrent import RecurrentCore
from mpn_rl.parameters.networks import RNNParameters


class RNN(RecurrentCore[RNNParameters]):
    """h_t = φ(W x_t + b + U h_{t−1} + c), h_0 = 0; the state is h (batch, hidden)."""

    def build(self, parameters: RNNParameters, generator: torch.Generator | None) -> None:
        """Draw W and U; as `Core.build`."""
        self.state_shape = (self.hidden_dim,)
        self.activation = ACTIVATIONS[parameters.activation]
        self.fused = parameters.activation in ("tanh", "relu")  # which torch's own loop knows
        kind = parameters.activation if self.fused else "tanh"
        self.kernel = fused_recurrent.find("rnn", parameters.activation)
        self.rnn = self.made(nn.RNN, generator, nonlinearity=kind, bias=parameters.bias)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), state h (batch, hidden) → h, h."""
        W, U, b, c = self.weights()
        return self.advance(functional.linear(x, W, b), state, U, c)

    def advance(
        self, input_t: Tensor, state: Tensor, U: Tensor, c: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """As `step`, from W x_t + b (batch, hidden)."""
        h = self.activation(input_t + functional.linear(state, U, c))
        return h, h
