"""The MPN layer that also reads its last output, through plastic recurrent synapses."""

import torch
from torch import Tensor, nn

from mpn_rl.networks import fused_layer, plasticity, rates
from mpn_rl.networks.arrays import suited
from mpn_rl.networks.core import zero_where
from mpn_rl.networks.initialisation import input_weights
from mpn_rl.networks.mpn import MPN, MPNLayer
from mpn_rl.parameters.networks import PlasticParameters

try:
    from mpn_rl.compiled import mpn_recurrent as compiled
except ImportError:  # numba is missing here: the plain loop serves
    compiled = None  # type: ignore[assignment]

# η over 1 − λ at the start, a quarter of the MPN's: M also strengthens the way from h to h, and
# with much of it the order of the inputs is lost.
REACH = 1.0


class RecurrentMPN(MPN):
    """An MPN layer over the input and its own last output.

        y_t = [x_t, h_{t−1}]   h_t = φ(b + (W ∘ (M_{t−1} + 1)) y_t)   M_t = λ M_{t−1} + η h_t y_tᵀ

    h_0 = 0, M_0 = 0: the MPN (Aitken & Mihalas, eLife 2023;12:e83035) with plastic recurrent
    synapses as in Miconi, Stanley & Clune, ICML 2018. W is (hidden, input + hidden): its first part
    starts as the MPN's, its second orthogonal. The state is M and h side by side (batch, hidden,
    input + hidden + 1). It has one layer, and all variants of the MPN's.
    """

    def build(self, parameters: PlasticParameters, generator: torch.Generator | None) -> None:
        """Draw W; as `Core.build`."""
        hidden = self.hidden_dim
        recurrent = torch.empty(hidden, hidden)
        self.widths = [self.input_dim + hidden]
        self.state_shape = (hidden, self.widths[0] + 1)
        with torch.no_grad():
            of_input = input_weights(hidden, self.input_dim, generator, parameters.W_init)
            nn.init.orthogonal_(recurrent, generator=generator)
            W = nn.Parameter(torch.cat([of_input, recurrent], 1))
        decays = rates.first_decays(parameters, hidden, generator)
        self.layers = nn.ModuleList([MPNLayer(W, parameters, decays, REACH)])

    def modulations(self, state: Tensor) -> Tensor:
        """Return M (batch, hidden, input + hidden) of a state."""
        return state[..., :-1]

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input), state (batch, …), start (time, batch)."""
        if compiled is None or not suited(x, state, self.W):
            return self.plain(x, state, start)
        weights = dict(self.first.named_parameters(prefix="core.layers.0"))
        return fused_layer.unroll(compiled.core, self.first.variant, weights, x, state, start)

    def plain(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """As `unroll`, one step after the other in torch: what the kernel is held against."""
        layer, outputs = self.first, []
        eta, decay = layer.eta, layer.lambda_decay
        for x_t, start_t in zip(x.unbind(0), start.unbind(0), strict=True):
            state = zero_where(start_t, state)
            M, h = state[..., :-1], state[..., -1]
            y = torch.cat([x_t, h], 1)
            h, M = plasticity.step(y, M, layer.W, layer.b, eta, decay, layer.variant)
            state = torch.cat([M, h.unsqueeze(2)], 2)
            outputs.append(h)
        return torch.stack(outputs), state
