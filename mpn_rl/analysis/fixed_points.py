"""Where the memory of an MPN layer comes to rest under a constant input, unit by unit.

Given x, the units of a layer do not see each other, and each is a map in one dimension: what M adds
to unit i is g_i h_i at rest, so that its fixed points are the roots of φ(c_i + g_i h) = h.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mpn_rl.parameters.networks import Variant

Floats = NDArray[np.float64]

# A root between two neighbours of so many points is found; of two that lie closer, none.
GRID = 4001
_HALVINGS = 60
# Outputs lie in these ranges; a linear unit and relu have no end, and are looked at up to here.
_RANGES = {
    "tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "relu": (0.0, 100.0),
    "linear": (-100.0, 100.0),
}


class Layer(NamedTuple):
    """W (hidden, input), b (hidden,), eta and lambda_decay, which broadcast against W."""

    W: Floats
    b: Floats
    eta: Floats
    lambda_decay: Floats
    variant: Variant = Variant()


class FixedPoint(NamedTuple):
    """A unit's output at rest, and by what a small distance of its M from there grows in a step.

    `multiplier` is the eigenvalue of largest magnitude of the map of the unit's row of M.
    """

    unit: int
    h: float
    multiplier: float

    @property
    def stable(self) -> bool:
        """Whether M comes back."""
        return abs(self.multiplier) < 1.0


def activation(name: str, z: Floats) -> tuple[Floats, Floats]:
    """φ(z) and its slope φ′(z), in the shape of z."""
    if name == "tanh":
        h = np.tanh(z)
        return h, 1.0 - h * h
    if name == "sigmoid":
        h = 1.0 / (1.0 + np.exp(-z))
        return h, h * (1.0 - h)
    if name == "relu":
        return np.maximum(z, 0.0), (z > 0).astype(np.float64)
    return z, np.ones_like(z)


def gains(layer: Layer, x: Floats) -> tuple[Floats, Floats]:
    """The constant part c and the gain g of a unit's input at rest, z = c + g h, both (hidden,).

    associative, multiplicative: c = b + W x and g_i = Σ_j η_ij W_ij x_j² / (1 − λ_ij). Under the
    presynaptic rule M does not depend on h: its part belongs to c, and g = 0.
    """
    W, b, eta, decay, variant = layer
    held = np.broadcast_to(eta / (1.0 - decay), W.shape)  # M at rest for a constant drive of 1
    read = W * x if variant.modulation == "multiplicative" else np.broadcast_to(x, W.shape)
    c = b + W @ x
    if variant.hebbian_rule == "presynaptic":
        return c + (held * read * x).sum(axis=1) / math.sqrt(len(W)), np.zeros(len(W))
    written = x if variant.hebbian_rule == "associative" else 1.0 / math.sqrt(len(x))
    return c, (held * read * written).sum(axis=1)


def fixed_points(layer: Layer, x: Floats) -> list[FixedPoint]:
    """Every fixed point of every unit under the constant input x (input,), without a bound of M.

    In order of the units, and of h. The multiplier is that of the Jacobian of M_i ← λ M_i + η h x,
    diag(λ_i) + φ′ (η_i ∘ written) (read)ᵀ, where written and read are what the rule writes of h
    and what the unit's input reads of M.
    """
    name = layer.variant.activation
    c, g = gains(layer, x)
    low, high = _RANGES[name]
    grid = np.linspace(low, high, GRID)
    above = activation(name, c[:, None] + g[:, None] * grid)[0] - grid
    found = []
    for unit in range(len(c)):
        for h in _roots(above[unit], grid, name, float(c[unit]), float(g[unit])):
            found.append(FixedPoint(unit, h, _multiplier(layer, x, unit, h)))
    return found


def _roots(above: Floats, grid: Floats, name: str, c: float, g: float) -> list[float]:
    crossing = np.flatnonzero((above[:-1] > 0) != (above[1:] > 0))
    low, high = grid[crossing], grid[crossing + 1]
    rises = above[crossing] <= 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        right = (activation(name, c + g * middle)[0] <= middle) == rises
        low, high = np.where(right, middle, low), np.where(right, high, middle)
    return sorted({round(float(h), 12) for h in (low + high) / 2})


def _multiplier(layer: Layer, x: Floats, unit: int, h: float) -> float:
    W, _, eta, decay, variant = layer
    c, g = gains(layer, x)
    rates = np.broadcast_to(eta, W.shape)[unit], np.broadcast_to(decay, W.shape)[unit]
    if variant.hebbian_rule == "presynaptic":
        return float(rates[1].max())
    slope = activation(variant.activation, c[unit] + g[unit] * np.array(h))[1]
    read = W[unit] * x if variant.modulation == "multiplicative" else x
    written = x if variant.hebbian_rule == "associative" else np.full(len(x), 1 / math.sqrt(len(x)))
    if np.ptp(rates[1]) == 0:  # one decay: λ, and λ + φ′ Σ_j η_j written_j read_j
        decay_of_all = float(rates[1][0])
        own = decay_of_all + float(slope * (rates[0] * written * read).sum())
        return own if abs(own) > decay_of_all or len(x) == 1 else decay_of_all
    jacobian = np.diag(rates[1]) + slope * np.outer(rates[0] * written, read)
    values = np.linalg.eigvals(jacobian)
    return float(values[np.abs(values).argmax()].real)
