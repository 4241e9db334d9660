"""Recording of what goes on inside trained agents."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.activity import Activity
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.playing.rollout import Step, run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.base import VectorTask

_INTEGERS = ("actions", "phases")


class _Recorder:
    """Collects the steps of one seed's episodes, M only while it fits into `max_bytes`."""

    def __init__(self, task: VectorTask, num_episodes: int, plastic: bool, max_bytes: float):
        self._variable_names = task.variable_names
        self._plastic, self._room = plastic, max_bytes
        self.steps: list[dict[str, list[Any]]] = [defaultdict(list) for _ in range(num_episodes)]
        self._records_M: set[int] = set()

    def __call__(self, step: Step) -> None:
        h, q_values = step.h.cpu().numpy(), step.q_values.cpu().numpy()
        state = step.state.cpu().numpy() if self._plastic else None
        for env in np.flatnonzero(step.episode >= 0):
            number = int(step.episode[env])
            record = self.steps[number]
            record["h"].append(h[env])
            record["observations"].append(step.observation[env].copy())
            record["actions"].append(step.action[env])
            record["rewards"].append(step.reward[env])
            record["phases"].append(step.info["phase"][env])
            record["q_values"].append(q_values[env])
            for name in self._variable_names:
                record[f"variable_{name}"].append(step.info[name][env])
            if state is not None:
                self._record_M(number, step.time, state[env], record)

    def _record_M(
        self, number: int, time: int, M: NDArray[np.float32], record: dict[str, list[Any]]
    ) -> None:
        if time == 0 and (self._room > 0 or number == 0):
            self._records_M.add(number)
        if number in self._records_M:
            record["M"].append(M.copy())
            self._room -= M.nbytes

    def episodes_with_M(self, longest: int, max_bytes: float) -> int:
        """How many first episodes have M, so that the padded array fits (at least one)."""
        if not self._records_M:
            return 0
        each = self.steps[0]["M"][0].nbytes * longest
        return max(1, min(len(self._records_M), int(max_bytes // each)))


def record_activity(
    agents: Iterable[tuple[int, MPNDQN]],
    task: VectorTask,
    num_episodes: int,
    *,
    plastic: bool,
    max_recorded_mb: float,
) -> Activity:
    """Record `num_episodes` greedy episodes of each (seed, network).

    Episodes come from each seed's collection stream. M (of a `plastic` core) is recorded for as
    many first episodes as fit into `max_recorded_mb` MB (10^6 bytes) over all seeds, for one at
    least.
    """
    agents = list(agents)
    max_bytes = max_recorded_mb * 1e6 / max(1, len(agents))
    recorders, correct = [], []
    for seed, network in agents:
        recorder = _Recorder(task, num_episodes, plastic, max_bytes)
        scores = run_episodes(
            network, task, num_episodes, integer_seed(seed, "collection_task"), recorder
        )
        recorders.append(recorder)
        correct.append(scores.correct)
    seeds = np.array([seed for seed, _ in agents], np.int64)
    return _stack(seeds, recorders, correct, task, max_bytes if plastic else None)


def _stack(
    seeds: NDArray[np.int64],
    recorders: list[_Recorder],
    correct: list[NDArray[np.float64]],
    task: VectorTask,
    max_bytes: float | None,
) -> Activity:
    episodes = [recorder.steps for recorder in recorders]
    shape = (len(recorders), len(episodes[0]) if recorders else 0)
    lengths = np.array([[len(e["rewards"]) for e in seed] for seed in episodes], np.int64)
    longest = int(lengths.max(initial=0))
    names = ["h", "observations", "actions", "rewards", "phases", "q_values"]
    variables = [f"variable_{name}" for name in task.variable_names]
    stacked = {
        name: _pad([[e[name] for e in s] for s in episodes], longest, name in _INTEGERS)
        for name in names + variables
    }
    M = None
    if max_bytes is not None and recorders:
        count = min(recorder.episodes_with_M(longest, max_bytes) for recorder in recorders)
        M = _pad([[e["M"] for e in s[:count]] for s in episodes], longest, False)
    return Activity(
        seeds=seeds,
        lengths=lengths.reshape(shape),
        M=M,
        correct=np.array(correct, np.float64).reshape(shape),
        phase_names=task.phase_names,
        variables={name: stacked[f"variable_{name}"] for name in task.variable_names},
        **{name: stacked[name] for name in names},
    )


def _pad(seeds: list[list[list[Any]]], longest: int, integers: bool) -> NDArray[Any]:
    """Stack [seed][episode][time] arrays to (seed, episode, time, …), padded with nan or -1."""
    if not seeds or not seeds[0]:
        return np.zeros((len(seeds), 0, longest), np.int64 if integers else np.float32)
    item = np.asarray(seeds[0][0][0])
    shape = (len(seeds), len(seeds[0]), longest, *item.shape)
    dtype = np.int64 if integers else np.result_type(item.dtype, np.float32)
    out = np.full(shape, -1 if integers else np.nan, dtype)
    for s, episodes in enumerate(seeds):
        for e, steps in enumerate(episodes):
            out[s, e, : len(steps)] = np.stack(steps)
    return out
