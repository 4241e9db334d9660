"""The jitted PQN until its validation passes a threshold: compiling and validating left out."""

import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
import numpy as np

from benchmarks.jax_pqn import ENVS, LENGTH, Network, Run, Settings, first_state, make_rollout
from benchmarks.jax_tasks import TASKS
from benchmarks.reached import PERIOD, validated
from benchmarks.reached import Run as Reached

# Ours, but that rewards are scaled by a number.
RECIPE = Settings(minibatches=16, mixing=0.8, epsilon=0.3, steps=100_000)
SETTINGS = dict.fromkeys(TASKS, RECIPE) | {
    "PositionCartPole-v1": RECIPE._replace(scale=0.1, steps=300_000)
}
ROLLOUTS = PERIOD // (ENVS * LENGTH) + 1


@cache
def compiled(core: str, task: str) -> tuple[Callable[[int], Run], Callable[[Run], Run]]:
    """What begins a run of a seed, and what takes it from validation to validation."""
    begin, rollout = make_rollout(core, TASKS[task], SETTINGS[task])

    @partial(jax.jit, donate_argnums=0)
    def many(run: Run) -> Run:
        return jax.lax.scan(lambda run, _: rollout(run), run, None, ROLLOUTS)[0]

    jax.block_until_ready(many(begin(0)))
    return begin, many


class _Greedy:
    """The agent that takes the best action; see `mpn_rl.playing.rollout.Agent`."""

    parameters: Any

    def __init__(self, core: str, task: str) -> None:
        self.core = core
        self.network = jax.jit(Network(core, TASKS[task].actions).apply)

    def __call__(self, time: int, observation: Any) -> Any:
        envs = len(observation)
        if time == 0:
            self.state = first_state(self.core, envs)
        start = np.full((1, envs), time == 0)
        self.state, q = self.network(self.parameters, self.state, observation[None], start)
        return np.asarray(q[0].argmax(-1))


@cache
def _greedy(core: str, task: str) -> _Greedy:
    return _Greedy(core, task)


def reach(task: str, core: str, seed: int, seconds: float) -> Reached:
    """Train until the threshold is passed, the steps are used up or the seconds are over."""
    begin, many = compiled(core, task)
    run, reached, agent = begin(seed), Reached(), _greedy(core, task)
    steps = SETTINGS[task].steps or 0
    while not reached.reached and reached.steps < steps and reached.seconds < seconds:
        began = time.process_time()
        run = jax.block_until_ready(many(run))
        reached.seconds += time.process_time() - began
        agent.parameters = run.parameters
        score = validated(task, agent)
        reached.enter(task, reached.steps + ROLLOUTS * ENVS * LENGTH, score)
    return reached
