"""The updates of a network from a rollout: targets, minibatches, the way back, Adam."""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import ONCE, compiled
from mpn_rl.compiled.layer import Gradients, Weights
from mpn_rl.compiled.parts import fill

FINE, NETWORK, GRADIENT, LOSS = range(4)


class Backward(NamedTuple):
    """The ways back of encoder, core and read-out; the gradient of theta, and of h and x; work."""

    functions: Any
    gradient: Any
    h: Any
    x: Any
    work: Any


class Rows(NamedTuple):
    """What each environment has stored, (row, env, …); ended is 0, TERMINATED or TRUNCATED."""

    obs: Any
    action: Any
    reward: Any
    ended: Any
    start: Any
    valid: Any


class Minibatch(NamedTuple):
    """Values and targets (row, env) of all rows; then what a minibatch takes of the rows."""

    value: Any
    target: Any
    obs: Any
    start: Any
    state: Any
    grad_q: Any


class Moments(NamedTuple):
    """Adam's, of the trained weights; their running average, empty where none is asked for."""

    mean: Any
    square: Any
    average: Any


class Recipe(NamedTuple):
    """The learner's hyper-parameters.

    Mixing is λ, below 0 where n-step returns are asked for; a reward_scale of 0 stands for null.
    """

    gamma: float
    mixing: float
    n_step: int
    rescale: bool
    reward_scale: float
    clip: float
    averaging: float
    minibatches: int
    rollout_length: int


class Learning(NamedTuple):
    """All that updates need beside the network and the rows; functions by address."""

    unroll: Any
    back: Any
    fill_targets: Any
    backward: Any
    moments: Any
    minibatch: Any
    recipe: Any


@compiled
def back(network: Any, backward: Any, sequences: Any, grad_q: Any) -> None:
    """Fill the gradient, laid out as theta, from that of the Q-values of `acting.unroll`."""
    encoded, remembered, read = sequences
    theta, plans, functions = network.theta, network.plans, backward.functions
    gradient, work, grad_state = backward.gradient, backward.work, read.state
    grad_h = backward.h[: remembered.h.size].reshape(remembered.h.shape)
    grad_x = backward.x[: encoded.h.size].reshape(encoded.h.shape)
    given = Gradients(gradient, grad_q, grad_state, grad_h, work)
    functions.read(Weights(theta, plans[2]), read, given)
    grad_state[:] = 0
    given = Gradients(gradient, grad_h, grad_state, grad_x, work)
    functions.core(Weights(theta, plans[1]), remembered, given)
    given = Gradients(gradient, grad_x, grad_state, grad_x, work)
    functions.encode(Weights(theta, plans[0]), encoded, given)


@njit(**ONCE)
def _adam(theta: Any, gradient: Any, moments: Any, updates: int, rate: float, norm: float) -> None:
    """As `adam.Adam.step`, of the gradient times `norm`; theta's fixed tail stays."""
    mean, square = moments.mean, moments.square
    unbiased = np.float32(math.sqrt(1.0 - 0.999**updates))
    size = np.float32(rate / (1.0 - 0.9**updates))
    factor, one, two = np.float32(norm), np.float32(0.1), np.float32(1.0 - 0.999)
    for i in range(mean.size):
        g = gradient[i] * factor
        mean[i] += one * (g - mean[i])
        square[i] += two * (g * g - square[i])
        theta[i] -= size * mean[i] / (np.sqrt(square[i]) / unbiased + np.float32(1e-8))


@njit(**ONCE)
def _average(average: Any, theta: Any, averaging: float, updates: int) -> None:
    """The average, where there is one, moves to theta, as in `adam.Adam`."""
    share = np.float32(1.0 - min(averaging, updates / (9.0 + updates)))
    for i in range(average.size):
        average[i] += share * (theta[i] - average[i])


@njit(**ONCE)
def _taken(rows: Any, first: Any, some: Any, steps: int, minibatch: Any) -> Any:
    """obs, start and first state of some environments' rows."""
    size, entries = some.size, rows.obs.shape[2]
    obs = minibatch.obs[: steps * size * entries].reshape(steps, size, entries)
    start = minibatch.start[: steps * size].reshape(steps, size)
    state = minibatch.state[:size]
    for k in range(size):
        for i in range(first.shape[1]):
            state[k, i] = first[some[k], i]
    for t in range(steps):
        for k in range(size):
            start[t, k] = rows.start[t, some[k]]
            for i in range(entries):
                obs[t, k, i] = rows.obs[t, some[k], i]
    return obs, start, state


@njit(**ONCE)
def loss_of(q: Any, rows: Any, length: Any, some: Any, target: Any, grad: Any) -> float:
    """The mean of Huber's loss over the valid rows of some environments; grad gets that of q."""
    grad[:] = 0
    loss, count = 0.0, 0
    for k in range(some.size):
        for t in range(length[some[k]] - 1):
            count += rows.valid[t, some[k]]
    for k in range(some.size):
        n = some[k]
        for t in range(length[n] - 1):
            if rows.valid[t, n]:
                action = rows.action[t, n]
                error = q[t, k, action] - target[t, n]
                near = abs(error) < 1.0
                loss += 0.5 * error * error if near else abs(error) - 0.5
                slope = error if near else math.copysign(1.0, error)
                if error != error:
                    slope = error
                grad[t, k, action] = slope / max(count, 1)
    return loss / max(count, 1)


@njit(**ONCE)
def descend(
    network: Any,
    learning: Any,
    made: Any,
    grad_q: Any,
    loss: float,
    rate: float,
    updates: int,
    report: Any,
) -> int:
    """One step of Adam, `updates` behind it, as `Learner.descend`; returns how it went.

    It goes down from the gradient of the Q-values of sequences just made; report (2,) gets the loss
    and the gradient's norm.
    """
    backward, moments, clip = learning.backward, learning.moments, learning.recipe.clip
    learning.back(network, backward, made, grad_q)
    norm = 0.0
    for i in range(moments.mean.size):
        norm += backward.gradient[i] * backward.gradient[i]
    norm = math.sqrt(norm)
    report[0], report[1] = loss, norm
    if not math.isfinite(loss):
        return LOSS
    if not math.isfinite(norm):
        return GRADIENT
    factor = clip / norm if norm > clip else 1.0
    _adam(network.theta, backward.gradient, moments, updates + 1, rate, factor)
    _average(moments.average, network.theta, learning.recipe.averaging, updates + 1)
    return FINE


@compiled
def learn(
    network: Any,
    learning: Any,
    rows: Any,
    length: Any,
    first: Any,
    order: Any,
    rate: float,
    scale: float,
    updates: int,
    report: Any,
) -> tuple[int, int]:
    """All updates of a rollout, `updates` behind them; return how it went, and how many there were.

    first (env, ·) are the states before the first rows, order (epoch, env) in which the
    environments come; rewards are multiplied by scale. report (update, 2) gets loss and gradient
    norm of each, also of one that fails.
    """
    minibatch, recipe = learning.minibatch, learning.recipe
    envs, steps, done = rows.obs.shape[1], 0, 0
    for n in range(envs):
        steps = max(steps, length[n])
    # the end of the rows is the end of what is known: padding and the last row teach nothing
    state = minibatch.state[:envs]
    fill(state, first)
    q = learning.unroll(network, rows.obs[:steps], rows.start[:steps], state)[2].h
    learning.fill_targets(q, rows, length, recipe, scale, minibatch.value, minibatch.target)
    for e in range(order.shape[0]):
        begin = 0
        for m in range(recipe.minibatches):
            # as numpy.array_split: the first parts are one longer
            more = 1 if m < envs % recipe.minibatches else 0
            end = begin + envs // recipe.minibatches + more
            some = order[e, begin:end]
            begin = end
            obs, start, state = _taken(rows, first, some, steps, minibatch)
            made = learning.unroll(network, obs, start, state)
            q = made[2].h
            grad = minibatch.grad_q[: q.size].reshape(q.shape)
            loss = loss_of(q, rows, length, some, minibatch.target, grad)
            went = descend(network, learning, made, grad, loss, rate, updates + done, report[done])
            if went != FINE:
                return went, done
            done += 1
    return FINE, done
