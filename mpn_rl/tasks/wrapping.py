"""What is put around an environment: the wrappers that a user names, and a limit of its steps."""

from collections.abc import Iterator
from pkgutil import resolve_name

import gymnasium
from gymnasium.wrappers import TimeLimit

from mpn_rl.errors import TaskError, UserError
from mpn_rl.parameters.wrappers import WrapperCall, read_wrappers
from mpn_rl.tasks.breakage import told

# Where nothing names a limit of steps, episodes are cut here, lest one never ends.
EPISODE_BOUND = 10_000


class EpisodeBound(TimeLimit):
    """Cuts the episodes of an environment for which nothing names a limit of steps."""


def wrapped(
    env: gymnasium.Env, env_id: str, env_wrappers: str, max_episode_steps: int | None
) -> gymnasium.Env:
    """An environment in the wrappers that are named, and around them the limit, if one is given.

    Raises UserError for a wrapper that there is not, TaskError for one that cannot be applied.
    """
    for call in read_wrappers(env_wrappers):
        env = _wrap(env, env_id, call)
    return env if max_episode_steps is None else TimeLimit(env, max_episode_steps)


def bounded(env: gymnasium.Env) -> gymnasium.Env:
    """An environment whose episodes are limited: by `EPISODE_BOUND` where nothing else does it."""
    limited = any(isinstance(one, TimeLimit) for one in layers(env))
    return env if limited else EpisodeBound(env, EPISODE_BOUND)


def layers(env: gymnasium.Env) -> Iterator[gymnasium.Env]:
    """An environment's wrappers, from the outermost inwards."""
    while isinstance(env, gymnasium.Wrapper):
        yield env
        env = env.env


def episode_bound(env: gymnasium.Env) -> int | None:
    """Where episodes are cut because nothing names a limit; None where something does."""
    return EPISODE_BOUND if any(isinstance(one, EpisodeBound) for one in layers(env)) else None


def _wrap(env: gymnasium.Env, env_id: str, call: WrapperCall) -> gymnasium.Env:
    try:
        wrapper = resolve_name(call.name)
    except (ImportError, AttributeError) as error:
        raise UserError(
            f"task {env_id!r}: its wrapper {call.name!r} cannot be found: {error}"
        ) from error
    try:
        found = wrapper(env, **call.keywords)
    except Exception as error:
        raise TaskError(
            f"task {env_id!r}: its wrapper {call.name!r} cannot be applied: {told(error)}"
        ) from error
    if not isinstance(found, gymnasium.Env):
        raise UserError(f"task {env_id!r}: {call.name!r} is not a wrapper of environments")
    return found
