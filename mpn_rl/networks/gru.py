"""The gated recurrent unit (Cho et al. 2014)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks.core import Core, resets_inside, zero_where
from mpn_rl.networks.initialisation import make_recurrent, recurrent_weights


class GRU(Core):
    """A gated recurrent layer; the state is h (batch, hidden).

        r_t = σ(W_r x_t + U_r h_{t−1})    z_t = σ(W_z x_t + U_z h_{t−1})
        n_t = tanh(W_n x_t + r_t ∘ (U_n h_{t−1}))    h_t = (1 − z_t) ∘ n_t + z_t ∘ h_{t−1}

    with a bias in each product, as in torch.nn.GRU. W starts Xavier uniform, U orthogonal, gate by
    gate, the biases at zero.
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
        self.state_shape = (hidden_dim,)
        self.gru = make_recurrent(nn.GRU, input_dim, hidden_dim, generator, bias=bias)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), state h (batch, hidden) → h, h."""
        h = torch.gru_cell(x, state, *recurrent_weights(self.gru))
        return h, h

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input), state (batch, hidden), start (time, batch)."""
        if not resets_inside(start):
            h, last = self.gru(x, zero_where(start[0], state).unsqueeze(0))
            return h, last.squeeze(0)
        W_ih, W_hh, b_ih, b_hh = recurrent_weights(self.gru)
        inputs = functional.linear(x, W_ih, b_ih)
        outputs = []
        for input_t, start_t in zip(inputs.unbind(0), start.unbind(0), strict=True):
            state = zero_where(start_t, state)
            x_r, x_z, x_n = input_t.chunk(3, 1)
            h_r, h_z, h_n = functional.linear(state, W_hh, b_hh).chunk(3, 1)
            candidate = torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)
            state = torch.lerp(candidate, state, torch.sigmoid(x_z + h_z))
            outputs.append(state)
        return torch.stack(outputs), state
