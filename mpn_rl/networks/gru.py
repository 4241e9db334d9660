"""The gated recurrent unit (Cho et al. 2014)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks import fused_recurrent
from mpn_rl.networks.recurrent import RecurrentCore
from mpn_rl.parameters.networks import GatedParameters


class GRU(RecurrentCore[GatedParameters]):
    """A gated recurrent layer; the state is h (batch, hidden).

        r_t = σ(W_r x_t + U_r h_{t−1})    z_t = σ(W_z x_t + U_z h_{t−1})
        n_t = tanh(W_n x_t + r_t ∘ (U_n h_{t−1}))    h_t = (1 − z_t) ∘ n_t + z_t ∘ h_{t−1}

    with a bias in each product, as in torch.nn.GRU.
    """

    def build(self, parameters: GatedParameters, generator: torch.Generator | None) -> None:
        """Draw the gates; as `Core.build`."""
        self.state_shape = (self.hidden_dim,)
        self.kernel = fused_recurrent.find("gru")
        self.gru = self.made(nn.GRU, generator, bias=parameters.bias)
        if parameters.gate_spread:  # z_t, which keeps h
            self.spread_gate(1)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), state h (batch, hidden) → h, h."""
        h = torch.gru_cell(x, state, *self.weights())
        return h, h

    def advance(
        self, input_t: Tensor, state: Tensor, U: Tensor, c: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """As `step`, from W x_t + b (batch, 3 hidden)."""
        x_r, x_z, x_n = input_t.chunk(3, 1)
        h_r, h_z, h_n = functional.linear(state, U, c).chunk(3, 1)
        candidate = torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)
        h = torch.lerp(candidate, state, torch.sigmoid(x_z + h_z))
        return h, h
