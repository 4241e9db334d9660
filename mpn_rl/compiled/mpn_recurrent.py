"""The MPN layer that also reads its last output (see `layer`): h_{t−1} stands behind x_t in y_t.

The way through a sequence is the MPN's (`plasticity`) with y in the place of x: forward, a step's
output is written into the next step's y; backward, the gradient of that part of y is added to the
output's.
"""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled import mpn_variants, plasticity
from mpn_rl.compiled.compiling import INSIDE, compiled
from mpn_rl.compiled.layer import ACTIVATION_CODES, RULE_CODES, Passes, Size, Vector
from mpn_rl.compiled.parts import PRESYNAPTIC, activate, collect_of_unit, of_unit, times_slope
from mpn_rl.parameters.hyperparameters import Hyperparameters


@njit(**INSIDE)
def _unroll(
    y: Any,
    start: Any,
    W: Any,
    b: Any,
    rates: Any,
    flat: Any,
    codes: Any,
    M: Any,
    h: Any,
    first: Any,
) -> None:
    """As `plasticity.unroll`; the part of y behind the input is filled, from `first` = h_0 on."""
    activation, rule, additive, bound = codes
    ends = plasticity._ends(y, h, flat, rule)
    (steps, batch), hidden, zero = start.shape, h.shape[2], h.dtype.type(0)
    inputs, push = y.shape[2] - hidden, np.empty_like(b)
    for n in range(batch):
        for t in range(steps):
            for i in range(hidden):
                last = first[n, i] if t == 0 else h[t - 1, n, i]
                y[t, n, inputs + i] = zero if start[t, n] else last
            if start[t, n]:
                plasticity._clear(M, n)
            if start[t, n] or t == 0:
                plasticity._read(h, t, n, y, M, W, b, additive)
            else:
                plasticity._update_and_read(
                    h, t, n, y, M, W, b, push, ends, rates, (additive, bound)
                )
            activate(h, t, n, activation)
            plasticity._push(push, t, n, ends, rates[0])
        if steps > 0:
            plasticity._update(M, steps - 1, n, push, ends, rates, bound)


@njit(**INSIDE)
def _unroll_back(
    grad_h: Any,
    G: Any,
    carried: Any,
    y: Any,
    start: Any,
    h: Any,
    M: Any,
    W: Any,
    rates: Any,
    flat: Any,
    codes: Any,
    work: Any,
    gradients: Any,
) -> None:
    """As `plasticity.unroll_back`; carried (batch, hidden) goes from ∂L/∂h after the last step, but
    for grad_h, to that of h_0. gradients begin with those of y.
    """
    activation, rule, additive, bound = codes
    eta, grad_y, grad_b, grad_eta = rates[0], gradients[0], gradients[2], gradients[3]
    ends = plasticity._ends(y, h, flat, rule)
    post, a, _, _ = ends
    zero, reach = h.dtype.type(0), h.dtype.type(0 if rule == PRESYNAPTIC else 1)
    (steps, batch), hidden = start.shape, h.shape[2]
    inputs = y.shape[2] - hidden
    delta = np.empty(hidden, h.dtype)
    variant, written, push = (additive, bound), np.empty_like(delta), np.empty_like(delta)
    rows = written, push
    for n in range(batch):
        if steps == 0:
            break
        plasticity._replay(n, M, work, start, push, ends, rates, bound)
        plasticity._cut(G, n, work, steps - 1, bound)
        plasticity._written(written, G, steps - 1, n, ends, eta, grad_eta)
        for t in range(steps - 1, -1, -1):
            for i in range(hidden):
                collect_of_unit(grad_eta, i, written[i] * post[a * t, a * n, i])
                through = reach * of_unit(eta, i) * written[i]
                delta[i] = grad_h[t, n, i] + carried[n, i] + through
            times_slope(delta, h, t, n, activation)
            for i in range(hidden):
                grad_b[i] += delta[i]
            onward = t > 0 and not start[t, n]
            plasticity._back(
                G, t, n, delta, rows, y, W, work, ends, rates, variant, onward, gradients
            )
            for i in range(hidden):
                carried[n, i] = zero if start[t, n] else grad_y[t, n, inputs + i]
            if start[t, n]:
                plasticity._clear(G, n)


@njit(**INSIDE)
def _kept(kept: Any, shape: Any, inputs: int) -> Any:
    """The first M (batch, input + hidden, hidden) and h, and y (time, batch, input + hidden)."""
    steps, batch, hidden = shape
    width = inputs + hidden
    one, two = batch * width * hidden, batch * (width + 1) * hidden
    return (
        kept[:one].reshape(batch, width, hidden),
        kept[one:two].reshape(batch, hidden),
        kept[two : two + steps * batch * width].reshape(steps, batch, width),
    )


@njit(**INSIDE)
def _forward(additive: Any, weights: Any, sequence: Any) -> None:
    (theta, plan), (x, start, state, h, kept) = weights, sequence
    (steps, batch, inputs), hidden = x.shape, h.shape[2]
    width = inputs + hidden
    M, first, y = _kept(kept, h.shape, inputs)
    _, W, b, rates = mpn_variants._weights(theta, plan, 0, width, hidden)
    running = np.empty((batch, width, hidden), h.dtype)
    for n in range(batch):
        for i in range(hidden):
            first[n, i] = state[n, width * hidden + i]
        for t in range(steps):
            for j in range(inputs):
                y[t, n, j] = x[t, n, j]
    mpn_variants._take(M, state, 0)
    mpn_variants._take(running, state, 0)
    flat = mpn_variants._flat(width, hidden, theta.dtype)
    codes = plan[1], plan[2], additive, theta[plan[3]]
    _unroll(y, start, W, b, rates, flat, codes, running, h, first)
    mpn_variants._give(running, state, 0)
    for n in range(batch):
        for i in range(hidden):
            state[n, width * hidden + i] = h[steps - 1, n, i]


@njit(**INSIDE)
def _backward(additive: Any, weights: Any, sequence: Any, gradients: Any) -> None:
    (theta, plan), (x, start, _, h, kept) = weights, sequence
    gradient, grad_h, grad_state, grad_x, work = gradients
    (steps, batch, inputs), hidden = x.shape, h.shape[2]
    width = inputs + hidden
    M, _, y = _kept(kept, h.shape, inputs)
    own, W, _, rates = mpn_variants._weights(theta, plan, 0, width, hidden)
    size, begin = (steps + 1) * width * hidden, (steps + 1) * width * hidden + y.size
    replayed = work[:size].reshape(steps + 1, width, hidden)
    to_y = work[size:begin].reshape(y.shape)
    G = work[begin : begin + M.size].reshape(M.shape)
    mpn_variants._take(G, grad_state, 0)
    carried = np.empty((batch, hidden), h.dtype)
    for n in range(batch):
        for i in range(hidden):
            carried[n, i] = grad_state[n, width * hidden + i]
    to_W, to_b = np.zeros_like(W), np.zeros(hidden, theta.dtype)
    to_eta, to_decay = np.zeros_like(W), np.zeros_like(W)
    flat = mpn_variants._flat(width, hidden, theta.dtype)
    codes = plan[1], plan[2], additive, theta[plan[3]]
    _unroll_back(
        grad_h,
        G,
        carried,
        y,
        start,
        h,
        M,
        W,
        rates,
        flat,
        codes,
        replayed,
        (to_y, to_W, to_b, to_eta, to_decay),
    )
    mpn_variants._give(G, grad_state, 0)
    for n in range(batch):
        for i in range(hidden):
            grad_state[n, width * hidden + i] = carried[n, i]
        for t in range(steps):
            for j in range(inputs):
                grad_x[t, n, j] = to_y[t, n, j]
    for i in range(hidden):
        if own[1] >= 0:
            gradient[own[1] + i] = to_b[i]
        for j in range(width):
            gradient[own[0] + i * width + j] = to_W[j, i]
            if own[8] >= 0:
                decay = rates[1][j, i]
                to_decay[j, i] *= decay * (1 - decay / theta[own[8]])
    mpn_variants._add_rate(gradient, own[2], own[3], own[4], to_eta)
    mpn_variants._add_rate(gradient, own[5], own[6], own[7], to_decay)


@compiled
def multiplicative_forward(weights: Any, sequence: Any) -> None:
    """A layer that reads W ∘ (M + 1)."""
    _forward(None, weights, sequence)


@compiled
def multiplicative_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`multiplicative_forward`, backwards."""
    _backward(None, weights, sequence, gradients)


@compiled
def additive_forward(weights: Any, sequence: Any) -> None:
    """A layer that reads W + M."""
    _forward(True, weights, sequence)


@compiled
def additive_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`additive_forward`, backwards."""
    _backward(True, weights, sequence, gradients)


def core(hp: Hyperparameters, vector: Vector, size: Size) -> Passes:
    """The core that the hyper-parameters name."""
    additive = hp.modulation == "additive"
    forward = additive_forward if additive else multiplicative_forward
    backward = additive_backward if additive else multiplicative_backward
    width = size.inputs + size.hidden
    bound = vector.constant(np.inf if hp.M_bound is None else hp.M_bound)
    top = vector.constant(hp.lambda_max if hp.learn_lambda else None)
    W, b, eta, decay = (
        vector.begin(f"core.layers.0.{name}") for name in ("W", "b", "eta", "lambda_raw")
    )
    plan = [1, ACTIVATION_CODES.index(hp.activation), RULE_CODES.index(hp.hebbian_rule), bound]
    eta_shape, lambda_shape = hp.rate_shapes()
    plan += [W, b, eta, *mpn_variants._steps(eta_shape, width)]
    plan += [decay, *mpn_variants._steps(lambda_shape, width), top]
    M, y = width * size.hidden, size.rows * width
    kept = size.batch * (M + size.hidden) + y
    work = (size.steps + 1 + size.batch) * M + y
    return Passes(forward, backward, plan, kept, work, M + size.hidden, size.hidden)
