"""Initial weights, all drawn from a generator that is handed in.

Modules are made without their own draw, so that nothing comes from,
or moves, torch's global generator.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from mpn_rl.parameters.errors import ConfigError

Recurrent = TypeVar("Recurrent", bound=nn.RNNBase)


def uniform_linear(
    in_features: int, out_features: int, generator: torch.Generator | None
) -> nn.Linear:
    """Return a linear layer with weights and biases from U(−1/√in, 1/√in).

    The biases are not zero at the start: behind an all-zero observation an MPN layer without
    input would see nothing of its M.
    """
    layer: nn.Linear = skip_init(nn.Linear, in_features, out_features)
    bound = 1.0 / math.sqrt(in_features)
    nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
    nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return layer


def input_weights(
    hidden_dim: int, input_dim: int, generator: torch.Generator | None, kind: str = "xavier"
) -> nn.Parameter:
    """Return W (hidden, input): "xavier" U(±√(6/(hidden + input))) or "he" N(0, 2/input).

    Raises ConfigError for another `kind`.
    """
    W = torch.empty(hidden_dim, input_dim)
    if kind == "xavier":
        nn.init.xavier_uniform_(W, generator=generator)
    elif kind == "he":
        nn.init.kaiming_normal_(W, generator=generator)
    else:
        raise ConfigError(f"W_init: {kind!r} is unknown; allowed are xavier, he")
    return nn.Parameter(W)


def make_recurrent(
    kind: Callable[..., Recurrent],
    input_dim: int,
    hidden_dim: int,
    generator: torch.Generator | None,
    **options: Any,
) -> Recurrent:
    """Return the one-layer recurrent module `kind` with its weights drawn gate by gate.

    Input weights are Xavier uniform, recurrent weights orthogonal, biases zero.
    """
    module = kind(input_dim, hidden_dim, device="meta", **options).to_empty(device="cpu")
    with torch.no_grad():
        for name, weight in module.named_parameters():
            for gate in weight.split(hidden_dim):
                if name.startswith("weight_ih"):
                    nn.init.xavier_uniform_(gate, generator=generator)
                elif name.startswith("weight_hh"):
                    nn.init.orthogonal_(gate, generator=generator)
                else:
                    gate.zero_()
    return module


def recurrent_weights(module: Any) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """Return (W_ih, W_hh, b_ih, b_hh) of a one-layer recurrent module; biases None without."""
    if not module.bias:
        return module.weight_ih_l0, module.weight_hh_l0, None, None
    return module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0, module.bias_hh_l0
