"""One MPN layer whose hidden units have a rate each, or share one, as others call it (`layer`)."""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled import plasticity
from mpn_rl.compiled.compiling import ONCE, compiled
from mpn_rl.compiled.layer import ACTIVATION_CODES, RULE_CODES, Passes, Size, Vector
from mpn_rl.compiled.mpn_variants import variant
from mpn_rl.compiled.parts import fill
from mpn_rl.parameters.hyperparameters import Hyperparameters


@njit(**ONCE)
def _mpn(theta: Any, plan: Any, inputs: int, hidden: int, batch: int, kept: Any) -> Any:
    """Of the MPN: W (input, hidden), b, (eta, lambda) (hidden), flat, codes, first M."""
    W, b = np.empty((inputs, hidden), theta.dtype), np.zeros(hidden, theta.dtype)
    for i in range(hidden):
        if plan[1] >= 0:
            b[i] = theta[plan[1] + i]
        for j in range(inputs):
            W[j, i] = theta[plan[0] + i * inputs + j]
    eta, decay = np.empty_like(b), np.empty_like(b)
    half, unit = theta.dtype.type(0.5), theta.dtype.type(1)
    for i in range(hidden):
        eta[i], decay[i] = theta[plan[2] + plan[3] * i], theta[plan[4] + plan[5] * i]
        if plan[6] >= 0:  # lambda_max: a learned decay
            decay[i] = half * theta[plan[6]] * (unit + np.tanh(half * decay[i]))
    pre = np.full((1, 1, inputs), unit / np.sqrt(theta.dtype.type(inputs)))
    post = np.full((1, 1, hidden), unit / np.sqrt(theta.dtype.type(hidden)))
    M = kept[: batch * inputs * hidden].reshape(batch, inputs, hidden)
    return W, b, (eta, decay), (pre, post), (plan[7], plan[8], None, None), M


@compiled
def mpn_forward(weights: Any, sequence: Any) -> None:
    """`plasticity.unroll`; plan: W, b, eta, lambda, lambda_max, activation, rule.

    Behind eta and lambda stands how far those of neighbouring units lie apart, 1 or 0.
    """
    (theta, plan), (x, start, state, h, kept) = weights, sequence
    batch, inputs, hidden = x.shape[1], x.shape[2], h.shape[2]
    W, b, rates, flat, codes, first = _mpn(theta, plan, inputs, hidden, batch, kept)
    M = state.reshape(batch, inputs, hidden)
    fill(first.reshape(batch, inputs * hidden), state)
    plasticity.unroll(x, start, W, b, rates, flat, codes, M, h)


@compiled
def mpn_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`plasticity.unroll_back`, from which the gradients go where theta has their weights."""
    (theta, plan), (x, start, _, h, kept) = weights, sequence
    gradient, grad_h, grad_state, grad_x, work = gradients
    steps, batch, inputs, hidden = x.shape[0], x.shape[1], x.shape[2], h.shape[2]
    W, _, rates, flat, codes, first = _mpn(theta, plan, inputs, hidden, batch, kept)
    G = grad_state.reshape(batch, inputs, hidden)
    to_W, to_b = np.zeros_like(W), np.zeros(hidden, theta.dtype)
    replayed = work[: (steps + 1) * inputs * hidden].reshape(steps + 1, inputs, hidden)
    delta = np.empty(hidden, theta.dtype)
    to_eta, to_decay = np.zeros_like(delta), np.zeros_like(delta)
    into = (grad_x, to_W, to_b, to_eta, to_decay)
    plasticity.unroll_back(
        grad_h, G, x, start, h, first, W, rates, flat, codes, replayed, delta, into
    )
    for i in range(hidden):
        if plan[1] >= 0:
            gradient[plan[1] + i] = to_b[i]
        for j in range(inputs):
            gradient[plan[0] + i * inputs + j] = to_W[j, i]
        # a shared rate's gradient is the sum over the units
        gradient[plan[2] + plan[3] * i] = gradient[plan[4] + plan[5] * i] = 0
    for i in range(hidden):
        decay, slope = rates[1][i], theta.dtype.type(1)
        if plan[6] >= 0:
            slope = decay * (1 - decay / theta[plan[6]])
        gradient[plan[2] + plan[3] * i] += to_eta[i]
        gradient[plan[4] + plan[5] * i] += to_decay[i] * slope


_APART = {"scalar": 0, "post": 1}


def core(hp: Hyperparameters, vector: Vector, size: Size) -> Passes:
    """The core that the hyper-parameters name."""
    paper = hp.modulation == "multiplicative" and hp.M_bound is None and hp.num_layers == 1
    shapes = hp.rate_shapes()
    if not paper or not {*shapes} <= {*_APART}:
        return variant(hp, vector, size)
    names = [f"core.layers.0.{name}" for name in ("W", "b", "eta", "lambda_raw")]
    W, b, eta, decay = map(vector.begin, names)
    plan = [W, b, eta, _APART[shapes[0]], decay, _APART[shapes[1]]]
    plan += [
        vector.constant(hp.lambda_max if hp.learn_lambda else None),
        ACTIVATION_CODES.index(hp.activation),
        RULE_CODES.index(hp.hebbian_rule),
    ]
    state = size.inputs * size.hidden
    work = (size.steps + 1) * state
    return Passes(mpn_forward, mpn_backward, plan, size.batch * state, work, state)
