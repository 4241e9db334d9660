"""The equations of the MPN layer in plain torch: the reference, and the path for GPUs.

    z_t = b + (W ∘ (M_{t−1} + 1)) x_t    h_t = φ(z_t)    M_t = λ M_{t−1} + η h_t x_tᵀ    M_0 = 0

∘ is elementwise. Aitken & Mihalas, eLife 2023;12:e83035.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from mpn_rl.networks.core import zero_where


def preactivation(x: Tensor, M: Tensor, W: Tensor, b: Tensor | None) -> Tensor:
    """Return z = b + (W ∘ (M + 1)) x, (batch, hidden).

    x (batch, input), M (batch, hidden, input), W (hidden, input), b (hidden) or None.
    """
    z = torch.bmm(torch.addcmul(W, W, M), x.unsqueeze(2)).squeeze(2)
    return z if b is None else z + b


def hebbian_update(M: Tensor, h: Tensor, x: Tensor, eta: Tensor, lambda_decay: Tensor) -> Tensor:
    """Return λ M + η h xᵀ, (batch, hidden, input).

    M (batch, hidden, input), h (batch, hidden), x (batch, input); eta and lambda_decay scalars.
    """
    return lambda_decay * M + (eta * h).unsqueeze(2) * x.unsqueeze(1)


def step(
    x: Tensor,
    M: Tensor,
    W: Tensor,
    b: Tensor | None,
    eta: Tensor,
    lambda_decay: Tensor,
    activation: Callable[[Tensor], Tensor],
) -> tuple[Tensor, Tensor]:
    """Advance one step: x (batch, input), M (batch, hidden, input) → h (batch, hidden), M."""
    h = activation(preactivation(x, M, W, b))
    return h, hebbian_update(M, h, x, eta, lambda_decay)


def unroll(
    x: Tensor,
    M: Tensor,
    start: Tensor,
    W: Tensor,
    b: Tensor | None,
    eta: Tensor,
    lambda_decay: Tensor,
    activation: Callable[[Tensor], Tensor],
) -> tuple[Tensor, Tensor]:
    """Advance over a sequence, one step after the other.

    x (time, batch, input), M (batch, hidden, input), start (time, batch) True where M is zeroed
    before the step → h (time, batch, hidden), M after the last step.
    """
    outputs = []
    for x_t, start_t in zip(x.unbind(0), start.unbind(0), strict=True):
        h, M = step(x_t, zero_where(start_t, M), W, b, eta, lambda_decay, activation)
        outputs.append(h)
    return torch.stack(outputs), M
