"""Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks.core import Core, resets_inside, zero_where
from mpn_rl.networks.initialisation import make_recurrent, recurrent_weights


class LSTM(Core):
    """A long short-term memory layer; the state holds h and c (batch, 2, hidden).

        i, f, o = σ(W_{i,f,o} x_t + U_{i,f,o} h_{t−1})    g = tanh(W_g x_t + U_g h_{t−1})
        c_t = f ∘ c_{t−1} + i ∘ g    h_t = o ∘ tanh(c_t)

    with a bias in each product, as in torch.nn.LSTM. W starts Xavier uniform, U orthogonal, gate by
    gate, the biases at zero but for the forget gate's, which sum to 1 (Gers et al. 2000:
    remembering from the start).
    """

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        *,
        bias: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(input_dim, hidden_dim)
        self.state_shape = (2, hidden_dim)
        self.lstm = make_recurrent(nn.LSTM, input_dim, hidden_dim, generator, bias=bias)
        if bias:
            forget = self.lstm.get_parameter("bias_ih_l0").detach()[hidden_dim : 2 * hidden_dim]
            forget.fill_(1.0)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), state (batch, 2, hidden) → h, state."""
        h, c = torch.lstm_cell(x, state.unbind(1), *recurrent_weights(self.lstm))
        return h, torch.stack((h, c), 1)

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input), state (batch, 2, hidden), start (time, batch)."""
        if not resets_inside(start):
            first = zero_where(start[0], state).unbind(1)
            h, (last_h, last_c) = self.lstm(x, tuple(part.unsqueeze(0) for part in first))
            return h, torch.stack((last_h.squeeze(0), last_c.squeeze(0)), 1)
        W_ih, W_hh, b_ih, b_hh = recurrent_weights(self.lstm)
        inputs = functional.linear(x, W_ih, b_ih)
        outputs = []
        for input_t, start_t in zip(inputs.unbind(0), start.unbind(0), strict=True):
            h, c = zero_where(start_t, state).unbind(1)
            i, f, g, o = (input_t + functional.linear(h, W_hh, b_hh)).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            state = torch.stack((torch.sigmoid(o) * torch.tanh(c), c), 1)
            outputs.append(state[:, 0])
        return torch.stack(outputs), state
