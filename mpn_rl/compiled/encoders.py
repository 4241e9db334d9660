"""The encoders (see `layer`)."""

from typing import Any

import numpy as np

from mpn_rl.compiled.compiling import compiled
from mpn_rl.compiled.layer import Passes, Size, Vector
from mpn_rl.compiled.normalising import normalise, normalise_back
from mpn_rl.compiled.parts import matrix, sum_rows, tanh
from mpn_rl.parameters.hyperparameters import Hyperparameters


@compiled
def dense_forward(weights: Any, sequence: Any) -> None:
    """h = tanh(W x + b), or tanh(gain norm(W x + b) + shift); plan: W, b, gain, shift."""
    (theta, plan), (x, _, _, h, kept) = weights, sequence
    rows, inputs, width = x.shape[0] * x.shape[1], x.shape[2], h.shape[2]
    out = h.reshape(rows, width)
    np.dot(x.reshape(rows, inputs), matrix(theta, plan[0], width, inputs).T, out)
    for r in range(rows):
        for i in range(width):
            out[r, i] += theta[plan[1] + i]
    if plan[2] >= 0:
        normalise(out, theta, plan[2], plan[3], kept)
    for r in range(rows):
        for i in range(width):
            out[r, i] = tanh(out[r, i])


@compiled
def dense_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`dense_forward`, backwards; nothing stands before it, so that x gets no gradient."""
    (theta, plan), (x, _, _, h, kept) = weights, sequence
    gradient, grad_h, _, _, work = gradients
    rows, inputs, width = x.shape[0] * x.shape[1], x.shape[2], h.shape[2]
    out, given = h.reshape(rows, width), grad_h.reshape(rows, width)
    grads = work[: rows * width].reshape(rows, width)
    for r in range(rows):
        for i in range(width):
            grads[r, i] = given[r, i] * (grads.dtype.type(1) - out[r, i] * out[r, i])
    if plan[2] >= 0:
        normalise_back(grads, theta, gradient, plan[2], plan[3], kept)
    np.dot(grads.T, x.reshape(rows, inputs), matrix(gradient, plan[0], width, inputs))
    sum_rows(grads, gradient, plan[1])


@compiled
def fixed_forward(weights: Any, sequence: Any) -> None:
    """h = W x + b, never trained, or h = x; plan: W, b, -1 where there are none."""
    (theta, plan), (x, _, _, h, _) = weights, sequence
    rows, inputs, width = x.shape[0] * x.shape[1], x.shape[2], h.shape[2]
    given, out = x.reshape(rows, inputs), h.reshape(rows, width)
    if plan[0] < 0:
        for r in range(rows):
            for i in range(width):
                out[r, i] = given[r, i]
        return
    np.dot(given, matrix(theta, plan[0], width, inputs).T, out)
    for r in range(rows):
        for i in range(width):
            out[r, i] += theta[plan[1] + i]


@compiled
def fixed_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """Nothing is trained."""


def encoder(hp: Hyperparameters, vector: Vector, size: Size) -> Passes:
    """The encoder that the hyper-parameters name; `size.hidden` is how wide it is."""
    if hp.encoder in ("random", "none"):
        plan = [vector.begin("encoder.W"), vector.begin("encoder.b")]
        return Passes(fixed_forward, fixed_backward, plan, 0, 0)
    names = ("linear.weight", "linear.bias", "norm.weight", "norm.bias")
    plan = [vector.begin(f"encoder.{name}") for name in names]
    room = size.rows * (size.hidden + 1)
    return Passes(dense_forward, dense_backward, plan, room, room)
