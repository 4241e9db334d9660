"""Replay of sequences from a ring of streams, one stream per environment.

A stream is the concatenation of an environment's episodes. An episode of T steps takes T + 1 rows:
its last observation has a row without a transition, for the bootstrap. Every observation is stored
once; a core's state is stored once per possible sequence start.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mpn_rl.learning.priorities import SequencePriorities

_FIELDS = ("observation", "action", "reward", "terminated", "truncated", "start", "valid")


@dataclass(frozen=True)
class Step:
    """One step of every environment.

    observation, next_observation (num_envs, observation_dim), `next_observation` being the one
    before any reset; action, reward, terminated, truncated, start (num_envs,), `start` True where
    the step is an episode's first; state (num_envs, …), the core's before the step.
    """

    observation: NDArray[np.float32]
    action: NDArray[np.int64]
    reward: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    start: NDArray[np.bool_]
    next_observation: NDArray[np.float32]
    state: torch.Tensor


@dataclass(frozen=True)
class SequenceBatch:
    """Sequences of rows, time first (see `mpn_rl.learning.targets` for what a row is).

    observation (time, batch, observation_dim); action, reward, terminated, truncated, start, valid
    (time, batch), `start` True where an episode begins, `valid` True where a row holds a transition
    that may be learnt from; state (batch, …) before the first row, or None for zeros. env, number
    (batch,) say which sequence of which environment it is, for `set_priorities`.
    """

    observation: NDArray[np.float32]
    action: NDArray[np.int64]
    reward: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    start: NDArray[np.bool_]
    valid: NDArray[np.bool_]
    state: NDArray[np.float32] | None
    env: NDArray[np.int64]
    number: NDArray[np.int64]


def to_tensors(batch: SequenceBatch, device: torch.device) -> dict[str, torch.Tensor]:
    """The rows of a batch as tensors by name, without its state."""
    return {name: torch.as_tensor(getattr(batch, name), device=device) for name in _FIELDS}


class SequenceReplay:
    """The last `rows` rows of each environment's stream.

    With `sequence_length` None a sequence is one whole episode (padded to the longest of its
    batch); else it is `sequence_length` transitions from a row that is a multiple of `stride`, and
    may run across episode borders. `state_shape` asks for the core's state at each such row.
    With `prioritised`, sequences are drawn as `set_priorities` says, else uniformly.
    """

    def __init__(
        self,
        *,
        num_envs: int,
        rows: int,
        observation_dim: int,
        sequence_length: int | None = None,
        stride: int = 1,
        state_shape: tuple[int, ...] | None = None,
        prioritised: bool = False,
    ) -> None:
        self.num_envs, self.sequence_length, self.stride = num_envs, sequence_length, stride
        if sequence_length is not None:
            rows = max(rows, 2 * (sequence_length + 1))
            rows += -rows % stride
        self.rows = max(rows, 2)
        shape = (num_envs, self.rows)
        self.observation = np.zeros((*shape, observation_dim), np.float32)
        self.action = np.zeros(shape, np.int64)
        self.reward = np.zeros(shape, np.float32)
        self.terminated = np.zeros(shape, np.bool_)
        self.truncated = np.zeros(shape, np.bool_)
        self.start = np.zeros(shape, np.bool_)
        self.valid = np.zeros(shape, np.bool_)
        self.written = np.zeros(num_envs, np.int64)  # rows ever written, per stream
        self.state = (
            None
            if state_shape is None
            else np.zeros((num_envs, self.rows // stride, *state_shape), np.float32)
        )
        # Complete episodes, a ring per stream: first row and number of rows of each.
        episodes = self.rows // 2 + 1
        self.episode_row = np.zeros((num_envs, episodes), np.int64)
        self.episode_rows = np.zeros((num_envs, episodes), np.int64)
        self.episodes_ended = np.zeros(num_envs, np.int64)
        self.episodes_lost = np.zeros(num_envs, np.int64)
        self.running_row = np.zeros(num_envs, np.int64)  # first row of the running episode
        self._envs = np.arange(num_envs)
        slots = episodes if sequence_length is None else self.rows // stride
        self.priorities = SequencePriorities(num_envs, slots) if prioritised else None

    def add(self, step: Step) -> None:
        """Append one step of every environment; its state is kept where states are stored."""
        envs, row = self._envs, self.written % self.rows
        self.observation[envs, row] = step.observation
        self.action[envs, row] = step.action
        self.reward[envs, row] = step.reward
        self.terminated[envs, row] = step.terminated
        self.truncated[envs, row] = step.truncated
        self.start[envs, row] = step.start
        self.valid[envs, row] = True
        if self.state is not None:
            self._store_state(envs, step.state.cpu().numpy())
        self._enter_windows(envs)
        self.written += 1
        ended = np.flatnonzero(step.terminated | step.truncated)
        if ended.size:
            self._end_episodes(ended, step.next_observation[ended])
        self._forget_overwritten()

    def num_candidates(self) -> int:
        """How many different sequences could be drawn now."""
        return int(self._candidates()[1].sum())

    def sample(self, batch_size: int, generator: np.random.Generator) -> SequenceBatch:
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
            slot = number % self.episode_row.shape[1]
            return self._gather(
                env, number, self.episode_row[env, slot], self.episode_rows[env, slot]
            )
        length = np.full(batch_size, self.sequence_length + 1)
        return self._gather(env, number, number * self.stride, length)

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

    def set_priorities(self, batch: SequenceBatch, priority: NDArray[np.floating]) -> None:
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

    def _enter_windows(self, envs: NDArray[np.integer]) -> None:
        """Let the windows in that begin at the rows now written."""
        if self.priorities is not None and self.sequence_length is not None:
            beginning = envs[self.written[envs] % self.stride == 0]
            self.priorities.enter(beginning, self.written[beginning] // self.stride)

    def _store_state(self, envs: NDArray[np.int64], state: NDArray[np.float32]) -> None:
        at_start = envs[self.written % self.stride == 0]
        if self.state is not None and at_start.size:
            slot = (self.written[at_start] // self.stride) % self.state.shape[1]
            self.state[at_start, slot] = state[at_start]

    def _end_episodes(self, envs: NDArray[np.intp], final: NDArray[np.float32]) -> None:
        row = self.written[envs] % self.rows
        self.observation[envs, row] = final
        self.action[envs, row] = 0
        self.reward[envs, row] = 0.0
        for flags in (self.terminated, self.truncated, self.start, self.valid):
            flags[envs, row] = False
        # The row after an episode's end has no state of its own: the next row resets it.
        if self.state is not None:
            at_start = envs[self.written[envs] % self.stride == 0]
            self.state[at_start, (self.written[at_start] // self.stride) % self.state.shape[1]] = 0
        self._enter_windows(envs)
        self.written[envs] += 1
        if self.priorities is not None and self.sequence_length is None:
            self.priorities.enter(envs, self.episodes_ended[envs])
        slot = self.episodes_ended[envs] % self.episode_row.shape[1]
        self.episode_row[envs, slot] = self.running_row[envs]
        self.episode_rows[envs, slot] = self.written[envs] - self.running_row[envs]
        self.episodes_ended[envs] += 1
        self.running_row[envs] = self.written[envs]

    def _forget_overwritten(self) -> None:
        oldest = self.written - self.rows
        slots = self.episode_row.shape[1]
        while True:
            first = self.episode_row[self._envs, self.episodes_lost % slots]
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
        columns = {name: _end_to_end(getattr(self, name)).take(at, axis=0) for name in _FIELDS}
        columns["start"] &= inside
        columns["valid"] &= inside
        state = None
        if self.state is not None:
            state = self.state[env, (first // self.stride) % self.state.shape[1]]
        return SequenceBatch(**columns, state=state, env=env, number=number)

    def get_state(self) -> dict[str, Any]:
        """Everything that `set_state` needs to go on exactly, as copies of arrays."""
        names = [*_FIELDS, "written", "episode_row", "episode_rows", "episodes_ended"]
        names += ["episodes_lost", "running_row", *(["state"] if self.state is not None else [])]
        state = {name: getattr(self, name).copy() for name in names}
        if self.priorities is not None:
            state |= {name: array.copy() for name, array in vars(self.priorities).items()}
        return state

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        for name, array in state.items():
            owner = self if hasattr(self, name) else self.priorities
            getattr(owner, name)[...] = array


def _end_to_end(streams: NDArray[Any]) -> NDArray[Any]:
    """(num_envs, rows, …) seen as (num_envs · rows, …)."""
    return streams.reshape(-1, *streams.shape[2:])
