"""Maps of the plastic cores, for `memory_maps`."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mpn_rl.analysis.fixed_points import Driven, Floats, Layer, activation
from mpn_rl.analysis.linearised import SMALL, radius
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.networks import Variant


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


class Stack:
    """An mpn of any number of layers: the memory is their M side by side (batch, hidden, ·)."""

    def __init__(self, layers: list[Layer]) -> None:
        self._layers, self._hidden = layers, len(layers[0].W)
        self.reach = reach_of(layers[0].variant.activation)
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
        self.reach = reach_of(layer.variant.activation)

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
        """As `MemoryMap.multiplier`.

        Of a deviation of M the step knows u_i = Σ_j read_ij δM_ij alone where a unit has one λ:
        then u and δh go on by themselves, and all else shrinks by λ.
        """
        y = np.concatenate([x, r])
        driven = Driven(self._layer, y)
        M = np.stack([driven.at_rest(unit, r[[unit]])[0] for unit in range(self._hidden)])
        if np.ptp(driven.decay, axis=1).any():
            return self._by_arnoldi(x, np.concatenate([M, r[:, None]], axis=1))
        rule, decay = self._layer.variant.hebbian_rule, driven.decay[:, 0]
        multiplicative = self._layer.variant.modulation == "multiplicative"
        modulated = driven.W * (1.0 + M) if multiplicative else driven.W + M
        slope = activation(self._layer.variant.activation, modulated @ y + self._layer.b)[1]
        written = driven.eta * driven.read * (np.abs(M) < driven.bound)
        of_h = slope[:, None] * modulated[:, len(x) :]
        by_post = (written * driven.pre).sum(axis=1) * (rule != "presynaptic")
        by_pre = driven.post(r)[:, None] * written[:, len(x) :] * (rule != "postsynaptic")
        steps = np.block(
            [
                [of_h, np.diag(slope)],
                [by_pre + by_post[:, None] * of_h, np.diag(decay + by_post * slope)],
            ]
        )
        return max(radius(steps), float(decay.max()))

    def _by_arnoldi(self, x: Floats, rest: Floats) -> float:
        """The multiplier by the Arnoldi method, from steps a little beside the memory at rest."""
        from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

        def beside(direction: Floats) -> Floats:
            size = max(1e-300, float(np.abs(direction).max()))
            way = SMALL / size * direction.reshape(rest.shape)
            low, high = self.step(x[None], np.stack([rest - way, rest + way]))[1]
            change: Floats = (high - low).ravel() / (2 * SMALL) * size
            return change

        operator = LinearOperator((rest.size, rest.size), matvec=beside, dtype=np.float64)
        start = {"v0": np.ones(rest.size), "ncv": min(40, rest.size - 1), "maxiter": 50}
        try:
            found = eigs(operator, 1, return_eigenvectors=False, tol=1e-5, **start)
        except ArpackNoConvergence as error:
            found = error.eigenvalues
        return max(map(float, np.abs(found)), default=math.nan)


def reach_of(name: str) -> float:
    """The largest output of an activation."""
    return 1.0 if name in ("tanh", "sigmoid") else math.inf


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
