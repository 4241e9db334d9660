"""PQN from step to step without a return to Python: act, store, learn; and greedy episodes.

Network, updates and task are called by address, so that this loop is compiled once, whichever they
are. What it does is what `training.SeedTraining`, `pqn.PQN` and `targets` do, which tests hold it
against.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from mpn_rl.compiled.acting import Exploring
from mpn_rl.compiled.compiling import ONCE, compiled
from mpn_rl.compiled.learning import FINE, NETWORK
from mpn_rl.compiled.parts import fill
from mpn_rl.compiled.rewards import count, scale
from mpn_rl.compiled.tasks import append_previous

# where the loop stands: places in an array of whole numbers
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


class Functions(NamedTuple):
    """`acting.unroll`, `acting.think`, `learning.learn` and the task's, by address."""

    unroll: Any
    think: Any
    learn: Any
    task: Any


class Running(NamedTuple):
    """The running episodes of each environment, and how many rows it has.

    seen (env, entries), start (env,), return and length so far; action is room for a step's.
    discounted (env,) and spread are those of `rewards`.
    """

    seen: Any
    start: Any
    totals: Any
    lengths: Any
    action: Any
    rows: Any
    discounted: Any
    spread: Any


class States(NamedTuple):
    """(env, ·) now, one step before a rollout's end, and before its first row."""

    now: Any
    last: Any
    first: Any


class Drawn(NamedTuple):
    """What is random in a chunk: exploration (step, …), orders (rollout, epoch, env), and rates."""

    epsilon: Any
    chance: Any
    any_action: Any
    orders: Any
    rates: Any


@njit(**ONCE)
def _finite(state: Any) -> bool:
    """Whether all numbers are."""
    finite = True
    for n in range(state.shape[0]):
        for i in range(state.shape[1]):
            finite &= np.isfinite(state[n, i])
    return finite


@njit(**ONCE)
def _add(rows: Any, length: Any, n: int, seen: Any, told: Any) -> None:
    """Add a row to environment n's: what is seen, action, reward, ended, start, valid."""
    t = length[n]
    for i in range(rows.obs.shape[2]):
        rows.obs[t, n, i] = seen[n, i]
    rows.action[t, n], rows.reward[t, n], rows.ended[t, n] = told[0], told[1], told[2]
    rows.start[t, n], rows.valid[t, n] = told[3], told[4]
    length[n] += 1


@njit(**ONCE)
def _carry_over(rows: Any, length: Any) -> None:
    """Begin the next rollout with the last row of this one."""
    for n in range(length.size):
        t = length[n] - 1
        for i in range(rows.obs.shape[2]):
            rows.obs[0, n, i] = rows.obs[t, n, i]
        rows.action[0, n], rows.reward[0, n] = rows.action[t, n], rows.reward[t, n]
        rows.ended[0, n], rows.start[0, n] = rows.ended[t, n], rows.start[t, n]
        rows.valid[0, n] = rows.valid[t, n]
        length[n] = 1


@njit(**ONCE)
def _show(task: Any, playing: Any, n: int, seen: Any, action: int, reward: float) -> None:
    """Fill environment n's row of seen, after an action and its reward; -1: before any."""
    task.show(playing, n, seen)
    append_previous(playing, n, seen, action, reward)


@njit(**ONCE)
def store(
    rows: Any, running: Any, n: int, action: int, reward: float, ended: int, gamma: float
) -> None:
    """Store environment n's step from what is seen, which is still that from before the step."""
    told = action, np.float32(reward), ended, running.start[n], True
    _add(rows, running.rows, n, running.seen, told)
    running.totals[n] += np.float32(reward)
    running.lengths[n] += 1
    count(running.spread, running.discounted, n, float(np.float32(reward)), ended, gamma)
    running.start[n] = ended > 0


@njit(**ONCE)
def end_episode(rows: Any, running: Any, n: int, epsilon: float, c: Any, list_: Any) -> None:
    """Store the end that is seen, and list the episode: return, length, last step and epsilon."""
    _add(rows, running.rows, n, running.seen, (0, np.float32(0), 0, False, False))
    at = c[LISTED]
    list_[at, 0], list_[at, 1] = running.totals[n], running.lengths[n]
    list_[at, 2], list_[at, 3] = c[STEPS], epsilon
    c[LISTED] += 1
    c[ENDED] += 1
    running.totals[n], running.lengths[n] = 0.0, 0


@njit(**ONCE)
def learn_when_full(
    learn: Any,
    network: Any,
    learning: Any,
    rows: Any,
    states: Any,
    running: Any,
    drawn: Any,
    c: Any,
    report: Any,
) -> int:
    """The updates of a rollout that is full, and the next one's beginning; how it went."""
    if c[POSITION] < learning.recipe.rollout_length:
        return FINE
    if not _finite(states.now):
        return NETWORK
    order, rate = drawn.orders[c[ROLLOUTS]], drawn.rates[c[ROLLOUTS]]
    told_of, first = report[c[REPORTED] :], states.first
    factor = scale(running.spread, learning.recipe.reward_scale)
    went, done = learn(
        network, learning, rows, running.rows, first, order, rate, factor, c[UPDATES], told_of
    )
    c[REPORTED] += done
    c[UPDATES] += done
    if went == FINE:
        c[ROLLOUTS] += 1
        c[POSITION] = 0
        _carry_over(rows, running.rows)
        fill(states.first, states.last)
    return went


@compiled
def advance(
    functions: Any,
    network: Any,
    learning: Any,
    playing: Any,
    rows: Any,
    states: Any,
    running: Any,
    drawn: Any,
    c: Any,
    report: Any,
    episodes: Any,
) -> int:
    """Go on by `c[WANTED]` steps of every environment; returns how it went.

    It comes back earlier where the bank of starts runs out, or `c[MOST_EPISODES]` have ended. The
    counters c say where it is; report and episodes get what happened.
    """
    task, envs = functions.task, running.rows.size
    c[DONE] = 0
    while c[DONE] < c[WANTED]:
        if playing.bank.shape[0] - c[BEGUN] < envs or c[ENDED] >= c[MOST_EPISODES]:
            break
        now = c[DONE]
        epsilon = drawn.epsilon[now]
        if c[POSITION] == learning.recipe.rollout_length - 1:
            fill(states.last, states.now)
        exploring = Exploring(epsilon, drawn.chance[now], drawn.any_action[now])
        seen, start, action = running.seen, running.start, running.action
        functions.think(functions.unroll, network, exploring, seen, start, states.now, action)
        c[DONE] += 1
        c[STEPS] += envs
        for n in range(envs):
            reward, ended, _ = task.step(playing, n, action[n])
            store(rows, running, n, action[n], reward, ended, learning.recipe.gamma)
            _show(task, playing, n, seen, action[n], reward)
            if ended:
                end_episode(rows, running, n, epsilon, c, episodes)
                task.reset(playing, n, c[BEGUN])
                c[BEGUN] += 1
                _show(task, playing, n, seen, -1, 0.0)
                for i in range(states.now.shape[1]):
                    states.now[n, i] = 0
        c[POSITION] += 1
        learn = functions.learn
        went = learn_when_full(learn, network, learning, rows, states, running, drawn, c, report)
        if went != FINE:
            return went
    return FINE


class Greedy(NamedTuple):
    """The episodes that `play` plays beside each other: state, what is seen, which are over."""

    state: Any
    seen: Any
    over: Any
    start: Any
    action: Any


@compiled
def play(
    functions: Any,
    network: Any,
    playing: Any,
    greedy: Any,
    scores: Any,
    begun: int,
    anew: bool,
    most: int,
) -> int:
    """Greedy episodes beside each other, as `rollout.run_episodes`; returns how many still go on.

    The first one's number is `begun`, and it begins at the bank's start of this number. They are
    begun `anew` or go on, by `most` steps. scores (episode, 3) get return, length and correct.
    """
    unroll, think, _, task = functions
    state, seen, over, start, action = greedy
    envs = seen.shape[0]
    if anew:
        for n in range(envs):
            for i in range(state.shape[1]):
                state[n, i] = 0
        here = min(envs, scores.shape[0] - begun)
        for n in range(envs):
            over[n] = n >= here
            task.reset(playing, n, begun + n if n < here else begun)
            _show(task, playing, n, seen, -1, 0.0)
    going = 0
    for n in range(envs):
        going += not over[n]
    exploring = Exploring(0.0, np.zeros(1, np.float32), action)
    for _ in range(most):
        if going == 0:
            break
        think(unroll, network, exploring, seen, start, state, action)
        for n in range(envs):
            if over[n]:
                continue
            reward, ended, correct = task.step(playing, n, action[n])
            scores[begun + n, 0] += np.float32(reward)
            scores[begun + n, 1] += 1
            _show(task, playing, n, seen, action[n], reward)
            if ended:
                scores[begun + n, 2] = correct
                over[n], going = True, going - 1
    return going
