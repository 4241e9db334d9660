"""Where plasticity starts: the decay λ and the rate η of an MPN layer's hidden units."""

import math

import torch
from torch import Tensor

from mpn_rl.parameters.networks import LAMBDA_RANGE, PlasticParameters

# η of a unit over its 1 − λ: what M comes to, in multiples of h xᵀ that stays
REACH = 4.0


def decay_at(place: float) -> float:
    """The decay λ at a place in [0, 1]: 1 − λ goes geometrically from one end of the range on."""
    fast, slow = (1.0 - decay for decay in LAMBDA_RANGE)
    return 1.0 - fast * (slow / fast) ** place


def spread_decays(hidden_dim: int) -> list[float]:
    """The decay λ of each hidden unit, evenly placed in the range; one unit is in its middle."""
    if hidden_dim == 1:
        return [decay_at(0.5)]
    return [decay_at(i / (hidden_dim - 1)) for i in range(hidden_dim)]


def drawn_decay(generator: torch.Generator | None) -> float:
    """A decay λ from anywhere in the range, by a draw that leaves `generator` as it is.

    So whatever else is drawn from it is the same with and without.
    """
    source = torch.default_generator if generator is None else generator
    ahead = torch.Generator(source.device)
    ahead.set_state(source.get_state())
    own = torch.Generator().manual_seed(int(torch.randint(2**62, (), generator=ahead)))
    return decay_at(float(torch.rand((), generator=own, dtype=torch.float64)))


def first_decays(
    parameters: PlasticParameters, hidden_dim: int, generator: torch.Generator | None
) -> list[float]:
    """The decay λ of each hidden unit at the start."""
    if parameters.lambda_decay is not None:
        return [parameters.lambda_decay] * hidden_dim
    if parameters.lambda_spread == "seeds":
        return [drawn_decay(generator)] * hidden_dim
    return spread_decays(hidden_dim)


def first_etas(
    parameters: PlasticParameters, decays: list[float], input_dim: int, reach: float
) -> list[float]:
    """The rate η of each hidden unit at the start: the named one, or `reach` (1 − λ) by the rule.

    The rules without h or x have 1/√n or 1/√d in its place, which is made up for; an additive M is
    measured by the W that it is added to, whose entries have a deviation of √(2/(n + d)) or √(2/d).
    """
    if parameters.eta is not None:
        return [parameters.eta] * len(decays)
    hidden_dim = len(decays)
    rules = {"presynaptic": math.sqrt(hidden_dim), "postsynaptic": math.sqrt(input_dim)}
    scale = reach * rules.get(parameters.hebbian_rule, 1.0)
    if parameters.modulation == "additive":
        fan = input_dim + (hidden_dim if parameters.W_init == "xavier" else 0)
        scale *= math.sqrt(2.0 / fan)
    return [scale * (1.0 - decay) for decay in decays]


def shaped(values: list[float], shape: str, input_dim: int) -> Tensor:
    """A rate of each hidden unit in a shape that broadcasts against W (hidden, input).

    Of a scalar, or of one rate per input, the units' are all the same.
    """
    full = torch.tensor(values).unsqueeze(1).expand(-1, input_dim)
    shapes = {"scalar": full[0, 0], "pre": full[0], "post": full[:, :1], "full": full}
    return shapes[shape].clone(memory_format=torch.contiguous_format)
