"""The MPN in all its variants: several layers, a bound, additive modulation, rates of any shape.

A rate of synapse (input j, hidden i) is theta[begin + along j + across i]: its shape is a choice of
the two steps. `mpn` has the paper's own layer, which needs less.
"""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled import plasticity, plasticity_back
from mpn_rl.compiled.compiling import INSIDE, compiled
from mpn_rl.compiled.layer import ACTIVATION_CODES, RULE_CODES, Passes, Size, Vector
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.networks import PlasticParameters

# a plan begins with layers, activation, rule and where the bound is; each layer adds W, b, and of
# eta and lambda where they begin and both steps, then where lambda_max is
HEAD, OWN = 4, 9


@njit(**INSIDE)
def of_synapses(theta: Any, plan: Any, k: int, inputs: int, hidden: int) -> Any:
    """Layer k's W (input, hidden), b, and eta and lambda as (input, hidden)."""
    own = plan[HEAD + OWN * k : HEAD + OWN * (k + 1)]
    W, b = np.empty((inputs, hidden), theta.dtype), np.zeros(hidden, theta.dtype)
    eta, decay = np.empty_like(W), np.empty_like(W)
    half, unit = theta.dtype.type(0.5), theta.dtype.type(1)
    for i in range(hidden):
        if own[1] >= 0:
            b[i] = theta[own[1] + i]
        for j in range(inputs):
            W[j, i] = theta[own[0] + i * inputs + j]
            eta[j, i] = theta[own[2] + own[3] * j + own[4] * i]
            decay[j, i] = theta[own[5] + own[6] * j + own[7] * i]
            if own[8] >= 0:  # a learned decay
                decay[j, i] = half * theta[own[8]] * (unit + np.tanh(half * decay[j, i]))
    return own, W, b, (eta, decay)


@njit(**INSIDE)
def _kept(kept: Any, k: int, first: int, shape: Any) -> Any:
    """Layer k's first M (batch, input · hidden), its running one, and what it puts out."""
    steps, batch, hidden = shape
    rows, begin, inputs = steps * batch * hidden, 0, first
    for _ in range(k):
        begin += 2 * batch * inputs * hidden + rows
        inputs = hidden
    size = batch * inputs * hidden
    before = kept[begin : begin + size].reshape(batch, inputs, hidden)
    M = kept[begin + size : begin + 2 * size].reshape(batch, inputs, hidden)
    out = kept[begin + 2 * size : begin + 2 * size + rows].reshape(steps, batch, hidden)
    return before, M, out


@njit(**INSIDE)
def take(M: Any, state: Any, begin: int) -> None:
    """Copy a layer's part of the state (batch, ·) into M (batch, input, hidden)."""
    for n in range(M.shape[0]):
        for j in range(M.shape[1]):
            for i in range(M.shape[2]):
                M[n, j, i] = state[n, begin + j * M.shape[2] + i]


@njit(**INSIDE)
def give(M: Any, state: Any, begin: int) -> None:
    """As `take`, the other way round."""
    for n in range(M.shape[0]):
        for j in range(M.shape[1]):
            for i in range(M.shape[2]):
                state[n, begin + j * M.shape[2] + i] = M[n, j, i]


@njit(**INSIDE)
def flat_ends(inputs: int, hidden: int, dtype: Any) -> Any:
    """What stands for x and h in the rules that lack one of them."""
    pre, post = np.empty((1, 1, inputs), dtype), np.empty((1, 1, hidden), dtype)
    for j in range(inputs):
        pre[0, 0, j] = 1.0 / np.sqrt(inputs)
    for i in range(hidden):
        post[0, 0, i] = 1.0 / np.sqrt(hidden)
    return pre, post


@njit(**INSIDE)
def _forward(additive: Any, weights: Any, sequence: Any) -> None:
    (theta, plan), (x, start, state, h, kept) = weights, sequence
    given, hidden, begin = x, h.shape[2], 0
    codes = plan[1], plan[2], additive, theta[plan[3]]
    for k in range(plan[0]):
        inputs = given.shape[2]
        _, W, b, rates = of_synapses(theta, plan, k, inputs, hidden)
        before, M, out = _kept(kept, k, x.shape[2], h.shape)
        take(before, state, begin)
        take(M, state, begin)
        flat = flat_ends(inputs, hidden, theta.dtype)
        plasticity.unroll(given, start, W, b, rates, flat, codes, M, out, None)
        give(M, state, begin)
        begin += inputs * hidden
        given = out
    for t in range(h.shape[0]):
        for n in range(h.shape[1]):
            for i in range(hidden):
                h[t, n, i] = given[t, n, i]


@njit(**INSIDE)
def _add_rate(gradient: Any, begin: int, along: int, across: int, grad: Any) -> None:
    """The gradient of a rate is the sum over the synapses that share it."""
    for j in range(grad.shape[0]):
        for i in range(grad.shape[1]):
            gradient[begin + along * j + across * i] = 0
    for j in range(grad.shape[0]):
        for i in range(grad.shape[1]):
            gradient[begin + along * j + across * i] += grad[j, i]


@njit(**INSIDE)
def enter_synapses(gradient: Any, theta: Any, own: Any, rates: Any, made: Any) -> None:
    """Put the gradients of a layer's W, b, eta and lambda where theta has their weights."""
    to_W, to_b, to_eta, to_decay = made
    inputs, hidden = to_W.shape
    for i in range(hidden):
        if own[1] >= 0:
            gradient[own[1] + i] = to_b[i]
        for j in range(inputs):
            gradient[own[0] + i * inputs + j] = to_W[j, i]
            if own[8] >= 0:
                decay = rates[1][j, i]
                to_decay[j, i] *= decay * (1 - decay / theta[own[8]])
    _add_rate(gradient, own[2], own[3], own[4], to_eta)
    _add_rate(gradient, own[5], own[6], own[7], to_decay)


@njit(**INSIDE)
def _backward(additive: Any, weights: Any, sequence: Any, gradients: Any) -> None:
    (theta, plan), (x, start, _, h, kept) = weights, sequence
    gradient, grad_h, grad_state, grad_x, work = gradients
    steps, batch, hidden = h.shape
    widest = max(x.shape[2], hidden) * hidden
    replayed, at, begin = work[: (steps + 1) * widest], (steps + 1) * widest, grad_state.shape[1]
    to_out = work[at : at + h.size].reshape(h.shape)
    to_given = work[at + h.size : at + 2 * h.size].reshape(h.shape)
    room, delta = work[at + 2 * h.size :], np.empty(hidden, theta.dtype)
    codes = plan[1], plan[2], additive, theta[plan[3]]
    for t in range(steps):
        for n in range(batch):
            for i in range(hidden):
                to_out[t, n, i] = grad_h[t, n, i]
    for k in range(plan[0] - 1, -1, -1):
        inputs = x.shape[2] if k == 0 else hidden
        given = x if k == 0 else _kept(kept, k - 1, x.shape[2], h.shape)[2]
        into = grad_x if k == 0 else to_given
        before, _, out = _kept(kept, k, x.shape[2], h.shape)
        own, W, _, rates = of_synapses(theta, plan, k, inputs, hidden)
        begin -= inputs * hidden
        G = room[: batch * inputs * hidden].reshape(batch, inputs, hidden)
        take(G, grad_state, begin)
        to_W, to_b = np.zeros_like(W), np.zeros(hidden, theta.dtype)
        to_eta, to_decay = np.zeros_like(W), np.zeros_like(W)
        again = replayed[: (steps + 1) * inputs * hidden].reshape(steps + 1, inputs, hidden)
        flat = flat_ends(inputs, hidden, theta.dtype)
        made = (into, to_W, to_b, to_eta, to_decay)
        plasticity_back.unroll_back(
            to_out, G, given, start, out, before, W, rates, flat, codes, again, delta, made, None
        )
        give(G, grad_state, begin)
        enter_synapses(gradient, theta, own, rates, (to_W, to_b, to_eta, to_decay))
        to_out, to_given = to_given, to_out


@compiled
def multiplicative_forward(weights: Any, sequence: Any) -> None:
    """Layers that read W ∘ (M + 1)."""
    _forward(None, weights, sequence)


@compiled
def multiplicative_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`multiplicative_forward`, backwards."""
    _backward(None, weights, sequence, gradients)


@compiled
def additive_forward(weights: Any, sequence: Any) -> None:
    """Layers that read W + M."""
    _forward(True, weights, sequence)


@compiled
def additive_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`additive_forward`, backwards."""
    _backward(True, weights, sequence, gradients)


def _steps(shape: str, inputs: int) -> tuple[int, int]:
    """How far the rates of neighbouring inputs, and of neighbouring hidden units, lie apart."""
    return {"scalar": (0, 0), "pre": (1, 0), "post": (0, 1), "full": (1, inputs)}[shape]


def plan_of_synapses(hp: PlasticParameters, vector: Vector, widths: list[int]) -> list[int]:
    """The plan of layers with inputs of these widths."""
    bound = vector.constant(np.inf if hp.M_bound is None else hp.M_bound)
    codes = ACTIVATION_CODES.index(hp.activation), RULE_CODES.index(hp.hebbian_rule)
    plan = [len(widths), *codes, bound]
    top = vector.constant(hp.lambda_max if hp.learn_lambda else None)
    eta_shape, lambda_shape = hp.rate_shapes()
    for k, width in enumerate(widths):
        W, b, eta, decay = (
            vector.begin(f"core.layers.{k}.{name}") for name in ("W", "b", "eta", "lambda_raw")
        )
        plan += [W, b, eta, *_steps(eta_shape, width)]
        plan += [decay, *_steps(lambda_shape, width), top]
    return plan


def variant(hp: Hyperparameters, vector: Vector, size: Size) -> Passes:
    """The core that the hyper-parameters name."""
    additive = hp.modulation == "additive"
    forward = additive_forward if additive else multiplicative_forward
    backward = additive_backward if additive else multiplicative_backward
    widths = [size.inputs] + (hp.num_layers - 1) * [size.hidden]
    plan = plan_of_synapses(hp, vector, widths)
    state, out = sum(widths) * size.hidden, size.rows * size.hidden
    kept = 2 * size.batch * state + hp.num_layers * out
    work = (size.steps + 1 + size.batch) * max(widths) * size.hidden
    work = max(work, (size.steps + 1 + size.batch) * size.hidden**2) + 2 * out
    return Passes(forward, backward, plan, kept, work, state)
