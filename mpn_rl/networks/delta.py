"""Fast weights that are written by the delta rule."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from mpn_rl.networks.activations import ACTIVATIONS
from mpn_rl.networks.core import zero_where
from mpn_rl.networks.fused_core import FusedCore
from mpn_rl.networks.initialisation import input_weights
from mpn_rl.parameters.networks import DeltaParameters

try:
    from mpn_rl.compiled.delta import core as compiled
except ImportError:  # numba is missing here: the plain loop serves
    compiled = None  # type: ignore[assignment]

# what keeps a key of length 0 from being divided by 0
EPSILON = 1e-6


class Delta(FusedCore[DeltaParameters]):
    """A layer whose fast weights M follow the delta rule (Schlag, Irie & Schmidhuber, ICML 2021).

        v, u, k′, q′, β′ = W x_t + b    k, q = f(k′), f(q′)    β = σ(β′)
        M_t = M_{t−1} + β (v − M_{t−1} k) kᵀ    h_t = φ(u + M_t q)    M_0 = 0

    with f(a) = silu(a)/√(|silu(a)|² + 1e-6), keys of length one (Yang et al., NeurIPS 2024). What M
    returns is added to u, as in the residual blocks of these networks and as in the MPN, where M
    adds to W x. u, v are (hidden), k, q (key); the state is M (batch, hidden, key). W is
    (2 hidden + 2 key + 1, input), each part drawn as a layer's own; b starts at zero.
    """

    def build(self, parameters: DeltaParameters, generator: torch.Generator | None) -> None:
        """Draw W; as `Core.build`."""
        self.own, self.declared = parameters, compiled
        keys = parameters.key_dim or self.input_dim
        self.state_shape = (self.hidden_dim, keys)
        self.widths = [self.hidden_dim, self.hidden_dim, keys, keys, 1]
        drawn = [
            input_weights(w, self.input_dim, generator, parameters.W_init) for w in self.widths
        ]
        self.W = nn.Parameter(torch.cat([part.detach() for part in drawn]))
        self.b = nn.Parameter(torch.zeros(len(self.W))) if parameters.bias else None

    def plain(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """As `FusedCore.plain`."""
        activation, outputs, M = ACTIVATIONS[self.own.activation], [], state
        value, skip, key, query, beta = functional.linear(x, self.W, self.b).split(self.widths, -1)
        parts = value, skip, _feature(key), _feature(query), torch.sigmoid(beta)
        for t, (v, u, k, q, rate) in enumerate(zip(*parts, strict=True)):
            M = zero_where(start[t], M)
            error = v - torch.einsum("nij,nj->ni", M, k)
            M = M + (rate * error).unsqueeze(2) * k.unsqueeze(1)
            outputs.append(activation(u + torch.einsum("nij,nj->ni", M, q)))
        return torch.stack(outputs), M


def _feature(a: Tensor) -> Tensor:
    """f(a) = silu(a)/√(|silu(a)|² + 1e-6), of (…, key)."""
    positive = functional.silu(a)
    return positive * torch.rsqrt(positive.square().sum(-1, keepdim=True) + EPSILON)
