"""Recording of what goes on inside trained agents."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.activity import Activity
from mpn_rl.playing.rollout import Greedy, Moment, run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.base import VectorTask

_INTEGERS = ("actions", "phases")
_NAMES = ("h", "rewards", "q_values", *_INTEGERS)

# Observations and inputs of the core with more entries than this are bounded in memory.
WIDE = 1024
_BOUNDED = ("observations", "x")


class Recorder:
    """Collects what an agent sees, holds and does, of each of its episodes.

    `steps` is per episode a list per name, an entry per step, of which an array is made when the
    episode is over; WIDE observations, and what the core is given where that is wide, are kept for
    as many first episodes as fit into `max_bytes`, each, possibly for none. `check` is told the
    length of the longest episode whenever it grows.
    """

    def __init__(
        self,
        agent: Greedy,
        task: VectorTask,
        num_episodes: int,
        max_bytes: float = math.inf,
        check: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._agent, self._variables = agent, task.variable_names
        self._check, self._longest, self._max_bytes = check, 0, max_bytes
        self._room: dict[str, float] = {}
        self._running: set[int] = set()
        self._closed: set[str] = set()
        self.steps: list[dict[str, Any]] = [defaultdict(list) for _ in range(num_episodes)]

    def __call__(self, moment: Moment) -> None:
        """Take in one step of every environment."""
        agent = self._agent
        seen = {
            "h": agent.h,
            "q_values": agent.q_values,
            "actions": moment.action,
            "rewards": moment.reward,
            "phases": moment.info["phase"],
            **{f"variable_{name}": moment.info[name] for name in self._variables},
        }
        bounded = {"observations": np.asarray(moment.observation, np.float32), "x": agent.x}
        for name, values in bounded.items():
            wide = values.shape[1] > WIDE
            self._room.setdefault(name, self._max_bytes if wide else math.inf)
        if moment.time >= self._longest:
            self._longest = moment.time + 1
            self._check(self._longest)
        self._make_arrays({*moment.episode[moment.episode >= 0].tolist()})
        for env in np.flatnonzero(moment.episode >= 0):
            number = int(moment.episode[env])
            record = self.steps[number]
            begins = not record["rewards"]
            for name, values in seen.items():
                record[name].append(values[env])
            for name, values in bounded.items():
                fits = self._room[name] > 0 and name not in self._closed
                if name in record or (begins and fits):
                    record[name].append(values[env].copy())
                    self._room[name] -= values[env].nbytes
                    self._make_room(name)

    def _make_room(self, name: str) -> None:
        """Give up what was kept of the last episodes; then none is begun anew."""
        while self._room[name] < 0:
            given_up = [record for record in self.steps if name in record][-1].pop(name)
            self._room[name] += sum(values.nbytes for values in given_up)
            self._closed.add(name)

    def _make_arrays(self, running: set[int]) -> None:
        """Make arrays of the episodes that are over, which take a fraction of lists' memory."""
        for number in self._running - running:
            self.steps[number] = {n: np.asarray(v) for n, v in self.steps[number].items()}
        self._running = running

    def episodes_with(self, name: str, longest: int) -> int:
        """How many first episodes have it, so that the padded array fits where it is wide."""
        kept = sum(name in record for record in self.steps)
        if not kept:
            return 0
        first = np.asarray(self.steps[0][name][0])
        most = self._max_bytes if first.size > WIDE else math.inf
        return int(min(kept, most / (first.nbytes * longest)))


def record_activity(
    agents: Iterable[tuple[int, Greedy]],
    task: VectorTask,
    num_episodes: int,
    *,
    max_recorded_mb: float,
    check: Callable[[int], None] = lambda _: None,
) -> Activity:
    """Record `num_episodes` greedy episodes of each (seed, agent).

    Episodes come from each seed's collection stream. WIDE observations, and what the core is given
    where that is wide, are recorded for as many first episodes as fit into `max_recorded_mb` MB
    (10^6 bytes) over all seeds. `check` is told the length of the longest episode whenever it
    grows, and may raise.
    """
    agents = list(agents)
    max_bytes = max_recorded_mb * 1e6 / max(1, len(agents))
    recorders, correct = [], []
    for seed, agent in agents:
        recorder = Recorder(agent, task, num_episodes, max_bytes, check)
        stream = integer_seed(seed, "collection_task")
        correct.append(run_episodes(agent, task, num_episodes, stream, recorder).correct)
        recorders.append(recorder)
    episodes = [recorder.steps for recorder in recorders]
    lengths = np.array([[len(e["rewards"]) for e in seed] for seed in episodes], np.int64)
    longest = int(lengths.max(initial=0))
    bounded: dict[str, Any] = {}
    for name in _BOUNDED:
        count = min((r.episodes_with(name, longest) for r in recorders), default=0)
        bounded[name] = _padded([seed[:count] for seed in episodes], name, longest)
    shape = (len(agents), num_episodes if agents else 0)
    return Activity(
        seeds=np.array([seed for seed, _ in agents], np.int64),
        lengths=lengths.reshape(shape),
        correct=np.array(correct, np.float64).reshape(shape),
        phase_names=task.phase_names,
        variables={n: _padded(episodes, f"variable_{n}", longest) for n in task.variable_names},
        **{name: _padded(episodes, name, longest) for name in _NAMES},
        **bounded,
    )


def _padded(seeds: list[list[dict[str, Any]]], name: str, longest: int) -> NDArray[Any]:
    """Stack one name of [seed][episode] to (seed, episode, time, …), padded with nan or -1.

    It is taken out of the episodes, so that nothing is held twice.
    """
    integers = name in _INTEGERS
    if not seeds or not seeds[0]:
        return np.zeros((len(seeds), 0, longest), np.int64 if integers else np.float32)
    item = np.asarray(seeds[0][0][name][0])
    shape = (len(seeds), len(seeds[0]), longest, *item.shape)
    dtype = np.int64 if integers else np.result_type(item.dtype, np.float32)
    out = np.full(shape, -1 if integers else np.nan, dtype)
    for s, episodes in enumerate(seeds):
        for e, record in enumerate(episodes):
            values = np.asarray(record.pop(name))
            out[s, e, : len(values)] = values
    return out
