"""What the trainings of a sweep will ask of a machine, before any begins."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.stages.demands import replay_bytes, untrained, update_bytes
from mpn_rl.sweep.stages.memory import PROCESS_BYTES
from mpn_rl.tasks.build import filled_in


@dataclass(frozen=True)
class Need:
    """Bytes of memory of one training, and of the state on the disk while it is saved."""

    run: str
    memory: int
    state: int


def largest_need(runs: Mapping[str, Hyperparameters], most: int = 100) -> Need:
    """The need of the training that takes the most memory.

    Runs that differ in fractions alone, such as rates, need the same; of more than `most` kinds
    those with the largest networks and the longest replays are looked at.
    """
    kinds = {_kind(point): (run, point) for run, point in runs.items()}
    candidates = sorted(kinds.values(), key=lambda kind: _extent(kind[1]), reverse=True)
    return max((_need(*kind) for kind in candidates[:most]), key=lambda need: need.memory)


def _kind(point: Hyperparameters) -> tuple[tuple[str, object], ...]:
    return tuple((name, repr(v)) for name, v in point if not isinstance(v, float))


def _extent(point: Hyperparameters) -> int:
    sizes = (point.hidden_dim, point.encoder_dim, point.buffer_size, point.num_envs)
    return int(np.prod([size or 1 for size in sizes], dtype=float))


def _need(run: str, point: Hyperparameters) -> Need:
    hp = filled_in(point)
    learner, task = untrained(hp)
    replay = replay_bytes(learner, hp)
    task.close()
    return Need(run, PROCESS_BYTES + replay + update_bytes(learner, hp), 2 * replay)
