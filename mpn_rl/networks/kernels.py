"""The MPN layer over a whole sequence in one compiled loop, forward and backward (numba).

One thread, one batch element after the other, so that a result depends neither on the number of
cores nor on its neighbours in the batch; only the gradients of the shared parameters are sums over
the batch, in order. Inside, M and W lie (input, hidden): the innermost loop runs over contiguous
hidden units and is vectorised. The forward pass keeps no M but the running one. The backward pass
computes the M of one batch element again from h and x, which is cheaper than fetching it from
memory, and stays in the processor's cache.

Arrays are indexed whole, never by a slice: a slice counts its references, which costs more than the
work on a row. One source serves every variant of the layer: `additive`, `bound`, and eta and lambda
per synapse are told by type (see `kernel_parts`); activation and rule are integers.
"""

from typing import Any

from numba import njit

from mpn_rl.networks.kernel_parts import (
    OPTIONS,
    POSTSYNAPTIC,
    PRESYNAPTIC,
    activate,
    at,
    clip,
    collect,
    common,
    compiled,
    own,
    times_slope,
)


@njit(**OPTIONS)
def _clear(M: Any, k: int) -> None:
    """M[k] = 0."""
    zero = M.dtype.type(0)
    for j in range(M.shape[1]):
        for i in range(M.shape[2]):
            M[k, j, i] = zero


@njit(**OPTIONS)
def _update(
    M: Any,
    k: int,
    post: Any,
    t_post: int,
    n_post: int,
    pre: Any,
    t_pre: int,
    n_pre: int,
    eta: Any,
    lambda_decay: Any,
    bound: Any,
) -> None:
    """M[k] ← λ M[k] + η pre postᵀ within the bound."""
    for j in range(M.shape[1]):
        p = pre[t_pre, n_pre, j]
        for i in range(M.shape[2]):
            grown = at(eta, j, i) * p * post[t_post, n_post, i]
            M[k, j, i] = clip(at(lambda_decay, j, i) * M[k, j, i] + grown, bound)


@njit(**OPTIONS)
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


@compiled
def forward(
    x: Any,
    start: Any,
    W: Any,
    b: Any,
    eta: Any,
    lambda_decay: Any,
    flat_pre: Any,
    flat_post: Any,
    activation: int,
    rule: int,
    additive: Any,
    bound: Any,
    M: Any,
    h: Any,
) -> None:
    """Unroll the layer: M (batch, input, hidden) goes from first to last state, h is filled.

    x (time, batch, input), start (time, batch), W (input, hidden), b (hidden), eta and
    lambda_decay scalars or (input, hidden), h (time, batch, hidden). flat_pre (1, 1, input) and
    flat_post (1, 1, hidden) stand for x and h in the rules that lack one of them.
    """
    post, a = (flat_post, 0) if rule == PRESYNAPTIC else (h, 1)
    pre, c = (flat_pre, 0) if rule == POSTSYNAPTIC else (x, 1)
    steps, batch = start.shape
    for n in range(batch):
        for t in range(steps):
            if start[t, n]:
                _clear(M, n)
            _read(h, t, n, x, M, W, b, additive)
            activate(h, t, n, activation)
            _update(M, n, post, a * t, a * n, pre, c * t, c * n, eta, lambda_decay, bound)


@njit(**OPTIONS)
def _replay(
    n: int,
    M: Any,
    work: Any,
    start: Any,
    post: Any,
    a: int,
    pre: Any,
    c: int,
    eta: Any,
    lambda_decay: Any,
    bound: Any,
) -> None:
    """Fill work (time + 1, input, hidden): at t the M that step t of batch element n reads."""
    for j in range(M.shape[1]):
        for i in range(M.shape[2]):
            work[0, j, i] = M[n, j, i]
    for t in range(start.shape[0]):
        if start[t, n]:
            _clear(work, t)
        for j in range(M.shape[1]):
            p = pre[c * t, c * n, j]
            for i in range(M.shape[2]):
                grown = at(eta, j, i) * p * post[a * t, a * n, i]
                work[t + 1, j, i] = clip(at(lambda_decay, j, i) * work[t, j, i] + grown, bound)


@njit(**OPTIONS)
def _cut(G: Any, n: int, work: Any, t: int, bound: Any) -> None:
    """Zero the gradient G[n] of the M after step t where that M was cut to the bound."""
    zero = G.dtype.type(0)
    for j in range(G.shape[1]):
        for i in range(G.shape[2]):
            G[n, j, i] = G[n, j, i] if abs(work[t + 1, j, i]) < bound else zero


@njit(**OPTIONS)
def _written(
    written: Any,
    G: Any,
    n: int,
    post: Any,
    t_post: int,
    n_post: int,
    pre: Any,
    t_pre: int,
    n_pre: int,
    eta: Any,
    grad_eta: Any,
) -> Any:
    """written = Gᵀ pre but for a common η, so that η · written = ∂L/∂post; return ∂η if common."""
    zero = written.dtype.type(0)
    total = zero
    for i in range(written.size):
        written[i] = zero
    for j in range(G.shape[1]):
        p = pre[t_pre, n_pre, j]
        for i in range(written.size):
            g = G[n, j, i] * p
            written[i] += own(eta, j, i) * g
            if grad_eta is not None:
                grad_eta[j, i] += g * post[t_post, n_post, i]
    if grad_eta is None:
        for i in range(written.size):
            total += written[i] * post[t_post, n_post, i]
    return total


@njit(**OPTIONS)
def _back(
    G: Any,
    n: int,
    t: int,
    delta: Any,
    x: Any,
    W: Any,
    M: Any,
    post: Any,
    a: int,
    eta: Any,
    lambda_decay: Any,
    reach: Any,
    additive: Any,
    grad_x: Any,
    grad_W: Any,
    grad_lambda: Any,
) -> Any:
    """Take G[n] from after step t to before it, filling ∂x[t, n]; return ∂λ if common."""
    unit, zero = delta.dtype.type(1), delta.dtype.type(0)
    total = zero
    for j in range(W.shape[0]):
        x_j, grad = x[t, n, j], zero
        for i in range(W.shape[1]):
            g, m, d = G[n, j, i], M[t, j, i], delta[i]
            grad += reach * at(eta, j, i) * post[a * t, a * n, i] * g
            total += collect(grad_lambda, j, i, g * m)
            if additive is None:
                gain = d * (m + unit)
                grad += gain * W[j, i]
                grad_W[j, i] += gain * x_j
                G[n, j, i] = at(lambda_decay, j, i) * g + W[j, i] * (d * x_j)
            else:
                grad += d * (W[j, i] + m)
                grad_W[j, i] += d * x_j
                G[n, j, i] = at(lambda_decay, j, i) * g + d * x_j
        grad_x[t, n, j] = grad
    return total


@compiled
def backward(
    grad_h: Any,
    G: Any,
    x: Any,
    start: Any,
    h: Any,
    M: Any,
    W: Any,
    eta: Any,
    lambda_decay: Any,
    flat_pre: Any,
    flat_post: Any,
    activation: int,
    rule: int,
    additive: Any,
    bound: Any,
    work: Any,
    delta: Any,
    grad_x: Any,
    grad_W: Any,
    grad_b: Any,
    grad_eta: Any,
    grad_lambda: Any,
) -> tuple[float, float]:
    """Fill the gradients of `forward`; return those of scalar eta and lambda_decay.

    With G_t = ∂L/∂M_t, from the last step to the first (associative, multiplicative):

        δ = (∂L/∂h + η G x) ∘ φ′    ∂W += δ xᵀ ∘ (1 + M_{t−1})    ∂b += δ
        ∂x = (W ∘ (1 + M_{t−1}))ᵀ δ + η Gᵀ h    ∂η += ⟨G, h xᵀ⟩    ∂λ += ⟨G, M_{t−1}⟩
        G ← λ G + W ∘ δ xᵀ

    grad_h and h (time, batch, hidden); M (batch, input, hidden) the first state; G likewise holds
    the gradient of the last state and receives that of the first; grad_x like x; grad_W
    (input, hidden) and grad_b (hidden) come in as zeros, and so do grad_eta and grad_lambda
    (input, hidden), which are None where eta and lambda_decay are scalars. work
    (time + 1, input, hidden) and delta (hidden) are scratch memory.
    """
    post, a = (flat_post, 0) if rule == PRESYNAPTIC else (h, 1)
    pre, c = (flat_pre, 0) if rule == POSTSYNAPTIC else (x, 1)
    into_h = common(eta) if rule != PRESYNAPTIC else x.dtype.type(0)
    into_x = x.dtype.type(c)
    steps, batch = start.shape
    total_eta, total_lambda = 0.0, 0.0
    for n in range(batch):
        _replay(n, M, work, start, post, a, pre, c, eta, lambda_decay, bound)
        for t in range(steps - 1, -1, -1):
            if bound is not None:
                _cut(G, n, work, t, bound)
            total_eta += _written(delta, G, n, post, a * t, a * n, pre, c * t, c * n, eta, grad_eta)
            for i in range(delta.size):
                delta[i] = grad_h[t, n, i] + into_h * delta[i]
            times_slope(delta, h, t, n, activation)
            for i in range(delta.size):
                grad_b[i] += delta[i]
            total_lambda += _back(
                G,
                n,
                t,
                delta,
                x,
                W,
                work,
                post,
                a,
                eta,
                lambda_decay,
                into_x,
                additive,
                grad_x,
                grad_W,
                grad_lambda,
            )
            if start[t, n]:
                _clear(G, n)
    return total_eta, total_lambda
