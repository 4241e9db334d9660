"""Initial weights, all drawn from a generator that is handed in.

Modules are made without their own draw, so that nothing comes from, or moves, torch's global one.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import nn

Layer = TypeVar("Layer", bound=nn.Module)


def undrawn(kind: Callable[..., Layer], *sizes: int, **options: Any) -> Layer:
    """Return a layer of torch whose weights hold no values yet: it has drawn none.

    `skip_init` and `to_empty` would do, but load what they need for other devices: a third of a
    second of every process.
    """
    layer = kind(*sizes, device="meta", **options)
    for name, weight in [*layer.named_parameters(recurse=False)]:
        setattr(layer, name, nn.Parameter(torch.empty(weight.shape)))
    return layer


def uniform_linear(
    in_features: int, out_features: int, generator: torch.Generator | None
) -> nn.Linear:
    """Return a linear layer with weights and biases from U(−1/√in, 1/√in).

    The biases are not zero at the start: behind an all-zero observation an MPN layer without
    input would see nothing of its M.
    """
    layer = undrawn(nn.Linear, in_features, out_features)
    bound = 1.0 / math.sqrt(in_features)
    nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
    nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return layer


def input_weights(
    hidden_dim: int, input_dim: int, generator: torch.Generator | None, kind: str = "xavier"
) -> nn.Parameter:
    """Return W (hidden, input): "xavier" U(±√(6/(hidden + input))) or "he" N(0, 2/input)."""
    draw = nn.init.kaiming_normal_ if kind == "he" else nn.init.xavier_uniform_
    return nn.Parameter(draw(torch.empty(hidden_dim, input_dim), generator=generator))


def draw_gates(module: nn.RNNBase, hidden_dim: int, generator: torch.Generator | None) -> None:
    """Draw the weights of a one-layer recurrent module gate by gate.

    Input weights are Xavier uniform, recurrent weights orthogonal, biases zero.
    """
    with torch.no_grad():
        for name, weight in module.named_parameters():
            for gate in weight.split(hidden_dim):
                if name.startswith("weight_ih"):
                    nn.init.xavier_uniform_(gate, generator=generator)
                elif name.startswith("weight_hh"):
                    nn.init.orthogonal_(gate, generator=generator)
                else:
                    gate.zero_()
