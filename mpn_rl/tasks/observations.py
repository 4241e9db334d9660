"""Observations of any Gymnasium space as flat arrays."""

from typing import Any

import numpy as np
from gymnasium import spaces

from mpn_rl.errors import UserError
from mpn_rl.tasks.base import Floats


def flat_observation_space(env_id: str, space: spaces.Space[Any]) -> spaces.Box:
    """Box (D,) float32 that holds what `flatten_observation` makes of `space`.

    Raises UserError for a space whose elements have no fixed size, or are text.
    """
    if not _is_numeric(space):
        raise UserError(
            f"task {env_id!r} cannot be used: its observation space is {space}, but the encoder "
            "needs numbers (Box), symbols (Discrete, MultiDiscrete, MultiBinary), or a Tuple or "
            "Dict of these"
        )
    flat = space if isinstance(space, spaces.Box) else spaces.flatten_space(space)
    assert isinstance(flat, spaces.Box)
    low, high = (np.atleast_1d(bound.astype(np.float32)).ravel() for bound in (flat.low, flat.high))
    return spaces.Box(low, high)


def flatten_observation(space: spaces.Space[Any], observation: Any) -> Floats:
    """Observation of a space that `flat_observation_space` takes -> (D,) float32."""
    if not isinstance(space, spaces.Box):
        observation = spaces.flatten(space, observation)
    return np.asarray(observation, np.float32).ravel()


def _is_numeric(space: spaces.Space[Any]) -> bool:
    if isinstance(space, spaces.Tuple):
        return all(_is_numeric(part) for part in space.spaces)
    if isinstance(space, spaces.Dict):
        return all(_is_numeric(part) for part in space.spaces.values())
    known = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
    return isinstance(space, known)
