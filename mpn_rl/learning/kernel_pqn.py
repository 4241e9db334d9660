"""PQN from step to step without a return to Python: act, store, learn, validate.

Every part is called by its address (see `kernel_recurrent`, `kernel_layers`, `kernel_tasks`), so
that this loop is compiled once, whatever core, layers and task it is used with. What it does is
what `training.SeedTraining`, `pqn.PQN` and `targets` do, which tests hold it against.
"""

import logging
import math
import warnings
from typing import Any

import numpy as np
from numba import njit, types
from numba.core.errors import NumbaExperimentalFeatureWarning

from mpn_rl.compiling import INSIDE, alone, compiled, is_kept

log = logging.getLogger(__name__)

FINE, NETWORK, GRADIENT, LOSS = range(4)
(
    WANTED,
    DONE,
    STEPS,
    POSITION,
    ROLLOUTS,
    UPDATES,
    REPORTED,
    BEGUN,
    LISTED,
    ENDED,
    MOST_EPISODES,
    COUNTERS,
) = range(12)


@njit(**INSIDE)
def _unroll(net: Any, theta: Any, obs: Any, start: Any, state: Any, room: Any) -> Any:
    """Q-values (time, batch, action) of obs (time, batch, D); state goes on to the last one."""
    (encode, core, read), _, plans, widths = net
    steps, batch = start.shape
    rows = steps * batch
    x = room[0][: rows * widths[0]].reshape(steps, batch, widths[0])
    h = room[1][: rows * widths[1]].reshape(steps, batch, widths[1])
    q = room[2][: rows * widths[2]].reshape(steps, batch, widths[2])
    encode(theta, plans[0], obs, start, state, x, room[3])
    core(theta, plans[1], x, start, state, h, room[4])
    read(theta, plans[2], h, start, state, q, room[5])
    return x, h, q


@njit(**INSIDE)
def _back(
    net: Any, theta: Any, gradient: Any, seen: Any, made: Any, grad_q: Any, room: Any
) -> None:
    """Fill gradient, laid out as theta, from that of the Q-values that `_unroll` gave."""
    _, (encode, core, read), plans, _ = net
    obs, start, grad_state = seen
    x, h, q = made
    grad_h, grad_x = room[6][: h.size].reshape(h.shape), room[7][: x.size].reshape(x.shape)
    read(theta, gradient, plans[2], h, start, q, room[5], grad_q, grad_state, grad_h, room[8])
    grad_state[:] = 0
    core(theta, gradient, plans[1], x, start, h, room[4], grad_h, grad_state, grad_x, room[8])
    encode(theta, gradient, plans[0], obs, start, x, room[3], grad_x, grad_state, grad_x, room[8])


@njit(**INSIDE)
def _best(q: Any, n: int) -> int:
    """The first of the actions with the largest Q-value."""
    best = 0
    for a in range(1, q.shape[2]):
        if q[0, n, a] > q[0, n, best]:
            best = a
    return best


@njit(**INSIDE)
def _rescaled(value: float) -> float:
    """As `targets.rescaled`."""
    return math.copysign(math.sqrt(abs(value) + 1.0) - 1.0, value) + 1e-3 * value


@njit(**INSIDE)
def _unscaled(value: float) -> float:
    """As `targets.unscaled`."""
    size = abs(value)
    root = (math.sqrt(1.0 + 4e-3 * (size + 1.0 + 1e-3)) - 1.0) / 2e-3
    return math.copysign(root * root - 1.0, value)


@njit(**INSIDE)
def _targets(q: Any, rows: Any, length: Any, how: Any, value: Any, target: Any) -> None:
    """As `targets.sequence_targets`, of the rows that each environment has."""
    _, _, reward, ended, _, _ = rows
    gamma, mixing, n_step, rescale = how
    for n in range(q.shape[1]):
        last = length[n] - 1
        for t in range(last + 1):
            best = q[t, n, 0]
            for a in range(1, q.shape[2]):
                best = max(best, q[t, n, a])
            value[t, n] = _unscaled(best) if rescale else best
        following = value[last, n]
        for t in range(last - 1, -1, -1):
            if mixing >= 0:
                ahead = value[t + 1, n]
                if ended[t, n] == 0 and t < last - 1:
                    ahead += mixing * (following - ahead)
                following = reward[t, n] + (0.0 if ended[t, n] == 1 else gamma * ahead)
            else:
                following, factor, k = 0.0, 1.0, t
                while True:
                    following += factor * reward[k, n]
                    factor *= gamma
                    if ended[k, n] == 1:
                        break
                    k += 1
                    if ended[k - 1, n] or k == last or k - t == n_step:
                        following += factor * value[k, n]
                        break
            target[t, n] = _rescaled(following) if rescale else following


@njit(**INSIDE)
def _adam(theta: Any, gradient: Any, moments: Any, updates: int, rate: float, norm: float) -> None:
    """As `adam.Adam.step`, of the gradient times `norm`; theta's fixed tail stays."""
    mean, square = moments
    unbiased = np.float32(math.sqrt(1.0 - 0.999**updates))
    size = np.float32(rate / (1.0 - 0.9**updates))
    factor, one, two = np.float32(norm), np.float32(0.1), np.float32(1.0 - 0.999)
    for i in range(mean.size):
        g = gradient[i] * factor
        mean[i] += one * (g - mean[i])
        square[i] += two * (g * g - square[i])
        theta[i] -= size * mean[i] / (np.sqrt(square[i]) / unbiased + np.float32(1e-8))


@njit(**INSIDE)
def _learn(
    net: Any,
    theta: Any,
    gradient: Any,
    moments: Any,
    rows: Any,
    parts: Any,
    room: Any,
    first: Any,
    length: Any,
    order: Any,
    how: Any,
    scalars: Any,
    counters: Any,
    report: Any,
) -> int:
    """All updates of a rollout; returns how it went."""
    obs, action, _, _, start, valid = rows
    value, target, part_obs, part_start, part_state, grad_q = parts
    rate, clip, minibatches = scalars
    envs = obs.shape[1]
    steps = length.max()
    # the end of the rows is the end of what is known: padding and the last row teach nothing
    state = part_state[:envs]
    state[:] = first
    _, _, q = _unroll(net, theta, obs[:steps], start[:steps], state, room)
    _targets(q, rows, length, how, value, target)
    for e in range(order.shape[0]):
        begin = 0
        for m in range(minibatches):
            # as numpy.array_split: the first parts are one longer
            size = envs // minibatches + (1 if m < envs % minibatches else 0)
            some = order[e, begin : begin + size]
            begin += size
            o = part_obs[: steps * size * obs.shape[2]].reshape(steps, size, obs.shape[2])
            s = part_start[: steps * size].reshape(steps, size)
            state = part_state[:size]
            for k in range(size):
                for i in range(first.shape[1]):
                    state[k, i] = first[some[k], i]
            for t in range(steps):
                for k in range(size):
                    s[t, k] = start[t, some[k]]
                    for i in range(obs.shape[2]):
                        o[t, k, i] = obs[t, some[k], i]
            x, h, q = _unroll(net, theta, o, s, state, room)
            grad = grad_q[: q.size].reshape(q.shape)
            grad[:] = 0
            loss, count = 0.0, 0
            for k in range(size):
                for t in range(length[some[k]] - 1):
                    count += valid[t, some[k]]
            for k in range(size):
                n = some[k]
                for t in range(length[n] - 1):
                    if valid[t, n]:
                        error = q[t, k, action[t, n]] - target[t, n]
                        near = abs(error) < 1.0
                        loss += 0.5 * error * error if near else abs(error) - 0.5
                        slope = error if near else math.copysign(1.0, error)
                        if error != error:
                            slope = error
                        grad[t, k, action[t, n]] = slope / max(count, 1)
            loss /= max(count, 1)
            _back(net, theta, gradient, (o, s, state), (x, h, q), grad, room)
            total = 0.0
            for i in range(moments[0].size):
                total += gradient[i] * gradient[i]
            norm = math.sqrt(total)
            report[counters[REPORTED], 0], report[counters[REPORTED], 1] = loss, norm
            if not math.isfinite(loss):
                return LOSS
            if not math.isfinite(norm):
                return GRADIENT
            counters[REPORTED] += 1
            counters[UPDATES] += 1
            factor = clip / norm if norm > clip else 1.0
            _adam(theta, gradient, moments, counters[UPDATES], rate, factor)
    return FINE


@njit(**INSIDE)
def _store(rows: Any, length: Any, n: int, seen: Any, told: Any) -> None:
    """Add a row to environment n's: what is seen, action, reward, ended, start, valid."""
    t = length[n]
    obs, action, reward, ended, start, valid = rows
    for i in range(obs.shape[2]):
        obs[t, n, i] = seen[n, i]
    action[t, n], reward[t, n], ended[t, n], start[t, n], valid[t, n] = told
    length[n] += 1


@njit(**INSIDE)
def _carry_over(rows: Any, length: Any) -> None:
    """Begin the next rollout with the last row of this one."""
    obs, action, reward, ended, start, valid = rows
    for n in range(length.size):
        t = length[n] - 1
        for i in range(obs.shape[2]):
            obs[0, n, i] = obs[t, n, i]
        action[0, n], reward[0, n], ended[0, n] = action[t, n], reward[t, n], ended[t, n]
        start[0, n], valid[0, n] = start[t, n], valid[t, n]
        length[n] = 1


@compiled
def advance(
    encode: Any,
    core: Any,
    read: Any,
    encode_back: Any,
    core_back: Any,
    read_back: Any,
    reset: Any,
    step: Any,
    show: Any,
    plans: Any,
    widths: Any,
    theta: Any,
    gradient: Any,
    moments: Any,
    numbers: Any,
    counts: Any,
    bank: Any,
    answers: Any,
    sizes: Any,
    rows: Any,
    parts: Any,
    room: Any,
    states: Any,
    running: Any,
    exploring: Any,
    orders: Any,
    rates: Any,
    how: Any,
    scalars: Any,
    counters: Any,
    report: Any,
    episodes: Any,
) -> int:
    """Go on by `counters[WANTED]` steps of every environment; returns how it went.

    It comes back earlier where the bank of starts runs out, or `counters[MOST_EPISODES]` have
    ended. counters says where it is; report and episodes get what happened.
    """
    net = (encode, core, read), (encode_back, core_back, read_back), plans, widths
    state, last_state, first = states
    seen, start, totals, lengths, length = running
    epsilon, chance, any_action = exploring
    clip, minibatches, rollout_length = scalars
    envs = length.size
    never = np.zeros((1, envs), np.bool_)
    counters[DONE] = 0
    while counters[DONE] < counters[WANTED]:
        if bank.shape[0] - counters[BEGUN] < envs or counters[ENDED] >= counters[MOST_EPISODES]:
            break
        now = counters[DONE]
        if counters[POSITION] == rollout_length - 1:
            last_state[:] = state
        _, _, q = _unroll(net, theta, seen.reshape(1, envs, seen.shape[1]), never, state, room)
        counters[DONE] += 1
        counters[STEPS] += envs
        for n in range(envs):
            action = _best(q, n)
            if epsilon[now] > 0 and chance[now, n] < np.float32(epsilon[now]):
                action = any_action[now, n]
            reward, ended, _ = step(numbers, counts, n, bank, answers, sizes, action)
            told = action, np.float32(reward), ended, start[n], True
            _store(rows, length, n, seen, told)
            totals[n] += np.float32(reward)
            lengths[n] += 1
            start[n] = ended > 0
            show(numbers, counts, n, bank, sizes, seen)
            if ended:
                _store(rows, length, n, seen, (0, np.float32(0), 0, False, False))
                at = counters[LISTED]
                episodes[at, 0], episodes[at, 1] = totals[n], lengths[n]
                episodes[at, 2], episodes[at, 3] = counters[STEPS], epsilon[now]
                counters[LISTED] += 1
                counters[ENDED] += 1
                totals[n], lengths[n] = 0.0, 0
                reset(numbers, counts, n, bank, counters[BEGUN])
                counters[BEGUN] += 1
                show(numbers, counts, n, bank, sizes, seen)
                state[n] = 0
        counters[POSITION] += 1
        if counters[POSITION] == rollout_length:
            if not np.isfinite(state).all():
                return NETWORK
            went = _learn(
                net,
                theta,
                gradient,
                moments,
                rows,
                parts,
                room,
                first,
                length,
                orders[counters[ROLLOUTS]],
                how,
                (rates[counters[ROLLOUTS]], clip, minibatches),
                counters,
                report,
            )
            if went != FINE:
                return went
            counters[ROLLOUTS] += 1
            counters[POSITION] = 0
            _carry_over(rows, length)
            first[:] = last_state
    return FINE


@compiled
def play(
    encode: Any,
    core: Any,
    read: Any,
    reset: Any,
    step: Any,
    show: Any,
    plans: Any,
    widths: Any,
    theta: Any,
    bank: Any,
    answers: Any,
    sizes: Any,
    playing: Any,
    room: Any,
    scores: Any,
    turn: Any,
) -> int:
    """Greedy episodes beside each other, as `rollout.run_episodes`; returns how many still go on.

    turn: the first episode's number, which begins at the bank's start of this number; whether they
    begin anew; and the most steps. scores (episode, 3) get return, length and correct.
    """
    net = (encode, core, read), (encode, core, read), plans, widths
    state, seen, over, numbers, counts = playing
    begun, anew, most = turn
    envs = seen.shape[0]
    never = np.zeros((1, envs), np.bool_)
    if anew:
        state[:] = 0
        here = min(envs, scores.shape[0] - begun)
        for n in range(envs):
            over[n] = n >= here
            reset(numbers, counts, n, bank, begun + n if n < here else begun)
            show(numbers, counts, n, bank, sizes, seen)
    going = envs - over.sum()
    for _ in range(most):
        if going == 0:
            break
        _, _, q = _unroll(net, theta, seen.reshape(1, envs, seen.shape[1]), never, state, room)
        for n in range(envs):
            if over[n]:
                continue
            reward, ended, correct = step(numbers, counts, n, bank, answers, sizes, _best(q, n))
            scores[begun + n, 0] += np.float32(reward)
            scores[begun + n, 1] += 1
            show(numbers, counts, n, bank, sizes, seen)
            if ended:
                scores[begun + n, 2] = correct
                over[n], going = True, going - 1
    return going


_f1, _f2, _f3 = (types.Array(types.float32, d, "C") for d in (1, 2, 3))
_i1, _i2 = (types.Array(types.int64, d, "C") for d in (1, 2))
_b2, _d2 = types.Array(types.boolean, 2, "C"), types.Array(types.float64, 2, "C")
FORWARD = types.void(_f1, _i1, _f3, _b2, _f2, _f3, _f1)
BACKWARD = types.void(_f1, _f1, _i1, _f3, _b2, _f3, _f1, _f3, _f2, _f3, _f1)
RESET = types.void(_d2, _i2, types.int64, _d2, types.int64)
STEP = types.Tuple((types.float64, types.int64, types.float64))(
    _d2, _i2, types.int64, _d2, _i2, _i1, types.int64
)
SHOW = types.void(_d2, _i2, types.int64, _d2, _i1, _f2)
_PARTS = 3 * (types.FunctionType(FORWARD),)
_PARTS_BACK = 3 * (types.FunctionType(BACKWARD),)
_TASK = types.FunctionType(RESET), types.FunctionType(STEP), types.FunctionType(SHOW)
_b1, _d1 = types.Array(types.boolean, 1, "C"), types.Array(types.float64, 1, "C")
_NETWORK = types.UniTuple(_i1, 3), types.UniTuple(types.int64, 3), _f1
_ADVANCE = types.int64(
    *_PARTS,
    *_PARTS_BACK,
    *_TASK,
    *_NETWORK,
    _f1,
    types.UniTuple(_f1, 2),
    _d2,
    _i2,
    _d2,
    _i2,
    _i1,
    types.Tuple((_f3, _i2, _f2, _i2, _b2, _b2)),
    types.Tuple((_f2, _f2, _f1, _b1, _f2, _f1)),
    types.UniTuple(_f1, 9),
    types.UniTuple(_f2, 3),
    types.Tuple((_f2, _b1, _d1, _i1, _i1)),
    types.Tuple((_d1, _f2, _i2)),
    types.Array(types.int64, 3, "C"),
    _d1,
    types.Tuple((types.float64, types.float64, types.int64, types.boolean)),
    types.Tuple((types.float64, types.int64, types.int64)),
    _i1,
    _d2,
    _d2,
)
_PLAY = types.int64(
    *_PARTS,
    *_TASK,
    *_NETWORK,
    _d2,
    _i2,
    _i1,
    types.Tuple((_f2, _f2, _b1, _d2, _i2)),
    types.UniTuple(_f1, 9),
    _d2,
    types.Tuple((types.int64, types.boolean, types.int64)),
)


def prepare(forward: Any, backward: Any, task: Any) -> None:
    """Compile the loops and these parts (seconds, once on a machine), or load them."""
    signatures = [*3 * [FORWARD], *3 * [BACKWARD], RESET, STEP, SHOW]
    parts = [*zip((*forward, *backward, *task), signatures, strict=True)]
    parts += [(advance, _ADVANCE), (play, _PLAY)]
    with alone(), warnings.catch_warnings():
        warnings.simplefilter("ignore", NumbaExperimentalFeatureWarning)
        if not all(is_kept(function) for function, _ in parts):
            log.info("compiling the loop: about half a minute, once on a machine")
        for function, signature in parts:
            if not function.overloads:
                function.compile(signature)
    advance.disable_compile()
    play.disable_compile()
