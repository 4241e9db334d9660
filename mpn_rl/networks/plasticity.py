"""The equations of the MPN layer in plain torch: the reference, and the path for GPUs.

    z_t = b + (W ∘ (M_{t−1} + 1)) x_t    h_t = φ(z_t)    M_t = λ M_{t−1} + η h_t x_tᵀ    M_0 = 0

∘ is elementwise. Aitken & Mihalas, eLife 2023;12:e83035, with the variants of that paper.
"""

import math

import torch
from torch import Tensor

from mpn_rl.networks.activations import ACTIVATIONS
from mpn_rl.networks.core import zero_where
from mpn_rl.parameters.networks import Variant

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
    M: Tensor, h: Tensor, x: Tensor, eta: Tensor, lambda_decay: Tensor, variant: Variant = PAPER
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
    h = ACTIVATIONS[variant.activation](preactivation(x, M, W, b, variant))
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
