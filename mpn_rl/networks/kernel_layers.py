"""The layers around a core as the compiled loops call them (see `kernel_recurrent`).

    forward(theta, plan, x, start, state, h, kept)
    backward(theta, gradient, plan, x, start, h, kept, grad_h, grad_state, grad_x, work)

A plan says where in theta each weight begins, -1 where there is none.
"""

# ruff: noqa: ARG001 (every part takes the same arguments)
from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiling import INSIDE, compiled
from mpn_rl.networks.kernel_parts import matrix, sum_rows, tanh

NORM_EPSILON = np.float32(1e-5)


@njit(**INSIDE)
def _normalise(rows: Any, kept: Any) -> None:
    """Replace each row by z = (row - mean) / sqrt(variance + ε); kept gets 1 / sqrt(…) of each."""
    width = rows.dtype.type(rows.shape[1])
    for r in range(rows.shape[0]):
        mean = rows.dtype.type(0)
        for i in range(rows.shape[1]):
            mean += rows[r, i]
        mean /= width
        variance = rows.dtype.type(0)
        for i in range(rows.shape[1]):
            variance += (rows[r, i] - mean) * (rows[r, i] - mean)
        kept[r] = rows.dtype.type(1) / np.sqrt(variance / width + NORM_EPSILON)
        for i in range(rows.shape[1]):
            rows[r, i] = (rows[r, i] - mean) * kept[r]


@njit(**INSIDE)
def _normalise_back(
    grads: Any, z: Any, kept: Any, theta: Any, gradient: Any, gain: int, shift: int
) -> None:
    """grads (rows, width) go from those of gain z + shift to those of what was normalised."""
    width = grads.dtype.type(grads.shape[1])
    for i in range(grads.shape[1]):
        gradient[gain + i], gradient[shift + i] = 0, 0
    for r in range(grads.shape[0]):
        mean, along = grads.dtype.type(0), grads.dtype.type(0)
        for i in range(grads.shape[1]):
            grad = grads[r, i]
            gradient[gain + i] += grad * z[r, i]
            gradient[shift + i] += grad
            grads[r, i] = grad * theta[gain + i]
        for i in range(grads.shape[1]):
            mean += grads[r, i]
            along += grads[r, i] * z[r, i]
        mean, along = mean / width, along / width
        for i in range(grads.shape[1]):
            grads[r, i] = kept[r] * (grads[r, i] - mean - z[r, i] * along)


@compiled
def dense_forward(theta: Any, plan: Any, x: Any, start: Any, state: Any, h: Any, kept: Any) -> None:
    """h = tanh(W x + b), or tanh(gain norm(W x + b) + shift); plan: W, b, gain, shift."""
    rows, inputs, width = x.shape[0] * x.shape[1], x.shape[2], h.shape[2]
    out = h.reshape(rows, width)
    np.dot(x.reshape(rows, inputs), matrix(theta, plan[0], width, inputs).T, out)
    for r in range(rows):
        for i in range(width):
            out[r, i] += theta[plan[1] + i]
    if plan[2] >= 0:
        z = kept[rows : rows + rows * width].reshape(rows, width)
        _normalise(out, kept[:rows])
        for r in range(rows):
            for i in range(width):
                z[r, i] = out[r, i]
                out[r, i] = theta[plan[2] + i] * out[r, i] + theta[plan[3] + i]
    for r in range(rows):
        for i in range(width):
            out[r, i] = tanh(out[r, i])


@compiled
def dense_backward(
    theta: Any,
    gradient: Any,
    plan: Any,
    x: Any,
    start: Any,
    h: Any,
    kept: Any,
    grad_h: Any,
    grad_state: Any,
    grad_x: Any,
    work: Any,
) -> None:
    """`dense_forward`, backwards; nothing stands before it, so that grad_x is left alone."""
    rows, inputs, width = x.shape[0] * x.shape[1], x.shape[2], h.shape[2]
    out, given = h.reshape(rows, width), grad_h.reshape(rows, width)
    grads = work[: rows * width].reshape(rows, width)
    for r in range(rows):
        for i in range(width):
            grads[r, i] = given[r, i] * (grads.dtype.type(1) - out[r, i] * out[r, i])
    if plan[2] >= 0:
        z = kept[rows : rows + rows * width].reshape(rows, width)
        _normalise_back(grads, z, kept[:rows], theta, gradient, plan[2], plan[3])
    np.dot(grads.T, x.reshape(rows, inputs), matrix(gradient, plan[0], width, inputs))
    sum_rows(grads, gradient, plan[1])


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
def head_forward(theta: Any, plan: Any, x: Any, start: Any, state: Any, h: Any, kept: Any) -> None:
    """q = W y + b of y = x or gain norm(x) + shift; plan: W, b, gain, shift, and V's W, b."""
    rows, hidden, actions = x.shape[0] * x.shape[1], x.shape[2], h.shape[2]
    given, out = x.reshape(rows, hidden), h.reshape(rows, actions)
    y = kept[: rows * hidden].reshape(rows, hidden)
    for r in range(rows):
        for i in range(hidden):
            y[r, i] = given[r, i]
    if plan[2] >= 0:
        more = kept[rows * hidden :]
        z = more[rows : rows + rows * hidden].reshape(rows, hidden)
        _normalise(y, more[:rows])
        for r in range(rows):
            for i in range(hidden):
                z[r, i] = y[r, i]
                y[r, i] = theta[plan[2] + i] * y[r, i] + theta[plan[3] + i]
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
def head_backward(
    theta: Any,
    gradient: Any,
    plan: Any,
    x: Any,
    start: Any,
    h: Any,
    kept: Any,
    grad_h: Any,
    grad_state: Any,
    grad_x: Any,
    work: Any,
) -> None:
    """`head_forward`, backwards."""
    rows, hidden, actions = x.shape[0] * x.shape[1], x.shape[2], h.shape[2]
    grads = grad_h.reshape(rows, actions)
    y = kept[: rows * hidden].reshape(rows, hidden)
    W, _ = _read_out(theta, plan, hidden, actions)
    np.dot(grads.T, y, matrix(gradient, plan[0], actions, hidden))
    sum_rows(grads, gradient, plan[1])
    if plan[4] >= 0:
        _dueling_back(gradient, plan[1], actions, 1, plan[5])
        _dueling_back(gradient, plan[0], actions, hidden, plan[4])
    into = grad_x.reshape(rows, hidden)
    np.dot(grads, W, into)
    if plan[2] >= 0:
        more = kept[rows * hidden :]
        z = more[rows : rows + rows * hidden].reshape(rows, hidden)
        _normalise_back(into, z, more[:rows], theta, gradient, plan[2], plan[3])
