"""Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks import fused_recurrent
from mpn_rl.networks.recurrent import RecurrentCore
from mpn_rl.parameters.networks import GatedParameters


class LSTM(RecurrentCore[GatedParameters]):
    """A long short-term memory layer; the state holds h and c (batch, 2, hidden).

        i, f, o = σ(W_{i,f,o} x_t + U_{i,f,o} h_{t−1})    g = tanh(W_g x_t + U_g h_{t−1})
        c_t = f ∘ c_{t−1} + i ∘ g    h_t = o ∘ tanh(c_t)

    with a bias in each product, as in torch.nn.LSTM. The biases of the forget gate sum to 1 at the
    start (Gers et al. 2000: remembering from the start).
    """

    def build(self, parameters: GatedParameters, generator: torch.Generator | None) -> None:
        """Draw the gates; as `Core.build`."""
        self.state_shape = (2, self.hidden_dim)
        self.kernel = fused_recurrent.find("lstm")
        self.lstm = self.made(nn.LSTM, generator, bias=parameters.bias)
        if parameters.bias:
            self.lstm.bias_ih_l0.detach()[self.hidden_dim : 2 * self.hidden_dim].fill_(1.0)
        if parameters.gate_spread:  # f, which keeps c, and i against it
            self.spread_gate(1)
            self.spread_gate(0, -1.0)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), state (batch, 2, hidden) → h, state."""
        h, c = torch.lstm_cell(x, state.unbind(1), *self.weights())
        return h, torch.stack((h, c), 1)

    def sequence(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input) in torch's own loop."""
        first = tuple(part.unsqueeze(0) for part in state.unbind(1))
        h, (last_h, last_c) = self.layer(x, first)
        return h, torch.stack((last_h.squeeze(0), last_c.squeeze(0)), 1)

    def advance(
        self, input_t: Tensor, state: Tensor, U: Tensor, c: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """As `step`, from W x_t + b (batch, 4 hidden)."""
        h, cell = state.unbind(1)
        i, f, g, o = (input_t + functional.linear(h, U, c)).chunk(4, 1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        state = torch.stack((torch.sigmoid(o) * torch.tanh(cell), cell), 1)
        return state[:, 0], state
