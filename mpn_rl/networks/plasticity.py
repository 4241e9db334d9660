"""The equations of the MPN layer in plain torch: the reference, and the path for GPUs.

    z_t = b + (W ∘ (M_{t−1} + 1)) x_t    h_t = φ(z_t)    M_t = λ M_{t−1} + η h_t x_tᵀ    M_0 = 0

∘ is elementwise. Aitken & Mihalas, eLife 2023;12:e83035, with the variants of that paper.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from mpn_rl.networks.activations import activation_function
from mpn_rl.networks.core import zero_where
from mpn_rl.parameters.errors import ConfigError

HEBBIAN_RULES = ("associative", "presynaptic", "postsynaptic")
MODULATIONS = ("multiplicative", "additive")


@dataclass(frozen=True)
class Variant:
    """Which of the MPN layer's equations hold; the defaults are the paper's MPN.

    `hebbian_rule`: what η is multiplied by in the update of M (hidden n, input d): associative
    h xᵀ, presynaptic 1 xᵀ/√n, postsynaptic h 1ᵀ/√d. `modulation`: multiplicative reads W ∘ (M + 1),
    additive W + M. `M_bound`: every entry of M is cut to ±M_bound after each update; None is no
    bound. Raises ConfigError for an unknown name or a bound that is not above 0.
    """

    activation: str = "tanh"
    hebbian_rule: str = "associative"
    modulation: str = "multiplicative"
    M_bound: float | None = None

    def __post_init__(self) -> None:
        activation_function(self.activation)
        for key, allowed in (("hebbian_rule", HEBBIAN_RULES), ("modulation", MODULATIONS)):
            if getattr(self, key) not in allowed:
                raise ConfigError(
                    f"{key}: {getattr(self, key)!r} is unknown; allowed are {', '.join(allowed)}"
                )
        if self.M_bound is not None and not self.M_bound > 0.0:
            raise ConfigError(f"M_bound: {self.M_bound} is not above 0")


PAPER = Variant()


def preactivation(
    x: Tensor, M: Tensor, W: Tensor, b: Tensor | None, variant: Variant = PAPER
) -> Tensor:
    """Return z = b + (W ∘ (M + 1)) x, or b + (W + M) x when additive: (batch, hidden).

    x (batch, input), M (batch, hidden, input), W (hidden, input), b (hidden) or None.
    """
    modulated = torch.addcmul(W, W, M) if variant.modulation == "multiplicative" else W + M
    z = torch.bmm(modulated, x.unsqueeze(2)).squeeze(2)
    return z if b is None else z + b


def hebbian_update(
    M: Tensor,
    h: Tensor,
    x: Tensor,
    eta: Tensor,
    lambda_decay: Tensor,
    variant: Variant = PAPER,
) -> Tensor:
    """Return λ M + η h xᵀ (or the variant's rule) within the bound: (batch, hidden, input).

    M (batch, hidden, input), h (batch, hidden), x (batch, input); eta and lambda_decay scalars or
    broadcast against (hidden, input).
    """
    post, pre = h.unsqueeze(2), x.unsqueeze(1)
    if variant.hebbian_rule == "presynaptic":
        post = torch.full_like(post, 1.0 / math.sqrt(h.shape[1]))
    elif variant.hebbian_rule == "postsynaptic":
        pre = torch.full_like(pre, 1.0 / math.sqrt(x.shape[1]))
    M = lambda_decay * M + eta * (post * pre)
    return M if variant.M_bound is None else M.clamp(-variant.M_bound, variant.M_bound)


def step(
    x: Tensor,
    M: Tensor,
    W: Tensor,
    b: Tensor | None,
    eta: Tensor,
    lambda_decay: Tensor,
    variant: Variant = PAPER,
) -> tuple[Tensor, Tensor]:
    """Advance one step: x (batch, input), M (batch, hidden, input) → h (batch, hidden), M."""
    h = activation_function(variant.activation)(preactivation(x, M, W, b, variant))
    return h, hebbian_update(M, h, x, eta, lambda_decay, variant)


def unroll(
    x: Tensor,
    M: Tensor,
    start: Tensor,
    W: Tensor,
    b: Tensor | None,
    eta: Tensor,
    lambda_decay: Tensor,
    variant: Variant = PAPER,
) -> tuple[Tensor, Tensor]:
    """Advance over a sequence, one step after the other.

    x (time, batch, input), M (batch, hidden, input), start (time, batch) True where M is zeroed
    before the step → h (time, batch, hidden), M after the last step.
    """
    outputs = []
    for x_t, start_t in zip(x.unbind(0), start.unbind(0), strict=True):
        h, M = step(x_t, zero_where(start_t, M), W, b, eta, lambda_decay, variant)
        outputs.append(h)
    return torch.stack(outputs), M
