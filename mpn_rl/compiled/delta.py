"""Fast weights by the delta rule (see `layer`); the equations stand at `networks.delta.Delta`.

A row of what W makes of x is v, u, k′, q′, β′. M lies as (key, hidden), a column after the other.
"""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import INSIDE, ONCE, compiled
from mpn_rl.compiled.layer import ACTIVATION_CODES, Passes, Size, Vector
from mpn_rl.compiled.parts import activate, matrix, sum_rows, tanh, times_slope
from mpn_rl.parameters.networks import DeltaParameters


@njit(**INSIDE)
def _sigmoid(z: Any) -> Any:
    half = type(z)(0.5)
    return half * tanh(half * z) + half


@njit(**ONCE)
def _views(kept: Any, shape: Any, keys: int) -> Any:
    """What is kept: M_0 (batch, key, hidden), rows (time · batch, ·) in which v has become the
    error v − M k and β′ has become β, keys and queries k, q (2, time · batch, key), and what these
    were multiplied by for their length (2, time · batch).
    """
    steps, batch, hidden = shape
    rows, width = steps * batch, 2 * hidden + 2 * keys + 1
    one = batch * keys * hidden
    two = one + rows * width
    three = two + 2 * rows * keys
    return (
        kept[:one].reshape(batch, keys, hidden),
        kept[one:two].reshape(rows, width),
        kept[two:three].reshape(2, rows, keys),
        kept[three : three + 2 * rows].reshape(2, rows),
    )


@njit(**ONCE)
def _feature(a: Any, begin: int, into: Any, scale: Any, which: int, r: int) -> None:
    """f(a) of the numbers of row r of `a` from `begin` on."""
    length = into.dtype.type(1e-6)
    for j in range(into.shape[2]):
        positive = a[r, begin + j] * _sigmoid(a[r, begin + j])
        into[which, r, j] = positive
        length += positive * positive
    scale[which, r] = into.dtype.type(1) / np.sqrt(length)
    for j in range(into.shape[2]):
        into[which, r, j] *= scale[which, r]


@njit(**ONCE)
def _feature_back(
    grad: Any, a: Any, begin: int, feature: Any, scale: Any, which: int, r: int, into: Any
) -> None:
    """As `_feature`, backwards: grad (key) of f goes to that of `a`, into row r of `into`."""
    along, unit = grad.dtype.type(0), grad.dtype.type(1)
    for j in range(grad.size):
        along += grad[j] * feature[which, r, j]
    for j in range(grad.size):
        z = a[r, begin + j]
        s = _sigmoid(z)
        to_positive = scale[which, r] * (grad[j] - along * feature[which, r, j])
        into[r, begin + j] = to_positive * s * (unit + z * (unit - s))


@njit(**ONCE)
def _think(M: Any, n: int, made: Any, features: Any, r: int, h: Any, t: int) -> None:
    """h before φ, and M after the step, of batch element n from row r."""
    hidden, keys, zero = h.shape[2], features.shape[2], h.dtype.type(0)
    found, read = np.zeros(hidden, h.dtype), np.zeros(hidden, h.dtype)
    alike, beta = zero, made[r, 2 * hidden + 2 * keys]
    for j in range(keys):
        k, q = features[0, r, j], features[1, r, j]
        alike += k * q
        for i in range(hidden):
            found[i] += M[n, j, i] * k
            read[i] += M[n, j, i] * q
    for i in range(hidden):
        made[r, i] -= found[i]
        found[i] = beta * made[r, i]
        h[t, n, i] = made[r, hidden + i] + read[i] + alike * found[i]
    for j in range(keys):
        k = features[0, r, j]
        for i in range(hidden):
            M[n, j, i] += k * found[i]


@compiled
def delta_forward(weights: Any, sequence: Any) -> None:
    """The layer over a sequence; plan: W, b, width of the keys, activation."""
    (theta, plan), (x, start, state, h, kept) = weights, sequence
    (steps, batch, inputs), hidden, keys = x.shape, h.shape[2], plan[2]
    first, made, features, scale = _views(kept, h.shape, keys)
    width, zero = made.shape[1], h.dtype.type(0)
    M = state.reshape(batch, keys, hidden)
    for n in range(batch):
        for j in range(keys):
            for i in range(hidden):
                first[n, j, i] = M[n, j, i]
    np.dot(x.reshape(steps * batch, inputs), matrix(theta, plan[0], width, inputs).T, made)
    for t in range(steps):
        for n in range(batch):
            r = t * batch + n
            if plan[1] >= 0:
                for i in range(width):
                    made[r, i] += theta[plan[1] + i]
            _feature(made, 2 * hidden, features, scale, 0, r)
            _feature(made, 2 * hidden + keys, features, scale, 1, r)
            made[r, width - 1] = _sigmoid(made[r, width - 1])
            if start[t, n]:
                for j in range(keys):
                    for i in range(hidden):
                        M[n, j, i] = zero
            _think(M, n, made, features, r, h, t)
            activate(h, t, n, plan[3])


@njit(**ONCE)
def _replay(replayed: Any, first: Any, n: int, start: Any, made: Any, features: Any) -> None:
    """M before the first step and after each one (time + 1, key, hidden) of batch element n."""
    (steps, batch), (_, keys, hidden) = start.shape, replayed.shape
    zero = replayed.dtype.type(0)
    for j in range(keys):
        for i in range(hidden):
            replayed[0, j, i] = first[n, j, i]
    for t in range(steps):
        r = t * batch + n
        beta, held = made[r, 2 * hidden + 2 * keys], zero if start[t, n] else zero + 1
        for j in range(keys):
            written = beta * features[0, r, j]
            for i in range(hidden):
                replayed[t + 1, j, i] = held * replayed[t, j, i] + written * made[r, i]


@njit(**ONCE)
def _back(
    G: Any, n: int, replayed: Any, t: int, held: Any, made: Any, features: Any, r: int, into: Any
) -> Any:
    """Row r of `into`, where u already has its gradient δ, and G from after the step to before.

        ∂q = Mᵀ δ    G += δ qᵀ    ∂β = (G k)·e    ∂v = β G k    ∂k = β Gᵀ e − M_{t−1}ᵀ ∂v
        G ← G − ∂v kᵀ

    → the gradients of k and q (key).
    """
    _, keys, hidden = replayed.shape
    beta, along = made[r, 2 * hidden + 2 * keys], made.dtype.type(0)
    to_key, to_query = np.zeros(keys, made.dtype), np.zeros(keys, made.dtype)
    through = np.zeros(hidden, made.dtype)
    for j in range(keys):
        k, q, total = features[0, r, j], features[1, r, j], made.dtype.type(0)
        for i in range(hidden):
            total += replayed[t + 1, j, i] * into[r, hidden + i]
        to_query[j] = total
        for i in range(hidden):
            G[n, j, i] += q * into[r, hidden + i]
            through[i] += k * G[n, j, i]
    for i in range(hidden):
        along += through[i] * made[r, i]
        into[r, i] = beta * through[i]
    into[r, 2 * hidden + 2 * keys] = along * beta * (made.dtype.type(1) - beta)
    for j in range(keys):
        k, one, two = features[0, r, j], made.dtype.type(0), made.dtype.type(0)
        for i in range(hidden):
            one += G[n, j, i] * made[r, i]
            two += replayed[t, j, i] * into[r, i]
        to_key[j] = beta * one - held * two
        for i in range(hidden):
            G[n, j, i] = held * (G[n, j, i] - k * into[r, i])
    return to_key, to_query


@compiled
def delta_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`delta_forward`, backwards; M is computed again from the first one and what was written."""
    (theta, plan), (x, start, _, h, kept) = weights, sequence
    gradient, grad_h, grad_state, grad_x, work = gradients
    (steps, batch, inputs), hidden, keys = x.shape, h.shape[2], plan[2]
    first, made, features, scale = _views(kept, h.shape, keys)
    (rows, width), zero = made.shape, h.dtype.type(0)
    into, M = work[: made.size].reshape(rows, width), (steps + 1) * keys * hidden
    replayed = work[made.size : made.size + M].reshape(steps + 1, keys, hidden)
    G, delta = grad_state.reshape(batch, keys, hidden), np.empty(hidden, h.dtype)
    for n in range(batch):
        _replay(replayed, first, n, start, made, features)
        for t in range(steps - 1, -1, -1):
            r = t * batch + n
            for i in range(hidden):
                delta[i] = grad_h[t, n, i]
            times_slope(delta, h, t, n, plan[3])
            for i in range(hidden):
                into[r, hidden + i] = delta[i]
            held = zero if start[t, n] else zero + 1
            to_key, to_query = _back(G, n, replayed, t, held, made, features, r, into)
            _feature_back(to_key, made, 2 * hidden, features, scale, 0, r, into)
            _feature_back(to_query, made, 2 * hidden + keys, features, scale, 1, r, into)
    np.dot(into.T, x.reshape(rows, inputs), matrix(gradient, plan[0], width, inputs))
    np.dot(into, matrix(theta, plan[0], width, inputs), grad_x.reshape(rows, inputs))
    if plan[1] >= 0:
        sum_rows(into, gradient, plan[1])


def core(hp: DeltaParameters, vector: Vector, size: Size) -> Passes:
    """The core that the hyper-parameters name."""
    keys = hp.key_dim or size.inputs
    plan = [vector.begin("core.W"), vector.begin("core.b"), keys]
    plan.append(ACTIVATION_CODES.index(hp.activation))
    M, rows = keys * size.hidden, size.rows * (2 * size.hidden + 2 * keys + 1)
    kept = size.batch * M + rows + 2 * size.rows * (keys + 1)
    return Passes(delta_forward, delta_backward, plan, kept, rows + (size.steps + 1) * M, M)
