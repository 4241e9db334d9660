"""A look at what a task shows, before anything is learned: random actions in a world of its own."""

import atexit
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import gymnasium
import numpy as np

from mpn_rl.errors import NotFiniteError
from mpn_rl.tasks.kinds import Seen, in_doubt
from mpn_rl.tasks.making import discrete_actions, make_environment
from mpn_rl.tasks.observations import leaves_of


@cache
def seen_in(
    env_id: str,
    entry_point: Any,
    max_episode_steps: int | None,
    env_wrappers: str | None,
    steps: int,
    until: float,
) -> tuple[Seen, ...]:
    """What an environment shows of each usable part in so many steps, the same ones every time.

    Looking ends once each part that is in doubt has shown a value of at least `until`. A process
    looks once; `entry_point` tells apart what was registered under one id.
    """
    del entry_point
    env = make_environment(env_id, max_episode_steps=max_episode_steps, env_wrappers=env_wrappers)
    leaves = [leaf for leaf in leaves_of(env.observation_space) if not leaf.text]
    seen = [Seen() for _ in leaves]
    doubts = [one for leaf, one in zip(leaves, seen, strict=True) if in_doubt(leaf.space)]
    # Closed at the end: with one of memory-gym, all in the process lose their pictures.
    atexit.register(env.close)
    # what is not finite fails the seed that meets it, not the look
    with suppress(NotFiniteError):
        for observation in _observations(env_id, env, steps):
            for leaf, one in zip(leaves, seen, strict=True):
                one.add(leaf.of(observation))
            if all(one.largest >= until for one in doubts):
                break
    return tuple(seen)


def _observations(env_id: str, env: gymnasium.Env, steps: int) -> Iterator[Any]:
    """The first observation, and one per step; episodes have the seeds 0, 1, 2, …"""
    actions = discrete_actions(env_id, env.action_space)
    generator = np.random.default_rng(0)
    observation, _ = env.reset(seed=0)
    yield observation
    episode = 0
    for _ in range(steps):
        action = actions.dtype.type(actions.start + generator.integers(actions.n))
        observation, _, terminated, truncated, _ = env.step(action)
        yield observation
        if terminated or truncated:
            episode += 1
            observation, _ = env.reset(seed=episode)
            yield observation
