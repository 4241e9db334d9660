"""Tasks in jax, which environments play in lockstep: what `jax_pqn` trains on."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

Array = Any  # of jax, which is not there where types are checked
LIMIT = 500
SUITS, CARDS, BACK = 4, 52, 3
NOISE, DELAY = 0.1, 6


class Task(NamedTuple):
    """A task: `begin` (key, envs) → world, `step` (world, action) → world, reward, ended.

    A world's arrays have the environments first; `show` gives what they see, (env, entry).
    """

    begin: Callable[[Array, int], Any]
    step: Callable[[Any, Array], tuple[Any, Array, Array]]
    show: Callable[[Any], Array]
    actions: int


def moved(position: Array, action: Array) -> Array:
    """The next position (env, 4) of Gymnasium's CartPole."""
    x, speed, angle, turning = position.T
    force = jnp.where(action == 1, 10.0, -10.0)
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    push = (force + 0.05 * turning**2 * sine) / 1.1
    bend = (9.8 * sine - cosine * push) / (0.5 * (4.0 / 3.0 - 0.1 * cosine**2 / 1.1))
    pull = push - 0.05 * bend * cosine / 1.1
    after = (x + 0.02 * speed, speed + 0.02 * pull, angle + 0.02 * turning, turning + 0.02 * bend)
    return jnp.stack(after, -1)


def _cartpole(*shown: int) -> Task:
    """CartPole of which these entries are seen; the time limit counts as an end."""

    def begin(key: Array, envs: int) -> Any:
        first = jax.random.uniform(key, (envs, 4), minval=-0.05, maxval=0.05)
        return first, jnp.zeros(envs, jnp.int32)

    def step(world: Any, action: Array) -> tuple[Any, Array, Array]:
        position, length = moved(world[0], action), world[1] + 1
        fallen = (jnp.abs(position[:, 0]) > 2.4) | (jnp.abs(position[:, 2]) > 0.20943951)
        return (position, length), jnp.ones(len(length)), fallen | (length >= LIMIT)

    return Task(begin, step, lambda world: world[0][:, jnp.array(shown)], 2)


def _trials(draw: Callable[[Array, int], tuple[Array, Array]], judged: int, actions: int) -> Task:
    """Trials that are drawn whole: what is seen (env, time, entry), answers (env, time) or -1."""

    def begin(key: Array, envs: int) -> Any:
        return (*draw(key, envs), jnp.zeros(envs, jnp.int32))

    def step(world: Any, action: Array) -> tuple[Any, Array, Array]:
        seen, answers, time = world
        answer = jnp.take_along_axis(answers, time[:, None], 1)[:, 0]
        reward = jnp.where(answer < 0, 0.0, jnp.where(action == answer, 1.0, -1.0) / judged)
        return (seen, answers, time + 1), reward, time + 1 >= answers.shape[1]

    def show(world: Any) -> Array:
        seen, _, time = world
        time = jnp.minimum(time, seen.shape[1] - 1)
        return jnp.take_along_axis(seen, time[:, None, None], 1)[:, 0]

    return Task(begin, step, show, actions)


def _match(key: Array, envs: int) -> tuple[Array, Array]:
    """The project's DelayedMatch: sample, delay, test, decision."""
    kinds, noise = jax.random.split(key)
    sample, test = jax.random.randint(kinds, (2, envs), 0, 2)
    steps = DELAY + 3
    seen = NOISE * jax.random.normal(noise, (envs, steps, 2))
    seen = seen.at[:, 0].add(jax.nn.one_hot(sample, 2))
    seen = seen.at[:, -2:].add(jax.nn.one_hot(test, 2)[:, None])
    go = jnp.broadcast_to((jnp.arange(steps) == steps - 1)[:, None], (envs, steps, 1))
    answers = jnp.full((envs, steps), -1).at[:, -1].set(sample == test)
    return jnp.concatenate([seen, 1.0 - go, go * 1.0], -1), answers


def _cards(key: Array, envs: int) -> tuple[Array, Array]:
    """POPGym's RepeatPreviousEasy: a deck without putting back, the suit of three cards before."""
    deck = jnp.broadcast_to(jnp.arange(CARDS) % SUITS, (envs, CARDS))
    suits = jax.random.permutation(key, deck, axis=1, independent=True)[:, : CARDS - 1]
    answers = jnp.full_like(suits, -1).at[:, BACK:].set(suits[:, :-BACK])
    return jax.nn.one_hot(suits, SUITS), answers


TASKS = {
    "CartPole-v1": _cartpole(0, 1, 2, 3),
    "PositionCartPole-v1": _cartpole(0, 2),
    "DelayedMatch-v0": _trials(_match, 1, 2),
    "popgym-RepeatPreviousEasy-v0": _trials(_cards, CARDS - 1 - BACK, SUITS),
}
