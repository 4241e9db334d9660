"""activity.npz: what went on inside trained agents during greedy episodes."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.arrays import read_arrays, write_arrays
from mpn_rl.artifacts.errors import ArtifactError

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 2

_VARIABLE = "variable_"
_REQUIRED = (
    "seeds",
    "lengths",
    "h",
    "x",
    "observations",
    "actions",
    "rewards",
    "phases",
    "q_values",
    "correct",
    "phase_names",
)


@dataclass(frozen=True)
class Activity:
    """Recorded episodes of every seed, padded to the longest (nan for floats, -1 for integers).

    seeds (seed,); lengths (seed, episode); h (seed, episode, time, hidden), what the core put out;
    x (seed, episode', time, input), what it was given; observations (seed, episode', time,
    observation_dim); both of all episodes but where they have more than 1,024 entries; actions,
    rewards, phases (seed, episode, time); q_values (seed, episode, time, action); correct (seed,
    episode); variables: name -> (seed, episode, time). Values belong to the moment after the core
    has seen the observation and before the action; the reward is the action's. The modulations M
    follow from x and the core's weights: `playing.memory.Memory`.
    """

    seeds: NDArray[np.int64]
    lengths: NDArray[np.int64]
    h: NDArray[np.float32]
    x: NDArray[np.float32]
    observations: NDArray[np.float32]
    actions: NDArray[np.int64]
    rewards: NDArray[np.float32]
    phases: NDArray[np.int64]
    q_values: NDArray[np.float32]
    correct: NDArray[np.float64]
    phase_names: tuple[str, ...]
    variables: dict[str, NDArray[np.float64]] = field(default_factory=dict)


def write_activity(path: Path, activity: Activity) -> None:
    """Write activity.npz."""
    arrays = {name: getattr(activity, name) for name in _REQUIRED if name != "phase_names"}
    arrays["phase_names"] = np.array(activity.phase_names, dtype=np.str_)
    arrays.update({_VARIABLE + name: array for name, array in activity.variables.items()})
    write_arrays(path, arrays)


def read_activity(path: Path) -> Activity:
    """Read activity.npz; ArtifactError if it is missing, damaged or of the first form."""
    arrays = read_arrays(path, tuple(name for name in _REQUIRED if name != "x"))
    if "x" not in arrays:
        raise ArtifactError(f"{path}: was recorded by an earlier version; record it again")
    fields = {name: arrays[name] for name in _REQUIRED if name != "phase_names"}
    variables = {
        name.removeprefix(_VARIABLE): array
        for name, array in arrays.items()
        if name.startswith(_VARIABLE)
    }
    return Activity(
        **fields,
        phase_names=tuple(str(name) for name in arrays["phase_names"]),
        variables=variables,
    )
