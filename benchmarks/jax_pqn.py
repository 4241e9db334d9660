"""Recurrent PQN as one jitted program, run by the peers' Python: jax, flax, optax.

The algorithm, network and sizes are those of `pqn.HYPERPARAMETERS`: encoder, memory core, read-out,
layer norm; targets by lambda-returns from the network's own values; the Huber loss, clipping, Adam.
An end by the time limit counts as one by falling.
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

from benchmarks.jax_tasks import TASKS, Array, Task

ENVS, LENGTH, EPOCHS = 16, 64, 4
ENCODER, HIDDEN = 32, 64
GAMMA, RATE, CLIP = 0.99, 1e-3, 10.0
ROLLOUTS = 24  # in a measurement


class Settings(NamedTuple):
    """What differs between trainings; with `steps` the rate falls to 0 over so many.

    Then exploration falls from 1 to `epsilon` over the first fifth of them. Rewards are multiplied
    by `scale`.
    """

    minibatches: int = 4
    mixing: float = 0.9
    epsilon: float = 0.05
    scale: float = 1.0
    steps: int | None = None

    def exploration(self, played: Array) -> Array:
        """Epsilon after so many steps of all environments."""
        if self.steps is None:
            return self.epsilon
        way = jnp.minimum(1.0, played * ENVS / (self.steps / 5))
        return 1.0 + way * (self.epsilon - 1.0)

    def rate(self) -> Any:
        """The learning rate, as optax wants it."""
        if self.steps is None:
            return RATE
        updates = self.steps // (ENVS * LENGTH) * EPOCHS * self.minibatches
        return optax.linear_schedule(RATE, 0.0, updates)


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
    actions: int = 2

    @nn.compact
    def __call__(self, state: Any, observation: Array, start: Array) -> tuple[Any, Array]:
        x = jnp.tanh(nn.LayerNorm()(nn.Dense(ENCODER)(observation)))
        step = nn.remat(Step) if self.core == "mpn" else Step  # M of every step is much to keep
        over = nn.scan(step, variable_broadcast="params", split_rngs={"params": False})
        state, h = over(self.core)(state, (x, start))
        return state, nn.Dense(self.actions, kernel_init=init.orthogonal(0.1))(nn.LayerNorm()(h))


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
    world: Any
    start: Array
    played: Array
    key: Array


def act(network: Network, task: Task, settings: Settings, run: Run) -> tuple[Run, Rows]:
    """One step of every environment."""
    key, explore, drawn, begun = jax.random.split(run.key, 4)
    seen = task.show(run.world)
    state, q = network.apply(run.parameters, run.state, seen[None], run.start[None])
    any_action = jax.random.randint(drawn, (ENVS,), 0, task.actions)
    explored = jax.random.uniform(explore, (ENVS,)) < settings.exploration(run.played)
    action = jnp.where(explored, any_action, q[0].argmax(-1))
    after, reward, ended = task.step(run.world, action)
    rows = Rows(seen, run.start, action, settings.scale * reward, ended)
    world = chosen(ended, task.begin(begun, ENVS), after)
    now = {"state": state, "world": world, "start": ended, "played": run.played + 1, "key": key}
    return run._replace(**now), rows


def chosen(where: Array, one: Any, other: Any) -> Any:
    """Of two trees the arrays of the first where true, (env,), else of the second."""
    return jax.tree.map(
        lambda a, b: jnp.where(where[(...,) + (None,) * (a.ndim - 1)], a, b), one, other
    )


def targets(rows: Rows, values: Array, mixing: float) -> Array:
    """Lambda-returns (time, env) from the values (time + 1, env) of what was seen."""

    def back(later: Array, given: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        reward, ended, value = given
        mixed = mixing * later + (1 - mixing) * value
        target = reward + GAMMA * jnp.where(ended, 0.0, mixed)
        return target, target

    given = (rows.reward, rows.ended, values[1:])
    return jax.lax.scan(back, values[-1], given, reverse=True)[1]


def make_rollout(
    core: str, task: Task, settings: Settings
) -> tuple[Callable[[int], Run], Callable[[Run], tuple[Run, Array]]]:
    """What begins a `Run` of a seed, and what takes it over a rollout, with the mean loss."""
    network = Network(core, task.actions)
    optimiser = optax.chain(optax.clip_by_global_norm(CLIP), optax.adam(settings.rate()))

    def begin(seed: int) -> Run:
        weights, first, key = jax.random.split(jax.random.key(seed), 3)
        state, world, start = first_state(core, ENVS), task.begin(first, ENVS), jnp.ones(ENVS, bool)
        parameters = network.init(weights, state, task.show(world)[None], start[None])
        moments, played = optimiser.init(parameters), jnp.zeros((), jnp.int32)
        return Run(parameters, moments, state, world, start, played, key)

    def loss(parameters: Any, state: Any, rows: Rows, target: Array) -> Array:
        _, q = network.apply(parameters, state, rows.observation, rows.start)
        taken = jnp.take_along_axis(q, rows.action[..., None], -1)[..., 0]
        return optax.huber_loss(taken, target).mean()

    def update(learned: Any, part: Any) -> tuple[Any, Array]:
        parameters, moments = learned
        value, gradient = jax.value_and_grad(loss)(parameters, *part)
        change, moments = optimiser.update(gradient, moments)
        return (optax.apply_updates(parameters, change), moments), value

    def epoch(learned: Any, key: Array, given: Any) -> tuple[Any, Array]:
        order = jax.random.permutation(key, ENVS).reshape(settings.minibatches, -1)
        state, rows, target = given
        states = jax.tree.map(lambda s: s[order], state)
        parts = jax.tree.map(lambda r: jnp.moveaxis(r[:, order], 1, 0), (rows, target))
        return jax.lax.scan(update, learned, (states, *parts))

    def rollout(run: Run) -> tuple[Run, Array]:
        state = run.state
        run, rows = jax.lax.scan(lambda r, _: act(network, task, settings, r), run, None, LENGTH)
        seen = jnp.concatenate([rows.observation, task.show(run.world)[None]])
        starts = jnp.concatenate([rows.start, run.start[None]])
        values = network.apply(run.parameters, state, seen, starts)[1].max(-1)
        given = (state, rows, targets(rows, values, settings.mixing))
        keys = jax.random.split(run.key, EPOCHS + 1)
        learned = (run.parameters, run.optimiser)
        learned, losses = jax.lax.scan(lambda d, k: epoch(d, k, given), learned, keys[1:])
        parameters, moments = learned
        return run._replace(parameters=parameters, optimiser=moments, key=keys[0]), losses.mean()

    return begin, rollout


def prepare(core: str) -> Callable[[], dict[str, float]]:
    """What measures `ROLLOUTS` rollouts of a training that goes on from call to call."""
    begin_run, rollout = make_rollout(core, TASKS["CartPole-v1"], Settings())

    @functools.partial(jax.jit, donate_argnums=0)
    def many(run: Run) -> tuple[Run, tuple[Array, Array]]:
        def one(run: Run, _: None) -> tuple[Run, tuple[Array, Array]]:
            run, loss = rollout(run)
            return run, (loss, run.world[1].mean())

        return jax.lax.scan(one, run, None, ROLLOUTS)

    run, _ = jax.block_until_ready(many(begin_run(0)))

    def measure() -> dict[str, float]:
        nonlocal run
        begin = time.process_time()
        run, (losses, lengths) = jax.block_until_ready(many(run))
        seconds = time.process_time() - begin
        rate = ROLLOUTS * ENVS * LENGTH / seconds
        return {"rate": rate, "loss": float(losses.mean()), "length": float(lengths.mean())}

    return measure
