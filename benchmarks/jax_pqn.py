"""Recurrent PQN on CartPole as one jitted program, run by the peers' Python: jax, flax, optax.

The algorithm, network and sizes are those of `pqn.HYPERPARAMETERS`: encoder, memory core, read-out,
layer norm; targets by lambda-returns from the network's own values; the Huber loss, clipping, Adam.
An end by the time limit counts as one by falling, as there.
"""

import functools
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax.linen import initializers as init

ENVS, LENGTH, EPOCHS, MINIBATCHES = 16, 64, 4, 4
ENCODER, HIDDEN, ACTIONS = 32, 64, 2
GAMMA, MIXING, RATE, CLIP, EPSILON, LIMIT = 0.99, 0.9, 1e-3, 10.0, 0.05, 500
ROLLOUTS = 24  # in a measurement
Array = Any  # of jax, which is not there where types are checked


class MPNCell(nn.Module):
    """h = tanh(b + (W ∘ (M + 1)) x), M = λ M + η h xᵀ; M (batch, hidden, input)."""

    @nn.compact
    def __call__(self, M: Array, x: Array) -> tuple[Array, Array]:
        shape = (HIDDEN, x.shape[-1])
        W = self.param("W", init.xavier_uniform(), shape)
        b = self.param("b", init.zeros, (HIDDEN,))
        eta = self.param("eta", init.constant(0.1), ())
        decay = 0.99 * nn.sigmoid(self.param("decay", init.constant(3.16), ()))
        h = jnp.tanh(x @ W.T + b + jnp.einsum("bhi,bi->bh", M * W, x))
        return decay * M + eta * h[:, :, None] * x[:, None, :], h


def _cell(core: str) -> nn.Module:
    cells = {"rnn": nn.SimpleCell, "gru": nn.GRUCell, "lstm": nn.OptimizedLSTMCell}
    return MPNCell() if core == "mpn" else cells[core](HIDDEN)


def first_state(core: str, batch: int) -> Any:
    """The core's state at an episode's start."""
    if core == "mpn":
        return jnp.zeros((batch, HIDDEN, ENCODER))
    parts = [jnp.zeros((batch, HIDDEN)) for _ in ("c", "h")]
    return tuple(parts) if core == "lstm" else parts[1]


def zeroed(state: Any, start: Array) -> Any:
    """The state, zeroed where an episode starts."""
    return jax.tree.map(lambda s: jnp.where(start[(...,) + (None,) * (s.ndim - 1)], 0.0, s), state)


class Step(nn.Module):
    """One step of the core, from zero where an episode starts."""

    core: str

    @nn.compact
    def __call__(self, state: Any, given: tuple[Array, Array]) -> tuple[Any, Array]:
        x, start = given
        state, h = _cell(self.core)(zeroed(state, start), x)
        return state, h


class Network(nn.Module):
    """Observations (time, batch, entry), starts (time, batch) → state, q (time, batch, action)."""

    core: str

    @nn.compact
    def __call__(self, state: Any, observation: Array, start: Array) -> tuple[Any, Array]:
        x = jnp.tanh(nn.LayerNorm()(nn.Dense(ENCODER)(observation)))
        step = nn.remat(Step) if self.core == "mpn" else Step  # M of every step is much to keep
        over = nn.scan(step, variable_broadcast="params", split_rngs={"params": False})
        state, h = over(self.core)(state, (x, start))
        return state, nn.Dense(ACTIONS, kernel_init=init.orthogonal(0.1))(nn.LayerNorm()(h))


class Rows(NamedTuple):
    """What a step leaves, (time, env, …)."""

    observation: Array
    start: Array
    action: Array
    reward: Array
    ended: Array


class Run(NamedTuple):
    """A training between two rollouts."""

    parameters: Any
    optimiser: Any
    state: Any
    position: Array
    start: Array
    length: Array
    key: Array


def cartpole(position: Array, action: Array) -> Array:
    """The next position (env, 4) of Gymnasium's CartPole."""
    x, speed, angle, turning = position.T
    force = jnp.where(action == 1, 10.0, -10.0)
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    push = (force + 0.05 * turning**2 * sine) / 1.1
    bend = (9.8 * sine - cosine * push) / (0.5 * (4.0 / 3.0 - 0.1 * cosine**2 / 1.1))
    pull = push - 0.05 * bend * cosine / 1.1
    moved = (x + 0.02 * speed, speed + 0.02 * pull, angle + 0.02 * turning, turning + 0.02 * bend)
    return jnp.stack(moved, -1)


def act(network: Network, run: Run) -> tuple[Run, Rows]:
    """One step of every environment."""
    key, explore, drawn, begun = jax.random.split(run.key, 4)
    state, q = network.apply(run.parameters, run.state, run.position[None], run.start[None])
    any_action = jax.random.randint(drawn, (ENVS,), 0, ACTIONS)
    explored = jax.random.uniform(explore, (ENVS,)) < EPSILON
    action = jnp.where(explored, any_action, q[0].argmax(-1))
    after, length = cartpole(run.position, action), run.length + 1
    fallen = (jnp.abs(after[:, 0]) > 2.4) | (jnp.abs(after[:, 2]) > 0.20943951)
    ended = fallen | (length >= LIMIT)
    first = jax.random.uniform(begun, (ENVS, 4), minval=-0.05, maxval=0.05)
    rows = Rows(run.position, run.start, action, jnp.ones(ENVS), ended)
    position = jnp.where(ended[:, None], first, after)
    length = jnp.where(ended, 0, length)
    return run._replace(state=state, position=position, start=ended, length=length, key=key), rows


def targets(rows: Rows, values: Array) -> Array:
    """Lambda-returns (time, env) from the values (time + 1, env) of what was seen."""

    def back(later: Array, given: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        reward, ended, value = given
        mixed = MIXING * later + (1 - MIXING) * value
        target = reward + GAMMA * jnp.where(ended, 0.0, mixed)
        return target, target

    given = (rows.reward, rows.ended, values[1:])
    return jax.lax.scan(back, values[-1], given, reverse=True)[1]


def make_rollout(core: str) -> tuple[Run, Callable[[Run], tuple[Run, Array]]]:
    """A first `Run`, and what takes it over a rollout and its updates, with the mean loss."""
    network = Network(core)
    optimiser = optax.chain(optax.clip_by_global_norm(CLIP), optax.adam(RATE))
    first = first_state(core, ENVS)
    position, start = jnp.zeros((ENVS, 4)), jnp.ones(ENVS, bool)
    parameters = network.init(jax.random.key(0), first, position[None], start[None])
    length, key = jnp.zeros(ENVS, jnp.int32), jax.random.key(1)
    run = Run(parameters, optimiser.init(parameters), first, position, start, length, key)

    def loss(parameters: Any, state: Any, rows: Rows, target: Array) -> Array:
        _, q = network.apply(parameters, state, rows.observation, rows.start)
        chosen = jnp.take_along_axis(q, rows.action[..., None], -1)[..., 0]
        return optax.huber_loss(chosen, target).mean()

    def update(learned: Any, part: Any) -> tuple[Any, Array]:
        parameters, moments = learned
        value, gradient = jax.value_and_grad(loss)(parameters, *part)
        change, moments = optimiser.update(gradient, moments)
        return (optax.apply_updates(parameters, change), moments), value

    def epoch(learned: Any, key: Array, given: Any) -> tuple[Any, Array]:
        order = jax.random.permutation(key, ENVS).reshape(MINIBATCHES, -1)
        state, rows, target = given
        states = jax.tree.map(lambda s: s[order], state)
        parts = jax.tree.map(lambda r: jnp.moveaxis(r[:, order], 1, 0), (rows, target))
        return jax.lax.scan(update, learned, (states, *parts))

    def rollout(run: Run) -> tuple[Run, Array]:
        state = run.state
        run, rows = jax.lax.scan(lambda r, _: act(network, r), run, None, LENGTH)
        seen = jnp.concatenate([rows.observation, run.position[None]])
        starts = jnp.concatenate([rows.start, run.start[None]])
        values = network.apply(run.parameters, state, seen, starts)[1].max(-1)
        given = (state, rows, targets(rows, values))
        keys = jax.random.split(run.key, EPOCHS + 1)
        learned = (run.parameters, run.optimiser)
        learned, losses = jax.lax.scan(lambda d, k: epoch(d, k, given), learned, keys[1:])
        parameters, moments = learned
        return run._replace(parameters=parameters, optimiser=moments, key=keys[0]), losses.mean()

    return run, rollout


def prepare(core: str) -> Callable[[], dict[str, float]]:
    """What measures `ROLLOUTS` rollouts of a training that goes on from call to call."""
    run, rollout = make_rollout(core)

    @functools.partial(jax.jit, donate_argnums=0)
    def many(run: Run) -> tuple[Run, tuple[Array, Array]]:
        def one(run: Run, _: None) -> tuple[Run, tuple[Array, Array]]:
            run, loss = rollout(run)
            return run, (loss, run.length.mean())

        return jax.lax.scan(one, run, None, ROLLOUTS)

    run, _ = jax.block_until_ready(many(run))

    def measure() -> dict[str, float]:
        nonlocal run
        begin = time.process_time()
        run, (losses, lengths) = jax.block_until_ready(many(run))
        seconds = time.process_time() - begin
        rate = ROLLOUTS * ENVS * LENGTH / seconds
        return {"rate": rate, "loss": float(losses.mean()), "length": float(lengths.mean())}

    return measure
