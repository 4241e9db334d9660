"""The read-out (see `layer`)."""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import INSIDE, compiled
from mpn_rl.compiled.layer import Passes, Size, Vector
from mpn_rl.compiled.normalising import normalise, normalise_back
from mpn_rl.compiled.parts import matrix, sum_rows
from mpn_rl.parameters.hyperparameters import Hyperparameters


@njit(**INSIDE)
def _read_out(theta: Any, plan: Any, hidden: int, actions: int) -> Any:
    """W (actions, hidden) and b (actions); of dueling heads W_v + W_a - mean W_a, and so b."""
    W, b = np.empty((actions, hidden), theta.dtype), np.empty(actions, theta.dtype)
    for a in range(actions):
        b[a] = theta[plan[1] + a]
        for i in range(hidden):
            W[a, i] = theta[plan[0] + a * hidden + i]
    if plan[4] >= 0:
        share = theta.dtype.type(1) / theta.dtype.type(actions)
        mean = theta.dtype.type(0)
        for a in range(actions):
            mean += b[a] * share
        for a in range(actions):
            b[a] += theta[plan[5]] - mean
        for i in range(hidden):
            mean = theta.dtype.type(0)
            for a in range(actions):
                mean += W[a, i] * share
            for a in range(actions):
                W[a, i] += theta[plan[4] + i] - mean
    return W, b


@compiled
def head_forward(weights: Any, sequence: Any) -> None:
    """q = W y + b of y = x or gain norm(x) + shift; plan: W, b, gain, shift, and V's W, b."""
    (theta, plan), (x, _, _, h, kept) = weights, sequence
    rows, hidden, actions = x.shape[0] * x.shape[1], x.shape[2], h.shape[2]
    given, out = x.reshape(rows, hidden), h.reshape(rows, actions)
    y = kept[: rows * hidden].reshape(rows, hidden)
    for r in range(rows):
        for i in range(hidden):
            y[r, i] = given[r, i]
    if plan[2] >= 0:
        normalise(y, theta, plan[2], plan[3], kept[rows * hidden :])
    W, b = _read_out(theta, plan, hidden, actions)
    np.dot(y, W.T, out)
    for r in range(rows):
        for a in range(actions):
            out[r, a] += b[a]


@njit(**INSIDE)
def _dueling_back(gradient: Any, begin: int, actions: int, width: int, value: int) -> None:
    """The value's gradient is the sum over actions, an advantage's is its own less their mean."""
    for i in range(width):
        total = gradient.dtype.type(0)
        for a in range(actions):
            total += gradient[begin + a * width + i]
        gradient[value + i] = total
        for a in range(actions):
            gradient[begin + a * width + i] -= total / gradient.dtype.type(actions)


@compiled
def head_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`head_forward`, backwards."""
    (theta, plan), (x, _, _, h, kept) = weights, sequence
    gradient, grad_h, _, grad_x, _ = gradients
    rows, hidden, actions = x.shape[0] * x.shape[1], x.shape[2], h.shape[2]
    grads = grad_h.reshape(rows, actions)
    y = kept[: rows * hidden].reshape(rows, hidden)
    W, _ = _read_out(theta, plan, hidden, actions)
    np.dot(grads.T, y, matrix(gradient, plan[0], actions, hidden))
    sum_rows(grads, gradient, plan[1])
    if plan[4] >= 0:
        _dueling_back(gradient, plan[1], actions, grads.shape[1] // actions, plan[5])
        _dueling_back(gradient, plan[0], actions, hidden, plan[4])
    into = grad_x.reshape(rows, hidden)
    np.dot(grads, W, into)
    if plan[2] >= 0:
        normalise_back(into, theta, gradient, plan[2], plan[3], kept[rows * hidden :])


def read_out(hp: Hyperparameters, vector: Vector, size: Size) -> Passes:
    """The read-out that the hyper-parameters name; `size.inputs` is what it reads."""
    norm, head = ("q_head.0.", "q_head.1.") if hp.layer_norm else ("", "q_head.")
    names = [f"{norm}weight", f"{norm}bias"] if norm else ["", ""]
    if hp.dueling:
        own, value = f"{head}advantage.", [f"{head}value.weight", f"{head}value.bias"]
    else:
        own, value = head, ["", ""]
    plan = [vector.begin(name) for name in (f"{own}weight", f"{own}bias", *names, *value)]
    return Passes(head_forward, head_backward, plan, size.rows * (2 * size.inputs + 1), 0)
