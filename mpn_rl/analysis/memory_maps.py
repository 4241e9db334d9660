"""What a step does to the whole memory of a core, in numpy and float64, for `slow_points`.

The equations stand at the cores' classes in `networks`. What is sought is r: h, with the cells of
an lstm behind it, or the outputs of all layers. The M of a plastic core need not be sought: at
rest it follows from them, M = η h x/(1 − λ) within the bound.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from mpn_rl.analysis.fixed_points import Floats, activation
from mpn_rl.analysis.linearised import jacobian, radius
from mpn_rl.analysis.plastic_maps import Looped, Stack, plastic_layers, reach_of
from mpn_rl.parameters.hyperparameters import Hyperparameters


class MemoryMap(Protocol):
    """A core's memory as a map; see the module. No output is larger than `reach`."""

    reach: float

    def start(self, batch: int) -> Floats:
        """The memory (batch, …) at an episode's start."""

    def step(self, x: Floats, memory: Floats) -> tuple[Floats, Floats]:
        """r (batch, size) and the memory after a step with x (batch, input)."""

    def at_rest(self, x: Floats, r: Floats) -> Floats:
        """A map of r (batch, size) under x (input,), whose fixed points are those of the core."""

    def output(self, r: Floats) -> Floats:
        """h (…, hidden) of r (…, size)."""

    def multiplier(self, x: Floats, r: Floats) -> float:
        """The largest magnitude of an eigenvalue of a step's Jacobian at rest, r (size,)."""


def memory_map(hp: Hyperparameters, weights: Mapping[str, Any]) -> MemoryMap | None:
    """The map of a network's core, whose weights are named as in a checkpoint; None of others."""
    if hp.core in ("mpn", "mpn-random"):
        return Stack(plastic_layers(hp, weights))
    if hp.core == "mpn-recurrent":
        return Looped(plastic_layers(hp, weights)[0])
    return Gated(hp, weights) if hp.core in _STEPS else None


class Gated:
    """An rnn, gru or lstm: the memory and r are h, and behind it the lstm's cells."""

    def __init__(self, hp: Hyperparameters, weights: Mapping[str, Any]) -> None:
        self._activation, self._advance = hp.activation, _STEPS[hp.core]
        W, U, b, c = (
            np.asarray(weights.get(f"core.{hp.core}.{name}_l0", 0.0), np.float64)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        self._W, self._U, self._b, self._c = W.T, U.T, b, c
        self._hidden = U.shape[1]
        self.reach = reach_of(hp.activation if hp.core == "rnn" else "tanh")
        self._size = self._hidden * (2 if hp.core == "lstm" else 1)

    def start(self, batch: int) -> Floats:
        """Zeros (batch, size)."""
        return np.zeros((batch, self._size))

    def step(self, x: Floats, memory: Floats) -> tuple[Floats, Floats]:
        """As `MemoryMap.step`."""
        inner, outer = x @ self._W + self._b, memory[:, : self._hidden] @ self._U + self._c
        memory = self._advance(self._activation, inner, outer, memory)
        return memory, memory

    def at_rest(self, x: Floats, r: Floats) -> Floats:
        """The step itself."""
        return self.step(x[None], r)[0]

    def output(self, r: Floats) -> Floats:
        """As `MemoryMap.output`."""
        return r[..., : self._hidden]

    def multiplier(self, x: Floats, r: Floats) -> float:
        """As `MemoryMap.multiplier`."""
        return radius(jacobian(lambda each: self.at_rest(x, each), r))


def _sigmoid(z: Floats) -> Floats:
    return activation("sigmoid", z)[0]


def _rnn(name: str, inner: Floats, outer: Floats, h: Floats) -> Floats:
    del h
    return activation(name, inner + outer)[0]


def _gru(name: str, inner: Floats, outer: Floats, h: Floats) -> Floats:
    del name
    (r, z, n), (r_of_h, z_of_h, n_of_h) = _parts(inner, 3), _parts(outer, 3)
    keep, new = _sigmoid(z + z_of_h), np.tanh(n + _sigmoid(r + r_of_h) * n_of_h)
    after: Floats = new + keep * (h - new)
    return after


def _lstm(name: str, inner: Floats, outer: Floats, memory: Floats) -> Floats:
    del name
    i, f, g, o = _parts(inner + outer, 4)
    cell = _sigmoid(f) * _parts(memory, 2)[1] + _sigmoid(i) * np.tanh(g)
    return np.concatenate([_sigmoid(o) * np.tanh(cell), cell], axis=1)


def _parts(rows: Floats, count: int) -> list[Floats]:
    return np.split(rows, count, axis=1)


_STEPS = {"rnn": _rnn, "gru": _gru, "lstm": _lstm}
