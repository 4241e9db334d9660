"""The MPN with frozen plasticity: layers h = φ(W x + b) (see `layer`)."""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import INSIDE, compiled
from mpn_rl.compiled.layer import ACTIVATION_CODES, Passes, Size, Vector
from mpn_rl.compiled.parts import activate, matrix, sum_rows, times_slope
from mpn_rl.parameters.hyperparameters import Hyperparameters


@njit(**INSIDE)
def _out(kept: Any, k: int, shape: Any) -> Any:
    """What layer k puts out."""
    size = shape[0] * shape[1] * shape[2]
    return kept[k * size : (k + 1) * size].reshape(shape)


@compiled
def frozen_forward(weights: Any, sequence: Any) -> None:
    """All layers; plan: how many, activation, then W and b of each."""
    (theta, plan), (x, _, _, h, kept) = weights, sequence
    given, (steps, batch, hidden) = x, h.shape
    for k in range(plan[0]):
        out, inputs = _out(kept, k, h.shape), given.shape[2]
        W = matrix(theta, plan[2 + 2 * k], hidden, inputs)
        np.dot(given.reshape(steps * batch, inputs), W.T, out.reshape(steps * batch, hidden))
        for t in range(steps):
            for n in range(batch):
                if plan[3 + 2 * k] >= 0:
                    for i in range(hidden):
                        out[t, n, i] += theta[plan[3 + 2 * k] + i]
                activate(out, t, n, plan[1])
        given = out
    for t in range(steps):
        for n in range(batch):
            for i in range(hidden):
                h[t, n, i] = given[t, n, i]


@compiled
def frozen_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`frozen_forward`, backwards."""
    (theta, plan), (x, _, _, h, kept) = weights, sequence
    gradient, grad_h, _, grad_x, work = gradients
    steps, batch, hidden = h.shape
    rows, delta = steps * batch, np.empty(hidden, h.dtype)
    grads = work[: h.size].reshape(h.shape)
    into = work[h.size : 2 * h.size].reshape(rows, hidden)
    for t in range(steps):
        for n in range(batch):
            for i in range(hidden):
                grads[t, n, i] = grad_h[t, n, i]
    for k in range(plan[0] - 1, -1, -1):
        out, inputs = _out(kept, k, h.shape), x.shape[2] if k == 0 else hidden
        given = x if k == 0 else _out(kept, k - 1, h.shape)
        for t in range(steps):
            for n in range(batch):
                for i in range(hidden):
                    delta[i] = grads[t, n, i]
                times_slope(delta, out, t, n, plan[1])
                for i in range(hidden):
                    grads[t, n, i] = delta[i]
        flat = grads.reshape(rows, hidden)
        W = matrix(theta, plan[2 + 2 * k], hidden, inputs)
        to_W = matrix(gradient, plan[2 + 2 * k], hidden, inputs)
        np.dot(flat.T, given.reshape(rows, inputs), to_W)
        if plan[3 + 2 * k] >= 0:
            sum_rows(flat, gradient, plan[3 + 2 * k])
        if k == 0:
            np.dot(flat, W, grad_x.reshape(rows, inputs))
        else:
            np.dot(flat, W, into)
            for r in range(rows):
                for i in range(hidden):
                    flat[r, i] = into[r, i]


def core(hp: Hyperparameters, vector: Vector, size: Size) -> Passes:
    """The core that the hyper-parameters name; its state stays as it is."""
    plan = [hp.num_layers, ACTIVATION_CODES.index(hp.activation)]
    for k in range(hp.num_layers):
        plan += [vector.begin(f"core.weights.{k}"), vector.begin(f"core.biases.{k}")]
    widths, out = size.inputs + (hp.num_layers - 1) * size.hidden, size.rows * size.hidden
    kept = hp.num_layers * out
    return Passes(frozen_forward, frozen_backward, plan, kept, 2 * out, widths * size.hidden)
