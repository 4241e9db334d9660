"""activity.npz: what went on inside trained agents during greedy episodes."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.arrays import read_arrays, write_arrays

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1

_VARIABLE = "variable_"
_REQUIRED = (
    "seeds",
    "lengths",
    "h",
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

    seeds (seed,); lengths (seed, episode); h (seed, episode, time, hidden); M (seed, episode',
    time, hidden, input) of the first episodes, or None where the core has no plasticity;
    observations (seed, episode', time, observation_dim), of all episodes but where they have more
    than 1,024 entries; actions, rewards, phases (seed, episode,
    time); q_values (seed, episode, time, action); correct (seed, episode); variables: name ->
    (seed, episode, time). Values belong to the moment after the core has seen the observation and
    before the action; the reward is the action's.
    """

    seeds: NDArray[np.int64]
    lengths: NDArray[np.int64]
    h: NDArray[np.float32]
    M: NDArray[np.float32] | None
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
    if activity.M is not None:
        arrays["M"] = activity.M
    arrays.update({_VARIABLE + name: array for name, array in activity.variables.items()})
    write_arrays(path, arrays)


def read_activity(path: Path) -> Activity:
    """Read activity.npz; ArtifactError if it is missing or damaged."""
    arrays = read_arrays(path, _REQUIRED)
    fields = {name: arrays[name] for name in _REQUIRED if name != "phase_names"}
    variables = {
        name.removeprefix(_VARIABLE): array
        for name, array in arrays.items()
        if name.startswith(_VARIABLE)
    }
    return Activity(
        **fields,
        M=arrays.get("M"),
        phase_names=tuple(str(name) for name in arrays["phase_names"]),
        variables=variables,
    )
