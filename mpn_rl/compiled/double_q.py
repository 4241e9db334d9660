"""Updates of a network from replayed sequences: sampling, double-Q targets, the way back, Adam.

What they do is what `replay.SequenceReplay.sample`, `dqn.RecurrentDQN.update` and `priorities` do,
which tests hold them against.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from mpn_rl.compiled.compiling import ONCE, compiled
from mpn_rl.compiled.learning import FINE, Rows, descend, loss_of
from mpn_rl.compiled.parts import fill
from mpn_rl.compiled.targets import fill_returns, unscaled
from mpn_rl.compiled.tasks import TERMINATED, TRUNCATED


class Streams(NamedTuple):
    """What each environment has played, rings (env, row, …)."""

    observation: Any
    action: Any
    reward: Any
    terminated: Any
    truncated: Any
    start: Any
    valid: Any


class Replayed(NamedTuple):
    """The hyper-parameters of replay.

    The first `burn_in` rows only bring the state up to date, see `priorities.sequence_priority`
    for the next two; every `period` updates the target network moves by `rate`.
    """

    burn_in: int
    max_weight: float
    exponent: float
    period: int
    rate: float


@compiled
def gather(streams: Any, env: Any, first: Any, length: Any, rows: Any) -> None:
    """Fill rows (time, batch) with `length` rows of each sequence from row `first` of `env` on.

    Behind its end its last row is repeated, as no start, and not valid.
    """
    steps, batch = rows.start.shape
    ring = streams.start.shape[1]
    for n in range(batch):
        e = env[n]
        for t in range(steps):
            inside = t < length[n]
            at = (first[n] + (t if inside else length[n] - 1)) % ring
            for i in range(rows.obs.shape[2]):
                rows.obs[t, n, i] = streams.observation[e, at, i]
            rows.action[t, n] = streams.action[e, at]
            rows.reward[t, n] = streams.reward[e, at]
            ended = TRUNCATED if streams.truncated[e, at] else 0
            rows.ended[t, n] = TERMINATED if streams.terminated[e, at] else ended
            rows.start[t, n] = inside and streams.start[e, at]
            rows.valid[t, n] = inside and streams.valid[e, at]


@compiled
def gather_states(states: Any, env: Any, window: Any, state: Any) -> None:
    """Fill state (batch, ·) with states (env, window, A, B), transposed, of these windows."""
    A, B = states.shape[2], states.shape[3]
    for n in range(env.size):
        for i in range(A):
            for j in range(B):
                state[n, j * A + i] = states[env[n], window[n], i, j]


@njit(**ONCE)
def _double_q(q: Any, q_target: Any, rescale: Any, value: Any) -> None:
    """As `targets.double_q_values`, without the rescaling."""
    for t in range(q.shape[0]):
        for n in range(q.shape[1]):
            best = 0
            for a in range(1, q.shape[2]):
                if q[t, n, a] > q[t, n, best]:
                    best = a
            worth = q_target[t, n, best]
            value[t, n] = unscaled(worth) if rescale else worth


@njit(**ONCE)
def _priorities(q: Any, rows: Any, target: Any, replayed: Any, priority: Any) -> None:
    """As `priorities.sequence_priority`."""
    for n in range(q.shape[1]):
        largest, total, count = 0.0, 0.0, 0
        for t in range(q.shape[0] - 1):
            if rows.valid[t, n]:
                error = float(abs(target[t, n] - q[t, n, rows.action[t, n]]))
                largest, total, count = max(largest, error), total + error, count + 1
        mixed = replayed.max_weight * largest
        mixed += (1.0 - replayed.max_weight) * total / max(count, 1)
        priority[n] = max(mixed, 1e-6) ** replayed.exponent


@njit(**ONCE)
def _follow(target: Any, theta: Any, rate: float) -> None:
    """Target moves to theta by `rate`; by 1 exactly."""
    near, far = np.float32(rate), np.float32(1.0 - rate)
    for i in range(target.size):
        way = theta[i] - target[i]
        target[i] = target[i] + near * way if rate < 0.5 else theta[i] - far * way


@compiled
def update(
    network: Any,
    followed: Any,
    learning: Any,
    replayed: Any,
    rows: Any,
    state: Any,
    rate: float,
    scale: float,
    updates: int,
    report: Any,
    priority: Any,
) -> int:
    """One update from rows (time, batch), `updates` behind it; returns how it went.

    `followed` is the target network, state (batch, ·) the one before the first rows; rewards are
    multiplied by scale. report (2,) gets loss and gradient norm, priority (batch,) that of each
    sequence.
    """
    steps, batch = rows.start.shape
    burn_in = min(replayed.burn_in, steps - 2)
    minibatch, recipe = learning.minibatch, learning.recipe
    now = minibatch.state[:batch]
    fill(now, state)
    q_target = learning.unroll(followed, rows.obs, rows.start, now)[2].h[burn_in:]
    fill(now, state)
    if burn_in > 0:
        learning.unroll(network, rows.obs[:burn_in], rows.start[:burn_in], now)
    tail = Rows(
        rows.obs[burn_in:],
        rows.action[burn_in:],
        rows.reward[burn_in:],
        rows.ended[burn_in:],
        rows.start[burn_in:],
        rows.valid[burn_in:],
    )
    made = learning.unroll(network, tail.obs, tail.start, now)
    q = made[2].h
    length, some = np.full(batch, steps - burn_in), np.arange(batch)
    _double_q(q, q_target, recipe.rescale, minibatch.value)
    fill_returns(tail, length, recipe, scale, minibatch.value, minibatch.target)
    grad = minibatch.grad_q[: q.size].reshape(q.shape)
    loss = loss_of(q, tail, length, some, minibatch.target, grad)
    _priorities(q, tail, minibatch.target, replayed, priority)
    went = descend(network, learning, made, grad, loss, rate, updates, report)
    if went == FINE and (updates + 1) % replayed.period == 0:
        _follow(followed.theta, network.theta, replayed.rate)
    return went
