"""The plain recurrent layer (Elman)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks.activations import ACTIVATIONS
from mpn_rl.networks.recurrent import RecurrentCore
from mpn_rl.parameters.networks import RNNParameters


class RNN(RecurrentCore):
    """h_t = φ(W x_t + b + U h_{t−1} + c), h_0 = 0; the state is h (batch, hidden)."""

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        parameters: RNNParameters,
        generator: torch.Generator | None = None,
    ) -> None:
        activation, shape = parameters.activation, (hidden_dim,)
        fused = activation in ("tanh", "relu")  # which torch's own loop knows
        options = {"nonlinearity": activation if fused else "tanh", "bias": parameters.bias}
        super().__init__(input_dim, hidden_dim, shape, "rnn", nn.RNN, generator, **options)
        self.fused = fused
        self.activation = ACTIVATIONS[activation]

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
