"""The plain recurrent layer (Elman)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks.activations import activation_function
from mpn_rl.networks.core import Core, resets_inside, zero_where
from mpn_rl.networks.initialisation import make_recurrent, recurrent_weights


class RNN(Core):
    """h_t = φ(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh), h_0 = 0; the state is h (batch, hidden).

    W_ih starts Xavier uniform, W_hh orthogonal, the biases at zero.
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
        self.state_shape = (hidden_dim,)
        # torch's fused sequence knows these two; any other activation takes the loop
        self._fused = activation in ("tanh", "relu")
        self.rnn = make_recurrent(
            nn.RNN,
            input_dim,
            hidden_dim,
            generator,
            nonlinearity=activation if self._fused else "tanh",
            bias=bias,
        )

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), state h (batch, hidden) → h, h."""
        W_ih, W_hh, b_ih, b_hh = recurrent_weights(self.rnn)
        h = self.activation(functional.linear(x, W_ih, b_ih) + functional.linear(state, W_hh, b_hh))
        return h, h

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input), state (batch, hidden), start (time, batch)."""
        if self._fused and not resets_inside(start):
            h, last = self.rnn(x, zero_where(start[0], state).unsqueeze(0))
            return h, last.squeeze(0)
        W_ih, W_hh, b_ih, b_hh = recurrent_weights(self.rnn)
        inputs = functional.linear(x, W_ih, b_ih)
        outputs = []
        for input_t, start_t in zip(inputs.unbind(0), start.unbind(0), strict=True):
            state = zero_where(start_t, state)
            state = self.activation(input_t + functional.linear(state, W_hh, b_hh))
            outputs.append(state)
        return torch.stack(outputs), state
