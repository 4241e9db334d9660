"""Replay of sequences from a ring of streams, one stream per environment.

A stream is the concatenation of an environment's episodes. An episode of T steps takes T + 1 rows:
its last observation has a row without a transition, for the bootstrap. Every observation is stored
once; a core's state is stored once per possible sequence start.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.streamed import Streamed
from mpn_rl.learning.priorities import SequencePriorities
from mpn_rl.learning.sequences import COLUMNS, SequenceBatch, Step
from mpn_rl.observations import ObservationForm

# What is counted of each stream.
_COUNTS = ("written", "episodes_ended", "episodes_lost")


@dataclass(frozen=True)
class ReplayShape:
    """How large a replay is: the last `rows` rows of each of `num_envs` streams, of such a `form`.

    With `sequence_length` None a sequence is one whole episode (padded to the longest of its
    batch); else it is `sequence_length` transitions from a row that is a multiple of `stride`, and
    may run across episode borders. `state_shape` asks for the core's state at each such row.
    With `prioritised`, sequences are drawn as `set_priorities` says, else uniformly.
    """

    num_envs: int
    rows: int
    form: ObservationForm
    sequence_length: int | None = None
    stride: int = 1
    state_shape: tuple[int, ...] | None = None
    prioritised: bool = False

    def __post_init__(self) -> None:
        """Round `rows` up to what holds a sequence, in whole strides."""
        rows = self.rows
        if self.sequence_length is not None:
            rows = max(rows, 2 * (self.sequence_length + 1))
            rows += -rows % self.stride
        object.__setattr__(self, "rows", max(rows, 2))

    @property
    def episodes(self) -> int:
        """How many episodes of a stream can be told apart."""
        return self.rows // 2 + 2

    def arrays(self) -> dict[str, tuple[tuple[int, ...], Any]]:
        """Shape and type of all that grows with the rows; each leads with (stream, ring)."""
        windows = self.rows // self.stride
        columns = {name: (self.rows, dtype) for name, dtype in COLUMNS.items()}
        inner: dict[str, tuple[Any, ...]] = {
            **columns,
            "observation": (self.rows, self.form.dim, self.form.dtype),
            "episode_row": (self.episodes, np.int64),
        }
        if self.state_shape is not None:
            inner["state"] = (windows, *self.state_shape, np.float32)
        if self.prioritised:
            slots = self.episodes if self.sequence_length is None else windows
            inner["priority"] = (slots, np.float64)
        return {name: ((self.num_envs, *shape), dtype) for name, (*shape, dtype) in inner.items()}

    @property
    def nbytes(self) -> int:
        """Memory that a full replay takes [bytes]."""
        arrays = self.arrays().values()
        return sum(math.prod(shape) * np.dtype(dtype).itemsize for shape, dtype in arrays)


class Drawn(NamedTuple):
    """Drawn sequences, all (batch,): `number` of `env`, `length` rows of it from row `first` on."""

    env: NDArray[np.int64]
    number: NDArray[np.int64]
    first: NDArray[np.int64]
    length: NDArray[np.int64]


class SequenceReplay:
    """A replay of that `shape`; memory is taken as it fills."""

    def __init__(self, shape: ReplayShape) -> None:
        self.shape, self.rows, self.num_envs = shape, shape.rows, shape.num_envs
        self.sequence_length, self.stride = shape.sequence_length, shape.stride
        # Zeros that the system gives a page at a time, when it is first written.
        self._rings = {
            name: np.zeros(size, dtype) for name, (size, dtype) in shape.arrays().items()
        }
        self.columns: dict[str, NDArray[Any]] = {name: self._rings[name] for name in COLUMNS}
        self.state = self._rings.get("state")
        # Each episode's first row, a ring per stream; the last one is still running.
        self.episode_row = self._rings["episode_row"]
        self.written = np.zeros(self.num_envs, np.int64)  # rows ever written, per stream
        self.episodes_ended = np.zeros(self.num_envs, np.int64)
        self.episodes_lost = np.zeros(self.num_envs, np.int64)
        self._envs = np.arange(self.num_envs)
        priority = self._rings.get("priority")
        self.priorities = None if priority is None else SequencePriorities(priority)

    def add(self, step: Step) -> None:
        """Append one step of every environment; its state is kept where states are stored."""
        envs, row = self._envs, self.written % self.rows
        for name, column in self.columns.items():
            column[envs, row] = True if name == "valid" else getattr(step, name)
        self._begin_windows(envs, None if self.state is None else step.state.cpu().numpy())
        self.written += 1
        ended = np.flatnonzero(step.terminated | step.truncated)
        if ended.size:
            self._end_episodes(ended, step.next_observation[ended])
        self._forget_overwritten()

    def num_candidates(self) -> int:
        """How many different sequences could be drawn now."""
        return int(self._candidates()[1].sum())

    def sample(self, batch_size: int, generator: np.random.Generator) -> SequenceBatch:
        """`draw` sequences, and give their rows."""
        return self._gather(*self.draw(batch_size, generator))

    def draw(self, batch_size: int, generator: np.random.Generator) -> Drawn:
        """Draw `batch_size` sequences, with replacement.

        Raises ValueError if there is nothing to draw (see `num_candidates`).
        """
        first, count = self._candidates()
        if not count.any():
            raise ValueError("the replay holds no complete sequence yet")
        if self.priorities is not None:
            env, number = self.priorities.draw(first, count, batch_size, generator)
        else:
            ends = np.cumsum(count)
            drawn = generator.integers(ends[-1], size=batch_size)
            env = np.searchsorted(ends, drawn, side="right")
            number = first[env] + drawn - np.where(env > 0, ends[env - 1], 0)
        if self.sequence_length is None:
            row, following = (self.episode_row[env, self._slot(number + n)] for n in (0, 1))
            return Drawn(env, number, row, following - row)
        length = np.full(batch_size, self.sequence_length + 1)
        return Drawn(env, number, number * self.stride, length)

    def since(self, first: NDArray[np.int64]) -> SequenceBatch:
        """Each environment's rows from row `first` (num_envs,) on; the last is for the bootstrap.

        Returns (time, num_envs), padded, without a state.
        """
        length = self.written - first
        batch = self._gather(self._envs, first, first, length)
        # To a target the end of the rows is what a truncation is: V of the next row, and no more.
        batch.valid[length - 1, self._envs] = False
        batch.truncated[np.maximum(length - 2, 0), self._envs] = True
        return batch

    def set_priorities(self, batch: SequenceBatch | Drawn, priority: NDArray[np.floating]) -> None:
        """Say how likely the sequences of a drawn batch are to be drawn again; (batch,)."""
        if self.priorities is not None:
            self.priorities.update(batch.env, batch.number, priority)

    def _candidates(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Number of each environment's first sequence that can be drawn, and how many can."""
        if self.sequence_length is None:
            return self.episodes_lost, self.episodes_ended - self.episodes_lost
        oldest = np.maximum(self.written - self.rows, 0)
        first = -(-oldest // self.stride)
        last = (self.written - self.sequence_length - 1) // self.stride
        return first, np.maximum(last - first + 1, 0)

    def _begin_windows(self, envs: NDArray[np.integer], state: NDArray[np.float32] | None) -> None:
        """Let the windows in that begin at the rows now written, with `state`; None for zeros."""
        if self.state is None and self.priorities is None:
            return
        beginning = envs[self.written[envs] % self.stride == 0]
        number = self.written[beginning] // self.stride
        if self.state is not None:
            slot = number % self.state.shape[1]
            self.state[beginning, slot] = 0.0 if state is None else state[beginning]
        if self.priorities is not None and self.sequence_length is not None:
            self.priorities.enter(beginning, number)

    def _end_episodes(self, envs: NDArray[np.intp], final: NDArray[np.float32]) -> None:
        row = self.written[envs] % self.rows
        for column in self.columns.values():
            column[envs, row] = 0
        self.columns["observation"][envs, row] = final
        # The row after an episode's end has no state of its own: the next row resets it.
        self._begin_windows(envs, None)
        self.written[envs] += 1
        if self.priorities is not None and self.sequence_length is None:
            self.priorities.enter(envs, self.episodes_ended[envs])
        self.episodes_ended[envs] += 1
        self.episode_row[envs, self._slot(self.episodes_ended[envs])] = self.written[envs]

    def _slot(self, episode: NDArray[np.int64]) -> NDArray[np.int64]:
        return episode % self.episode_row.shape[1]

    def _forget_overwritten(self) -> None:
        oldest = self.written - self.rows
        while True:
            first = self.episode_row[self._envs, self._slot(self.episodes_lost)]
            lost = (self.episodes_lost < self.episodes_ended) & (first < oldest)
            if not lost.any():
                return
            self.episodes_lost += lost

    def _gather(
        self,
        env: NDArray[np.int64],
        number: NDArray[np.int64],
        first: NDArray[np.int64],
        length: NDArray[np.int64],
    ) -> SequenceBatch:
        time = np.arange(int(length.max()))[:, None]
        inside = time < length
        row = (first + np.minimum(time, length - 1)) % self.rows
        # one index into the streams end to end: `take` by it is faster than by a pair
        at = env * self.rows + row
        columns = {n: _end_to_end(column).take(at, axis=0) for n, column in self.columns.items()}
        columns["start"] &= inside
        columns["valid"] &= inside
        state = None
        if self.state is not None:
            state = self.state[env, (first // self.stride) % self.state.shape[1]]
        return SequenceBatch(**columns, state=state, env=env, number=number)

    def get_state(self) -> dict[str, Any]:
        """Everything that `set_state` needs to go on exactly.

        What has been written of the rings, not as copies: good until the next step.
        """
        rings = {name: Streamed(ring) for name, ring in self._filled().items()}
        return {**rings, **{name: count.copy() for name, count in self._counts().items()}}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        for ring in self._filled().values():
            ring[...] = 0
        for name, count in self._counts().items():
            count[...] = state[name]
        for name, ring in self._filled().items():
            state[name].copy_to(ring)

    def _filled(self) -> dict[str, NDArray[Any]]:
        """The part of each ring that anything has been written to; rings fill from their start."""
        rows, episodes = int(self.written.max()), int(self.episodes_ended.max()) + 1
        windows = -(-rows // self.stride)
        used = dict.fromkeys(self._rings, rows) | {"episode_row": episodes, "state": windows}
        used["priority"] = episodes if self.sequence_length is None else windows
        return {name: ring[:, : used[name]] for name, ring in self._rings.items()}

    def _counts(self) -> dict[str, NDArray[Any]]:
        counts = {name: getattr(self, name) for name in _COUNTS}
        return counts if self.priorities is None else {**counts, "highest": self.priorities.highest}


def _end_to_end(streams: NDArray[Any]) -> NDArray[Any]:
    """(num_envs, rows, …) seen as (num_envs · rows, …)."""
    return streams.reshape(-1, *streams.shape[2:])
