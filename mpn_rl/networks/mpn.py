"""The Multi-Plasticity Network, whose memory is the modulation M of its weights."""

import math

import torch
from torch import Tensor, nn

from mpn_rl.config.errors import ConfigError
from mpn_rl.networks import fused, plasticity
from mpn_rl.networks.core import Core
from mpn_rl.networks.initialisation import input_weights
from mpn_rl.networks.plasticity import Variant


class MPN(Core):
    """A layer with short-term Hebbian plasticity (Aitken & Mihalas, eLife 2023;12:e83035).

        h_t = φ(b + (W ∘ (M_{t−1} + 1)) x_t)    M_t = λ M_{t−1} + η h_t x_tᵀ    M_0 = 0

    The state is M (batch, hidden, input); W is (hidden, input), b (hidden). As in the paper, W
    starts Xavier uniform, U(±√(6/(hidden + input))), where common code draws He normal; b starts at
    zero, and eta and lambda are scalars that are trained. A trained lambda is
    lambda_max · sigmoid(raw): inside (0, lambda_max), with a gradient everywhere, where a clamp
    would have none at its ends.
    """

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        *,
        activation: str = "tanh",
        bias: bool = True,
        eta: float = 0.1,
        learn_eta: bool = True,
        lambda_decay: float = 0.95,
        learn_lambda: bool = True,
        lambda_max: float = 0.99,
        generator: torch.Generator | None = None,
    ) -> None:
        """Build the layer; `eta` and `lambda_decay` are fixed or, with `learn_…`, where they start.

        Raises ConfigError for an unknown activation or a value out of range.
        """
        super().__init__(input_dim, hidden_dim)
        _check_plasticity(eta, lambda_decay, lambda_max, learn_lambda)
        self.variant = Variant(activation)
        self.state_shape = (hidden_dim, input_dim)
        self.W = input_weights(hidden_dim, input_dim, generator)
        self.b = nn.Parameter(torch.zeros(hidden_dim)) if bias else None
        self.lambda_max = lambda_max
        self.learn_lambda = learn_lambda
        self.eta = nn.Parameter(torch.tensor(float(eta)), requires_grad=learn_eta)
        start = _logit(lambda_decay / lambda_max) if learn_lambda else float(lambda_decay)
        self.lambda_raw = nn.Parameter(torch.tensor(start), requires_grad=learn_lambda)

    @property
    def lambda_decay(self) -> Tensor:
        """The decay λ per step, a scalar tensor."""
        if self.learn_lambda:
            return self.lambda_max * torch.sigmoid(self.lambda_raw)
        return self.lambda_raw

    def init_state(self, batch_size: int) -> Tensor:
        """Return M (batch, hidden, input) at an episode's start: zeros."""
        memory = self.W.new_zeros(batch_size, self.input_dim, self.hidden_dim)
        # the layout that the kernels read without a copy
        return memory.detach().transpose(1, 2)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: x (batch, input), M (batch, hidden, input) → h (batch, hidden), M."""
        start = torch.zeros(1, x.shape[0], dtype=torch.bool, device=x.device)
        h, state = self.unroll(x.unsqueeze(0), state, start)
        return h.squeeze(0), state

    def unroll(self, x: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over x (time, batch, input), M (batch, hidden, input), start (time, batch)."""
        way = fused if fused.available(x, state, self.W, self.b) else plasticity
        return way.unroll(
            x, state, start, self.W, self.b, self.eta, self.lambda_decay, self.variant
        )


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def _check_plasticity(
    eta: float, lambda_decay: float, lambda_max: float, learn_lambda: bool
) -> None:
    if not math.isfinite(eta):
        raise ConfigError(f"eta: {eta} is not finite")
    if not 0.0 <= lambda_decay <= 1.0:
        raise ConfigError(f"lambda_decay: {lambda_decay} is outside [0, 1]")
    if learn_lambda and not 0.0 < lambda_decay < lambda_max <= 1.0:
        raise ConfigError(
            f"lambda_decay: {lambda_decay} must lie inside (0, lambda_max) to be learned, with "
            f"lambda_max at most 1 (it is {lambda_max})"
        )
