"""The MPN layer backwards through a whole sequence, see `plasticity` for the way forward.

The M of one batch element is computed again from h and x, which is cheaper than fetching it from
memory, and stays in the processor's cache.
"""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import INSIDE, ONCE, compiled
from mpn_rl.compiled.parts import (
    PRESYNAPTIC,
    at,
    clip,
    collect,
    collect_of_unit,
    collect_own,
    cut,
    of_unit,
    own,
    times_slope,
)
from mpn_rl.compiled.plasticity import clear, ends_of, fill_push


@njit(**ONCE)
def _replay(
    n: int, M: Any, work: Any, start: Any, push: Any, ends: Any, rates: Any, bound: Any
) -> None:
    """Fill work (time + 1, input, hidden): at t the M that step t of batch element n reads."""
    _, _, pre, c = ends
    eta, lambda_decay = rates
    for j in range(M.shape[1]):
        for i in range(M.shape[2]):
            work[0, j, i] = M[n, j, i]
    for t in range(start.shape[0]):
        if start[t, n]:
            clear(work, t)
        fill_push(push, t, n, ends, eta)
        for j in range(M.shape[1]):
            p = pre[c * t, c * n, j]
            for i in range(M.shape[2]):
                grown = own(eta, j, i) * p * push[i]
                work[t + 1, j, i] = clip(at(lambda_decay, j, i) * work[t, j, i] + grown, bound)


@njit(**INSIDE)
def _cut(G: Any, n: int, work: Any, t: int, bound: Any) -> None:
    """Zero the gradient G[n] of the M after step t where that M was cut to the bound."""
    if bound is None:
        return
    zero = G.dtype.type(0)
    for j in range(G.shape[1]):
        for i in range(G.shape[2]):
            G[n, j, i] = G[n, j, i] if abs(work[t + 1, j, i]) < bound else zero


@njit(**INSIDE)
def _written(written: Any, G: Any, t: int, n: int, ends: Any, eta: Any, grad_eta: Any) -> None:
    """written = Gᵀ pre but for a unit's η, so that η · written = ∂L/∂post; add synapses' ∂η."""
    post, a, pre, c = ends
    zero = written.dtype.type(0)
    for i in range(written.size):
        written[i] = zero
    for j in range(G.shape[1]):
        p = pre[c * t, c * n, j]
        for i in range(written.size):
            g = G[n, j, i] * p
            written[i] += own(eta, j, i) * g
            collect_own(grad_eta, j, i, g * post[a * t, a * n, i])


@njit(**INSIDE)
def _back(
    G: Any,
    t: int,
    n: int,
    delta: Any,
    rows: Any,
    x: Any,
    W: Any,
    M: Any,
    ends: Any,
    rates: Any,
    variant: Any,
    onward: bool,
    gradients: Any,
) -> None:
    """Take G[n] from after step t to before it, filling ∂x[t, n] and adding ∂λ.

    Where it goes `onward` to step t - 1, written becomes that step's, see `_written` and `_cut`.
    """
    post, a, pre, c = ends
    eta, lambda_decay = rates
    additive, bound = variant
    grad_x, grad_W, _, grad_eta, grad_lambda = gradients
    unit, zero, reach = delta.dtype.type(1), delta.dtype.type(0), x.dtype.type(c)
    s, (written, push) = max(t - 1, 0), rows
    fill_push(push, t, n, ends, eta)
    for i in range(written.size):
        written[i] = zero
    for j in range(W.shape[0]):
        x_j, grad = x[t, n, j], zero
        p = pre[c * s, c * n, j] if onward else zero
        for i in range(W.shape[1]):
            g, m, d = G[n, j, i], M[t, j, i], delta[i]
            grad += reach * own(eta, j, i) * push[i] * g
            collect(grad_lambda, j, i, g * m)
            if additive is None:
                through = W[j, i] * d
                grad += through * (m + unit)
                grad_W[j, i] += x_j * d * (m + unit)
                g = at(lambda_decay, j, i) * g + through * x_j
            else:
                grad += d * (W[j, i] + m)
                grad_W[j, i] += d * x_j
                g = at(lambda_decay, j, i) * g + d * x_j
            g = cut(g, m, bound, onward)
            G[n, j, i] = g
            written[i] += own(eta, j, i) * g * p
            collect_own(grad_eta, j, i, g * p * post[a * s, a * n, i])
        grad_x[t, n, j] = grad


@njit(**INSIDE)
def _add_carried(delta: Any, n: int, carried: Any) -> None:
    """Add to ∂L/∂h what comes from the next step's x, see `plasticity.unroll`."""
    if carried is None:
        return
    for i in range(delta.size):
        delta[i] += carried[n, i]


@njit(**INSIDE)
def _carry(grad_x: Any, t: int, n: int, fresh: bool, carried: Any) -> None:
    """carried[n] = the gradient of the last part of x[t, n], see `plasticity.unroll`."""
    if carried is None:
        return
    zero, inputs = grad_x.dtype.type(0), grad_x.shape[2] - carried.shape[1]
    for i in range(carried.shape[1]):
        carried[n, i] = zero if fresh else grad_x[t, n, inputs + i]


@njit(**INSIDE)
def unroll_back(
    grad_h: Any,
    G: Any,
    x: Any,
    start: Any,
    h: Any,
    M: Any,
    W: Any,
    rates: Any,
    flat: Any,
    codes: Any,
    work: Any,
    delta: Any,
    gradients: Any,
    carried: Any,
) -> None:
    """Fill the gradients of `plasticity.unroll`.

    With G_t = ∂L/∂M_t, from the last step to the first (associative, multiplicative):

        δ = (∂L/∂h + η G x) ∘ φ′    ∂W += δ xᵀ ∘ (1 + M_{t−1})    ∂b += δ
        ∂x = (W ∘ (1 + M_{t−1}))ᵀ δ + η Gᵀ h    ∂η += ⟨G, h xᵀ⟩    ∂λ += ⟨G, M_{t−1}⟩
        G ← λ G + W ∘ δ xᵀ

    grad_h and h (time, batch, hidden); M (batch, input, hidden) the first state; G likewise holds
    the gradient of the last state and receives that of the first. gradients of x, W (input,
    hidden), b (hidden), eta and lambda_decay, zeros but for x. work (time + 1, input, hidden) and
    delta (hidden) are scratch memory. carried is None, or (batch, hidden) of a layer that reads its
    last output: it goes from the gradient that the last state gives to h, to that of h_0.
    """
    activation, rule, additive, bound = codes
    eta, grad_b, grad_eta = rates[0], gradients[2], gradients[3]
    ends = ends_of(x, h, flat, rule)
    post, a, _, _ = ends
    reach = x.dtype.type(0 if rule == PRESYNAPTIC else 1)
    steps, batch = start.shape
    variant, written, push = (additive, bound), np.empty_like(delta), np.empty_like(delta)
    rows = written, push
    for n in range(batch):
        if steps == 0:
            break
        _replay(n, M, work, start, push, ends, rates, bound)
        _cut(G, n, work, steps - 1, bound)
        _written(written, G, steps - 1, n, ends, eta, grad_eta)
        for t in range(steps - 1, -1, -1):
            for i in range(delta.size):
                collect_of_unit(grad_eta, i, written[i] * post[a * t, a * n, i])
                delta[i] = grad_h[t, n, i] + reach * of_unit(eta, i) * written[i]
            _add_carried(delta, n, carried)
            times_slope(delta, h, t, n, activation)
            for i in range(delta.size):
                grad_b[i] += delta[i]
            onward = t > 0 and not start[t, n]
            _back(G, t, n, delta, rows, x, W, work, ends, rates, variant, onward, gradients)
            _carry(gradients[0], t, n, start[t, n], carried)
            if start[t, n]:
                clear(G, n)


# The same by itself.
backward = compiled(unroll_back.py_func)
