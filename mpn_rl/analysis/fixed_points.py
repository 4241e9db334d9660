"""Where the memory of an MPN layer comes to rest under a constant input, unit by unit.

Given x, the units of a layer do not see each other, and each is a map in one dimension: at rest its
row of M follows from its output, M_i = η_i h_i x / (1 − λ_i) within the bound, so that its fixed
points are the roots of φ(z_i(h)) = h, with z_i(h) what the unit's input then is. That holds exactly
for every rule, modulation, activation and bound, and for rates of any shape.
"""

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mpn_rl.parameters.networks import Variant

Floats = NDArray[np.float64]

# A root between two neighbours of so many points is found; of two that lie closer, none.
GRID = 4001
_HALVINGS = 60
# Outputs lie in these ranges, whose ends may be roots; those of other activations, see `_ranges`.
_RANGES = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}


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
        h = 0.5 * (1.0 + np.tanh(0.5 * z))
        return h, h * (1.0 - h)
    if name == "relu":
        return np.maximum(z, 0.0), (z > 0).astype(np.float64)
    return z, np.ones_like(z)


class Driven:
    """A layer under the constant input x (input,).

    `read` (hidden, input) is what the units' input reads of M, z = c + Σ_j read_ij M_ij; `pre`
    (input,) is what the rule writes beside the output; c is b + W x.
    """

    def __init__(self, layer: Layer, x: Floats) -> None:
        self.W, self.variant = layer.W, layer.variant
        hidden, inputs = layer.W.shape
        self.eta = np.broadcast_to(layer.eta, layer.W.shape)
        self.decay = np.broadcast_to(layer.lambda_decay, layer.W.shape)
        multiplicative = self.variant.modulation == "multiplicative"
        self.read = layer.W * x if multiplicative else np.broadcast_to(x, layer.W.shape)
        flat = np.full(inputs, 1.0 / math.sqrt(inputs))
        self.pre = flat if self.variant.hebbian_rule == "postsynaptic" else x
        self.c = layer.b + layer.W @ x
        self.bound = math.inf if self.variant.M_bound is None else self.variant.M_bound
        self._post = 1.0 / math.sqrt(hidden)

    def post(self, h: Floats) -> Floats:
        """What the rule writes of the outputs h."""
        pre = self.variant.hebbian_rule == "presynaptic"
        return np.full_like(h, self._post) if pre else h

    @cached_property
    def held(self) -> Floats:
        """What M (hidden, input) is at rest, without a bound, where the rule writes 1 of h."""
        held: Floats = self.eta / (1.0 - self.decay) * self.pre
        return held

    @cached_property
    def line(self) -> tuple[Floats, Floats]:
        """The start c and the gain g of z = c + g h without a bound, both (hidden,).

        g_i = Σ_j read_ij pre_j η_ij / (1 − λ_ij), which under the associative rule is
        Σ_j η_ij W_ij x_j² / (1 − λ_ij). Under the presynaptic rule M does not depend on h: what it
        adds is a part of c, and g = 0.
        """
        gain = (self.held * self.read).sum(axis=1)
        if self.variant.hebbian_rule == "presynaptic":
            return self.c + gain * self._post, 0.0 * gain
        return self.c, gain

    def at_rest(self, unit: int, h: Floats) -> Floats:
        """The unit's row of M at rest (point, input) where it puts out h (point,)."""
        M = self.held[unit] * self.post(h)[:, None]
        return M.clip(-self.bound, self.bound)

    def net_input(self, h: Floats) -> Floats:
        """z (hidden, point) with M at rest for outputs h (hidden, point)."""
        if math.isinf(self.bound):
            start, gain = self.line
            return start[:, None] + gain[:, None] * h
        rows = [self.at_rest(unit, own) @ self.read[unit] for unit, own in enumerate(h)]
        return self.c[:, None] + np.array(rows).reshape(h.shape)

    def above(self, h: Floats) -> Floats:
        """φ(z(h)) − h, whose roots are the fixed points; h (hidden, point)."""
        return activation(self.variant.activation, self.net_input(h))[0] - h

    def multiplier(self, unit: int, h: float) -> float:
        """The eigenvalue of largest magnitude of the Jacobian of M_i ← λ M_i + η post pre.

        It is diag(λ_i) + φ′ (η_i ∘ pre) (read_i)ᵀ, without the second term for the presynaptic
        rule, and 0 in the rows of synapses at the bound.
        """
        M = self.at_rest(unit, np.array([h]))[0]
        z = self.c[unit] + M @ self.read[unit]
        slope = float(activation(self.variant.activation, np.array(z))[1])
        slope *= self.variant.hebbian_rule != "presynaptic"
        free = np.abs(M) < self.bound
        decay = self.decay[unit][free]
        written = slope * self.eta[unit][free] * self.pre[free]
        return largest(decay, written, self.read[unit][free])


def largest(decay: Floats, written: Floats, read: Floats) -> float:
    """The eigenvalue of largest magnitude of diag(decay) + written readᵀ, all (synapse,)."""
    if not len(decay):
        return 0.0
    if np.ptp(decay) == 0:  # then they are λ, and λ + Σ_j written_j read_j
        own = float(decay[0] + written @ read)
        return own if abs(own) > decay[0] or len(decay) == 1 else float(decay[0])
    values = np.linalg.eigvals(np.diag(decay) + np.outer(written, read))
    return float(values[np.abs(values).argmax()].real)


def fixed_points(layer: Layer, x: Floats) -> list[FixedPoint]:
    """Every fixed point of every unit under the constant input x (input,), by unit and h."""
    driven = Driven(layer, x)
    low, high = _ranges(driven)
    grid = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, GRID)
    above = driven.above(grid) > 0
    unit, place = np.nonzero(above[:, :-1] != above[:, 1:])
    h = _bisected(driven, grid, unit, place)
    return [
        FixedPoint(i, y, driven.multiplier(i, y)) for i, y in zip(unit.tolist(), h, strict=True)
    ]


def _ranges(driven: Driven) -> tuple[Floats, Floats]:
    """Between which outputs the roots of each unit lie, inside by a little.

    A linear unit and relu put out at most |c| + Σ_j |read_j| bound; without a bound their one root
    besides 0 is c/(1 − g).
    """
    name, c = driven.variant.activation, driven.c
    if name in _RANGES:
        low, high = (np.full(len(c), end) for end in _RANGES[name])
    elif math.isinf(driven.bound):
        start, gain = driven.line
        high = 2.0 * np.abs(start / np.where(gain == 1.0, 1.0, 1.0 - gain)) + 1.0
        low = -high
    else:
        high = np.abs(c) + np.abs(driven.read).sum(axis=1) * driven.bound + 1.0
        low = -high
    # uneven, so that no point of the grid is a root such as 0
    room = 1e-3 * (high - low)
    return low - room, high + 1.1 * room


def _bisected(
    driven: Driven, grid: Floats, unit: NDArray[np.intp], place: NDArray[np.intp]
) -> list[float]:
    """The roots between the grid's points at `place` and those after them, of each `unit`."""
    rank = np.arange(len(unit)) - np.searchsorted(unit, unit)
    shape = len(grid), int(rank.max(initial=0)) + 1
    low, high = np.zeros(shape), np.zeros(shape)
    low[unit, rank], high[unit, rank] = grid[unit, place], grid[unit, place + 1]
    rises = driven.above(low) <= 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        right = (driven.above(middle) <= 0) == rises
        low, high = np.where(right, middle, low), np.where(right, high, middle)
    found: list[float] = ((low + high) / 2)[unit, rank].round(12).tolist()
    return [h + 0.0 for h in found]  # no -0.0
