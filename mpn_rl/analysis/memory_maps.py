"""What a step does to the whole memory of a core, in numpy and float64, for `slow_points`.

The equations stand at the cores' classes in `networks`. What is sought is r: h, with the cells of
an lstm behind it, or the outputs of all layers. The M of a plastic core need not be sought: at
rest it follows from them, M = η h x/(1 − λ) within the bound.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from mpn_rl.analysis.fixed_points import Driven, Floats, Layer, activation
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.networks import Variant


class MemoryMap(Protocol):
    """A core's memory as a map; see the module."""

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
    if hp.core == "mpn":
        return Stack(plastic_layers(hp, weights))
    if hp.core == "mpn-recurrent":
        return Looped(plastic_layers(hp, weights)[0])
    return Gated(hp, weights) if hp.core in _STEPS else None


def plastic_layers(hp: Hyperparameters, weights: Mapping[str, Any]) -> list[Layer]:
    """The layers of an mpn or mpn-recurrent."""
    variant = Variant(**{name: getattr(hp, name) for name in Variant.model_fields})
    found = []
    for k in range(hp.num_layers):
        W, b, eta, decay = (
            np.asarray(weights.get(f"core.layers.{k}.{name}", 0.0), np.float64)
            for name in ("W", "b", "eta", "lambda_raw")
        )
        if hp.learn_lambda:
            decay = hp.lambda_max * activation("sigmoid", decay)[0]
        found.append(Layer(W, np.broadcast_to(b, len(W)), eta, decay, variant))
    return found


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
        return _radius(jacobian(lambda each: self.at_rest(x, each), r))


class Stack:
    """An mpn of any number of layers: the memory is their M side by side (batch, hidden, ·)."""

    def __init__(self, layers: list[Layer]) -> None:
        self._layers, self._hidden = layers, len(layers[0].W)
        self._borders = np.cumsum([layer.W.shape[1] for layer in layers])

    def start(self, batch: int) -> Floats:
        """Zeros."""
        return np.zeros((batch, self._hidden, self._borders[-1]))

    def step(self, x: Floats, memory: Floats) -> tuple[Floats, Floats]:
        """As `MemoryMap.step`."""
        outputs, after = [x], []
        own = np.split(memory, self._borders[:-1], axis=2)
        for layer, M in zip(self._layers, own, strict=True):
            h, M_next = plastic_step(layer, outputs[-1], M)
            outputs.append(h)
            after.append(M_next)
        return np.concatenate(outputs[1:], axis=1), np.concatenate(after, axis=2)

    def at_rest(self, x: Floats, r: Floats) -> Floats:
        """What the layers put out where each has rested with these outputs."""
        parts, inputs = (
            np.split(r, len(self._layers), axis=1),
            [np.broadcast_to(x, (len(r), len(x)))],
        )
        inputs += parts[:-1]
        settled = zip(self._layers, inputs, parts, strict=True)
        return np.concatenate([output_at_rest(*each) for each in settled], axis=1)

    def output(self, r: Floats) -> Floats:
        """As `MemoryMap.output`: of the last layer."""
        return r[..., -self._hidden :]

    def multiplier(self, x: Floats, r: Floats) -> float:
        """As `MemoryMap.multiplier`: layers do not feed back, so each unit's own is what counts."""
        found = []
        for layer, h in zip(self._layers, np.split(r, len(self._layers)), strict=True):
            driven = Driven(layer, x)
            found += [abs(driven.multiplier(unit, float(y))) for unit, y in enumerate(h)]
            x = h
        return max(found)


class Looped:
    """An mpn-recurrent: the memory is M (batch, hidden, input + hidden), and behind it h."""

    def __init__(self, layer: Layer) -> None:
        self._layer, self._hidden = layer, len(layer.W)

    def start(self, batch: int) -> Floats:
        """Zeros (batch, hidden, input + hidden + 1)."""
        hidden, width = self._layer.W.shape
        return np.zeros((batch, hidden, width + 1))

    def step(self, x: Floats, memory: Floats) -> tuple[Floats, Floats]:
        """As `MemoryMap.step`."""
        y = np.concatenate([np.broadcast_to(x, (len(memory), x.shape[1])), memory[..., -1]], axis=1)
        h, M = plastic_step(self._layer, y, memory[..., :-1])
        return h, np.concatenate([M, h[..., None]], axis=2)

    def at_rest(self, x: Floats, r: Floats) -> Floats:
        """What the layer puts out where it has rested with the outputs r."""
        y = np.concatenate([np.broadcast_to(x, (len(r), len(x))), r], axis=1)
        return output_at_rest(self._layer, y, r)

    def output(self, r: Floats) -> Floats:
        """r."""
        return r

    def multiplier(self, x: Floats, r: Floats) -> float:
        """As `MemoryMap.multiplier`, by the Arnoldi method from steps a little beside the point."""
        from scipy.sparse.linalg import LinearOperator, eigs

        y = np.concatenate([x, r])
        driven = Driven(self._layer, y)
        M = np.stack([driven.at_rest(unit, r[[unit]])[0] for unit in range(self._hidden)])
        rest = np.concatenate([M, r[:, None]], axis=1)

        def beside(direction: Floats) -> Floats:
            way = _SMALL * direction.reshape(rest.shape) / max(1e-300, np.abs(direction).max())
            low, high = self.step(x[None], np.stack([rest - way, rest + way]))[1]
            change: Floats = (high - low).ravel() / (2 * _SMALL) * np.abs(direction).max()
            return change

        operator = LinearOperator((rest.size, rest.size), matvec=beside, dtype=np.float64)
        start = np.ones(rest.size)
        return float(
            abs(eigs(operator, 1, v0=start, ncv=40, tol=1e-6, return_eigenvectors=False)[0])
        )


def plastic_step(layer: Layer, x: Floats, M: Floats) -> tuple[Floats, Floats]:
    """h (batch, hidden) and the next M of x (batch, input) and M (batch, hidden, input)."""
    own = layer.variant
    modulated = layer.W * (1.0 + M) if own.modulation == "multiplicative" else layer.W + M
    h = activation(own.activation, _read(modulated, x) + layer.b)[0]
    post, pre = _written(layer, np.broadcast_to(x, (len(h), x.shape[1])), h)
    M = layer.lambda_decay * M + layer.eta * (post[:, :, None] * pre[:, None, :])
    return h, M if own.M_bound is None else M.clip(-own.M_bound, own.M_bound)


def output_at_rest(layer: Layer, x: Floats, h: Floats) -> Floats:
    """φ(z) (batch, hidden) with M at rest for x (batch, input) and outputs h (batch, hidden)."""
    own, (post, pre) = layer.variant, _written(layer, x, h)
    of_one = np.broadcast_to(layer.eta / (1.0 - layer.lambda_decay), layer.W.shape)
    weights = layer.W if own.modulation == "multiplicative" else np.ones_like(layer.W)
    z = x @ layer.W.T + layer.b
    if own.M_bound is None:
        z += post * ((x * pre) @ (weights * of_one).T)
    else:
        M = (of_one * (post[:, :, None] * pre[:, None, :])).clip(-own.M_bound, own.M_bound)
        z += _read(weights * M, x)
    return activation(own.activation, z)[0]


def _read(weights: Floats, x: Floats) -> Floats:
    """weights (batch or 1, hidden, input) times x (batch or 1, input), as (batch, hidden)."""
    read: Floats = (weights @ x[:, :, None])[:, :, 0]
    return read


def _written(layer: Layer, x: Floats, h: Floats) -> tuple[Floats, Floats]:
    rule = layer.variant.hebbian_rule
    post = np.full_like(h, 1 / np.sqrt(h.shape[1])) if rule == "presynaptic" else h
    pre = np.full_like(x, 1 / np.sqrt(x.shape[1])) if rule == "postsynaptic" else x
    return post, pre


# the distance over which differences are taken
_SMALL = 1e-6


def jacobian(of: Callable[[Floats], Floats], r: Floats) -> Floats:
    """The Jacobian (size, size) of a map of batches (batch, size) at r (size,)."""
    beside = _SMALL * np.eye(len(r))
    low, high = np.split(of(np.concatenate([r - beside, r + beside])), 2)
    slopes: Floats = (high - low).T / (2 * _SMALL)
    return slopes


def _radius(matrix: Floats) -> float:
    with threadpool_limits(1):
        return float(np.abs(np.linalg.eigvals(matrix)).max())


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
