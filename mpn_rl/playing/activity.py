"""Recording of what goes on inside trained agents."""

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.activity import Activity
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.playing.rollout import Greedy, Moment, run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.base import VectorTask

_INTEGERS = ("actions", "phases")
_NAMES = ("h", "observations", "rewards", "q_values", *_INTEGERS)


class Recorder:
    """Collects what an agent sees, holds and does, of each of its episodes.

    `steps` is per episode a list per name, an entry per step; M (of a `plastic` core) is kept for
    as many first episodes as fit into `max_bytes`, for one at least.
    """

    def __init__(
        self,
        agent: Greedy,
        task: VectorTask,
        num_episodes: int,
        plastic: bool,
        max_bytes: float = math.inf,
    ) -> None:
        self._agent, self._variables = agent, task.variable_names
        self._plastic, self._room = plastic, max_bytes
        self.steps: list[dict[str, list[Any]]] = [defaultdict(list) for _ in range(num_episodes)]

    def __call__(self, moment: Moment) -> None:
        """Take in one step of every environment."""
        agent = self._agent
        seen = {
            "h": agent.h.cpu().numpy(),
            "q_values": agent.q_values.cpu().numpy(),
            "observations": moment.observation,
            "actions": moment.action,
            "rewards": moment.reward,
            "phases": moment.info["phase"],
            **{f"variable_{name}": moment.info[name] for name in self._variables},
        }
        M = agent.state.cpu().numpy() if self._plastic else None
        for env in np.flatnonzero(moment.episode >= 0):
            number = int(moment.episode[env])
            record = self.steps[number]
            begins = moment.time == 0 and (self._room > 0 or number == 0)
            for name, values in seen.items():
                record[name].append(values[env])
            if M is not None and (begins or "M" in record):
                record["M"].append(M[env].copy())
                self._room -= M[env].nbytes

    def episodes_with_M(self, longest: int, max_bytes: float) -> int:
        """How many first episodes have M, so that the padded array fits (at least one)."""
        kept = sum("M" in record for record in self.steps)
        if not kept:
            return 0
        each = self.steps[0]["M"][0].nbytes * longest
        return max(1, min(kept, int(max_bytes // each)))


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
        agent = Greedy(network)
        recorder = Recorder(agent, task, num_episodes, plastic, max_bytes)
        stream = integer_seed(seed, "collection_task")
        correct.append(run_episodes(agent, task, num_episodes, stream, recorder).correct)
        recorders.append(recorder)
    episodes = [recorder.steps for recorder in recorders]
    lengths = np.array([[len(e["rewards"]) for e in seed] for seed in episodes], np.int64)
    longest = int(lengths.max(initial=0))
    M = None
    if plastic and recorders:
        count = min(recorder.episodes_with_M(longest, max_bytes) for recorder in recorders)
        M = _padded([seed[:count] for seed in episodes], "M", longest)
    shape = (len(agents), num_episodes if agents else 0)
    return Activity(
        seeds=np.array([seed for seed, _ in agents], np.int64),
        lengths=lengths.reshape(shape),
        M=M,
        correct=np.array(correct, np.float64).reshape(shape),
        phase_names=task.phase_names,
        variables={n: _padded(episodes, f"variable_{n}", longest) for n in task.variable_names},
        **{name: _padded(episodes, name, longest) for name in _NAMES},
    )


def _padded(seeds: list[list[dict[str, list[Any]]]], name: str, longest: int) -> NDArray[Any]:
    """Stack one name of [seed][episode] to (seed, episode, time, …), padded with nan or -1."""
    integers = name in _INTEGERS
    if not seeds or not seeds[0]:
        return np.zeros((len(seeds), 0, longest), np.int64 if integers else np.float32)
    item = np.asarray(seeds[0][0][name][0])
    shape = (len(seeds), len(seeds[0]), longest, *item.shape)
    dtype = np.int64 if integers else np.result_type(item.dtype, np.float32)
    out = np.full(shape, -1 if integers else np.nan, dtype)
    for s, episodes in enumerate(seeds):
        for e, record in enumerate(episodes):
            out[s, e, : len(record[name])] = np.stack(record[name])
    return out
