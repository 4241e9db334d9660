"""One MPN layer whose hidden units have a rate each, or share one, as others call it (`layer`)."""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled import plasticity, plasticity_back
from mpn_rl.compiled.compiling import ONCE, compiled
from mpn_rl.compiled.layer import ACTIVATION_CODES, RULE_CODES, Passes, Size, Vector
from mpn_rl.compiled.mpn_variants import variant
from mpn_rl.compiled.parts import fill
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.networks import PlasticParameters


@njit(**ONCE)
def of_units(theta: Any, plan: Any, inputs: int, hidden: int) -> Any:
    """W (input, hidden), b, (eta, lambda) (hidden), flat and codes, as `plasticity` takes them."""
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
    return W, b, (eta, decay), (pre, post), (plan[7], plan[8], None, None)


@njit(**ONCE)
def enter_units(gradient: Any, theta: Any, plan: Any, rates: Any, made: Any) -> None:
    """Put the gradients of W, b, eta and lambda where theta has their weights."""
    to_W, to_b, to_eta, to_decay = made
    inputs, hidden = to_W.shape
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


@compiled
def mpn_forward(weights: Any, sequence: Any) -> None:
    """`plasticity.unroll`; plan: W, b, eta, lambda, lambda_max, activation, rule.

    Behind eta and lambda stands how far those of neighbouring units lie apart, 1 or 0.
    """
    (theta, plan), (x, start, state, h, kept) = weights, sequence
    batch, inputs, hidden = x.shape[1], x.shape[2], h.shape[2]
    W, b, rates, flat, codes = of_units(theta, plan, inputs, hidden)
    M = state.reshape(batch, inputs, hidden)
    fill(kept[: M.size].reshape(batch, inputs * hidden), state)
    plasticity.unroll(x, start, W, b, rates, flat, codes, M, h, None)


@compiled
def mpn_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`plasticity_back.unroll_back`, from which the gradients go where theta has their weights."""
    (theta, plan), (x, start, _, h, kept) = weights, sequence
    gradient, grad_h, grad_state, grad_x, work = gradients
    steps, batch, inputs, hidden = x.shape[0], x.shape[1], x.shape[2], h.shape[2]
    W, _, rates, flat, codes = of_units(theta, plan, inputs, hidden)
    G = grad_state.reshape(batch, inputs, hidden)
    first = kept[: G.size].reshape(G.shape)
    to_W, to_b = np.zeros_like(W), np.zeros(hidden, theta.dtype)
    replayed = work[: (steps + 1) * inputs * hidden].reshape(steps + 1, inputs, hidden)
    delta = np.empty(hidden, theta.dtype)
    to_eta, to_decay = np.zeros_like(delta), np.zeros_like(delta)
    into = (grad_x, to_W, to_b, to_eta, to_decay)
    plasticity_back.unroll_back(
        grad_h, G, x, start, h, first, W, rates, flat, codes, replayed, delta, into, None
    )
    enter_units(gradient, theta, plan, rates, (to_W, to_b, to_eta, to_decay))


_APART = {"scalar": 0, "post": 1}


def plan_of_units(hp: PlasticParameters, vector: Vector) -> list[int] | None:
    """The plan of a layer without bound, multiplicative, whose units have rates; None of others."""
    apart = [_APART[shape] for shape in hp.rate_shapes() if shape in _APART]
    if hp.modulation != "multiplicative" or hp.M_bound is not None or len(apart) < 2:
        return None
    names = [f"core.layers.0.{name}" for name in ("W", "b", "eta", "lambda_raw")]
    W, b, eta, decay = map(vector.begin, names)
    top = vector.constant(hp.lambda_max if hp.learn_lambda else None)
    codes = [ACTIVATION_CODES.index(hp.activation), RULE_CODES.index(hp.hebbian_rule)]
    return [W, b, eta, apart[0], decay, apart[1], top, *codes]


def core(hp: Hyperparameters, vector: Vector, size: Size) -> Passes:
    """The core that the hyper-parameters name."""
    plan = plan_of_units(hp, vector) if hp.num_layers == 1 else None
    if plan is None:
        return variant(hp, vector, size)
    state = size.inputs * size.hidden
    work = (size.steps + 1) * state
    return Passes(mpn_forward, mpn_backward, plan, size.batch * state, work, state)
