"""The MPN layer that also reads its last output (see `layer`): h_{t−1} stands behind x_t in y_t.

The way through a sequence is the MPN's (`plasticity`) with y in the place of x.
"""

from typing import Any

import numpy as np
from numba import njit

from mpn_rl.compiled import mpn, mpn_variants, plasticity, plasticity_back
from mpn_rl.compiled.compiling import INSIDE, ONCE, compiled
from mpn_rl.compiled.layer import Passes, Size, Vector
from mpn_rl.parameters.networks import PlasticParameters


@njit(**INSIDE)
def _of_units(theta: Any, plan: Any, width: int, hidden: int) -> Any:
    return mpn.of_units(theta, plan, width, hidden)


@njit(**INSIDE)
def _of_synapses(theta: Any, plan: Any, width: int, hidden: int) -> Any:
    _, W, b, rates = mpn_variants.of_synapses(theta, plan, 0, width, hidden)
    flat = mpn_variants.flat_ends(width, hidden, theta.dtype)
    return W, b, rates, flat, (plan[1], plan[2], None, theta[plan[3]])


@njit(**INSIDE)
def _of_additive(theta: Any, plan: Any, width: int, hidden: int) -> Any:
    W, b, rates, flat, (activation, rule, _, bound) = _of_synapses(theta, plan, width, hidden)
    return W, b, rates, flat, (activation, rule, True, bound)


@njit(**INSIDE)
def _enter_units(gradient: Any, theta: Any, plan: Any, rates: Any, made: Any) -> None:
    mpn.enter_units(gradient, theta, plan, rates, made)


@njit(**INSIDE)
def _enter_synapses(gradient: Any, theta: Any, plan: Any, rates: Any, made: Any) -> None:
    mpn_variants.enter_synapses(gradient, theta, plan[mpn_variants.HEAD :], rates, made)


@njit(**ONCE)
def _parted(numbers: Any, shape: Any, inputs: int) -> Any:
    """M (batch, input + hidden, hidden), h (batch, hidden) and y (time, batch, input + hidden)."""
    steps, batch, hidden = shape
    width = inputs + hidden
    one, two = batch * width * hidden, batch * (width + 1) * hidden
    return (
        numbers[:one].reshape(batch, width, hidden),
        numbers[one:two].reshape(batch, hidden),
        numbers[two : two + steps * batch * width].reshape(steps, batch, width),
    )


@njit(**ONCE)
def _take(state: Any, M: Any, h: Any) -> None:
    """Part a state (batch, ·), M and behind it h."""
    mpn_variants.take(M, state, 0)
    for n in range(h.shape[0]):
        for i in range(h.shape[1]):
            h[n, i] = state[n, M.shape[1] * M.shape[2] + i]


@njit(**ONCE)
def _give(state: Any, M: Any, h: Any) -> None:
    """As `_take`, the other way round."""
    mpn_variants.give(M, state, 0)
    for n in range(h.shape[0]):
        for i in range(h.shape[1]):
            state[n, M.shape[1] * M.shape[2] + i] = h[n, i]


@njit(**ONCE)
def _copy_inputs(into: Any, given: Any, inputs: int) -> None:
    """Copy the first part of each row (time, batch, ·)."""
    for t in range(into.shape[0]):
        for n in range(into.shape[1]):
            for j in range(inputs):
                into[t, n, j] = given[t, n, j]


@njit(**ONCE)
def _forward(read: Any, weights: Any, sequence: Any) -> None:
    """Unroll; `read` gives what `plasticity.unroll` takes of the weights. y is kept, and M_0."""
    (theta, plan), (x, start, state, h, kept) = weights, sequence
    steps, batch, inputs = x.shape
    M, first, y = _parted(kept, h.shape, inputs)
    W, b, rates, flat, codes = read(theta, plan, y.shape[2], h.shape[2])
    _copy_inputs(y, x, inputs)
    _take(state, M, first)
    running, last = np.empty_like(M), np.empty_like(first)
    _take(state, running, last)
    plasticity.unroll(y, start, W, b, rates, flat, codes, running, h, first)
    for n in range(batch if steps > 0 else 0):
        for i in range(h.shape[2]):
            last[n, i] = h[steps - 1, n, i]
    _give(state, running, last)


@njit(**ONCE)
def _backward(read: Any, enter: Any, weights: Any, sequence: Any, gradients: Any) -> None:
    """As `_forward`, backwards; `enter` puts the weights' gradients where theta has them."""
    (theta, plan), (x, start, _, h, kept) = weights, sequence
    gradient, grad_h, grad_state, grad_x, work = gradients
    (steps, _, inputs), hidden = x.shape, h.shape[2]
    M, _, y = _parted(kept, h.shape, inputs)
    G, carried, to_y = _parted(work, h.shape, inputs)
    used, each = G.size + carried.size + to_y.size, M.shape[1] * hidden
    replayed = work[used : used + (steps + 1) * each].reshape(steps + 1, M.shape[1], hidden)
    W, b, rates, flat, codes = read(theta, plan, y.shape[2], hidden)
    made = np.zeros_like(W), np.zeros_like(b), np.zeros_like(rates[0]), np.zeros_like(rates[1])
    into = (to_y, made[0], made[1], made[2], made[3])
    _take(grad_state, G, carried)
    plasticity_back.unroll_back(
        grad_h,
        G,
        y,
        start,
        h,
        M,
        W,
        rates,
        flat,
        codes,
        replayed,
        np.empty_like(b),
        into,
        carried,
    )
    _give(grad_state, G, carried)
    _copy_inputs(grad_x, to_y, inputs)
    enter(gradient, theta, plan, rates, made)


@compiled
def units_forward(weights: Any, sequence: Any) -> None:
    """A layer that reads W ∘ (M + 1), its units with a rate each or one for all."""
    _forward(_of_units, weights, sequence)


@compiled
def units_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`units_forward`, backwards."""
    _backward(_of_units, _enter_units, weights, sequence, gradients)


@compiled
def multiplicative_forward(weights: Any, sequence: Any) -> None:
    """A layer that reads W ∘ (M + 1), with rates of any shape and a bound."""
    _forward(_of_synapses, weights, sequence)


@compiled
def multiplicative_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`multiplicative_forward`, backwards."""
    _backward(_of_synapses, _enter_synapses, weights, sequence, gradients)


@compiled
def additive_forward(weights: Any, sequence: Any) -> None:
    """As `multiplicative_forward`, of a layer that reads W + M."""
    _forward(_of_additive, weights, sequence)


@compiled
def additive_backward(weights: Any, sequence: Any, gradients: Any) -> None:
    """`additive_forward`, backwards."""
    _backward(_of_additive, _enter_synapses, weights, sequence, gradients)


def core(hp: PlasticParameters, vector: Vector, size: Size) -> Passes:
    """The core that the hyper-parameters name."""
    width = size.inputs + size.hidden
    plan, forward, backward = mpn.plan_of_units(hp, vector), units_forward, units_backward
    if plan is None:
        plan = mpn_variants.plan_of_synapses(hp, vector, [width])
        forward, backward = multiplicative_forward, multiplicative_backward
        if hp.modulation == "additive":
            forward, backward = additive_forward, additive_backward
    M, y = width * size.hidden, size.rows * width
    kept = size.batch * (M + size.hidden) + y
    work = kept + (size.steps + 1) * M
    return Passes(forward, backward, plan, kept, work, M + size.hidden, size.hidden)
