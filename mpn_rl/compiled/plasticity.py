"""The MPN layer over a whole sequence in one compiled loop (numba); backwards: `plasticity_back`.

One thread, one batch element after the other, so that a result depends neither on the number of
cores nor on its neighbours in the batch; only the gradients of the shared parameters are sums over
the batch, in order. Inside, M and W lie (input, hidden): the innermost loop runs over contiguous
hidden units and is vectorised. Of M only the running one is kept.

Arrays are indexed whole, never by a slice: a slice counts its references, which costs more than the
work on a row. One source serves every variant of the layer: `additive`, `bound`, and whether units
or synapses have their own eta and lambda are told by type (see `parts`); activation and rule are
integers.
"""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import INSIDE, ONCE, compiled
from mpn_rl.compiled.parts import (
    POSTSYNAPTIC,
    PRESYNAPTIC,
    activate,
    at,
    clip,
    of_unit,
    own,
)


@njit(**ONCE)
def clear(M: Any, k: int) -> None:
    """M[k] = 0."""
    zero = M.dtype.type(0)
    for j in range(M.shape[1]):
        for i in range(M.shape[2]):
            M[k, j, i] = zero


@njit(**INSIDE)
def fill_push(push: Any, t: int, n: int, ends: Any, eta: Any) -> None:
    """push (hidden) = η post of step t, but for the part of η that is a synapse's own."""
    post, a, _, _ = ends
    for i in range(push.size):
        push[i] = of_unit(eta, i) * post[a * t, a * n, i]


@njit(**ONCE)
def _update(M: Any, t: int, n: int, push: Any, ends: Any, rates: Any, bound: Any) -> None:
    """M[n] ← λ M[n] + η pre postᵀ within the bound."""
    _, _, pre, c = ends
    eta, lambda_decay = rates
    for j in range(M.shape[1]):
        p = pre[c * t, c * n, j]
        for i in range(M.shape[2]):
            grown = own(eta, j, i) * p * push[i]
            M[n, j, i] = clip(at(lambda_decay, j, i) * M[n, j, i] + grown, bound)


@njit(**INSIDE)
def _read(h: Any, t: int, n: int, x: Any, M: Any, W: Any, b: Any, additive: Any) -> None:
    """h[t, n] = b + ((1 + M[n]) ∘ W)ᵀ x[t, n], or b + (M[n] + W)ᵀ x[t, n] when additive."""
    unit = h.dtype.type(1)
    for i in range(W.shape[1]):
        h[t, n, i] = b[i]
    for j in range(W.shape[0]):
        x_j = x[t, n, j]
        for i in range(W.shape[1]):
            if additive is None:
                h[t, n, i] += W[j, i] * x_j * (M[n, j, i] + unit)
            else:
                h[t, n, i] += (W[j, i] + M[n, j, i]) * x_j


@njit(**INSIDE)
def _update_and_read(
    h: Any,
    t: int,
    n: int,
    x: Any,
    M: Any,
    W: Any,
    b: Any,
    push: Any,
    ends: Any,
    rates: Any,
    variant: Any,
) -> None:
    """`_update` by step t - 1 and `_read` of step t, in one way through the synapses."""
    _, _, pre, c = ends
    eta, lambda_decay = rates
    additive, bound = variant
    unit = h.dtype.type(1)
    for i in range(W.shape[1]):
        h[t, n, i] = b[i]
    for j in range(W.shape[0]):
        x_j, p = x[t, n, j], pre[c * (t - 1), c * n, j]
        for i in range(W.shape[1]):
            grown = own(eta, j, i) * p * push[i]
            m = clip(at(lambda_decay, j, i) * M[n, j, i] + grown, bound)
            M[n, j, i] = m
            if additive is None:
                h[t, n, i] += W[j, i] * x_j * (m + unit)
            else:
                h[t, n, i] += (W[j, i] + m) * x_j


@njit(**ONCE)
def ends_of(x: Any, h: Any, flat: Any, rule: int) -> Any:
    """(post, a, pre, c): what the rule multiplies, post[a t, a n] and pre[c t, c n]."""
    post, a = (flat[1], 0) if rule == PRESYNAPTIC else (h, 1)
    pre, c = (flat[0], 0) if rule == POSTSYNAPTIC else (x, 1)
    return post, a, pre, c


@njit(**INSIDE)
def _recur(x: Any, t: int, n: int, h: Any, fresh: bool, first: Any) -> None:
    """Let x[t, n] end with the last output: h[t − 1, n], first[n] at t = 0, zeros if `fresh`."""
    if first is None:
        return
    zero, inputs = h.dtype.type(0), x.shape[2] - h.shape[2]
    for i in range(h.shape[2]):
        last = first[n, i] if t == 0 else h[t - 1, n, i]
        x[t, n, inputs + i] = zero if fresh else last


@njit(**INSIDE)
def unroll(
    x: Any,
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
    """Unroll the layer: M (batch, input, hidden) goes from first to last state, h is filled.

    x (time, batch, input), start (time, batch), W (input, hidden), b (hidden), h (time, batch,
    hidden). rates = (eta, lambda_decay), both (hidden) or both (input, hidden). flat =
    (1, 1, input) and (1, 1, hidden), which stand for x and h in the rules that lack one of them.
    codes = (activation, rule, additive, bound). first is None, or h_0 (batch, hidden) of a layer
    that also reads its last output: the last part of x is then filled with that.
    """
    activation, rule, additive, bound = codes
    ends = ends_of(x, h, flat, rule)
    steps, batch = start.shape
    push = np.empty_like(b)
    for n in range(batch):
        for t in range(steps):
            _recur(x, t, n, h, start[t, n], first)
            if start[t, n]:
                clear(M, n)
            if start[t, n] or t == 0:
                _read(h, t, n, x, M, W, b, additive)
            else:
                _update_and_read(h, t, n, x, M, W, b, push, ends, rates, (additive, bound))
            activate(h, t, n, activation)
            fill_push(push, t, n, ends, rates[0])
        if steps > 0:
            _update(M, steps - 1, n, push, ends, rates, bound)


# The same by itself.
forward = compiled(unroll.py_func)
