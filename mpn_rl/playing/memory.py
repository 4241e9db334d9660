"""The modulations M of recorded episodes, which are not stored: the core is played again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mpn_rl.interruption import check

if TYPE_CHECKING:
    from mpn_rl.playing.rollout import Greedy  # which loads Gymnasium

Floats = NDArray[np.float32]

MOST_ENVS = 16


def recording_envs(num_episodes: int) -> int:
    """In how many environments at once episodes are recorded."""
    return max(1, min(num_episodes, MOST_ENVS))


@dataclass(frozen=True)
class Memory:
    """M of one seed's recorded episodes, to the byte as it was when they were played.

    x (episode, time, input), lengths (episode,). The episodes run through `cores`, which are given
    x in the place of observations, each of them in `envs` environments, as when they were recorded.
    W (hidden, synapses) are the weights that M modulates, W (1 + M), or W + M if `additive`; of
    several layers they stand side by side, as M does.
    """

    x: Floats
    lengths: NDArray[np.int64]
    cores: Sequence["Greedy"]
    envs: int
    W: Floats
    additive: bool = False

    def steps(self) -> Iterator[Floats]:
        """M after each step of the longest episode: (episode, hidden, synapses), new each time.

        nan in episodes that are over.
        """
        for time in range(self.lengths.max(initial=0)):
            self._think(time)
            M = np.concatenate([np.ascontiguousarray(core.M) for core in self.cores])
            M = M[: len(self.x)]
            M[self.lengths <= time] = np.nan
            yield M

    def whole(self) -> Floats:
        """M (episode, time, hidden, synapses) of all steps; nan where an episode is over."""
        return np.stack([*self.steps()], axis=1)

    def first(self, count: int) -> "Memory":
        """That of so many first episodes."""
        cores = self.cores[: -(-count // self.envs)]
        return replace(self, x=self.x[:count], lengths=self.lengths[:count], cores=cores)

    def follows(self, h: Floats) -> bool:
        """Whether the core puts out h (episode, time, hidden) in the first step, up to rounding."""
        if not h.size:
            return True
        self._think(0)
        found = np.concatenate([core.h for core in self.cores])[: len(h)]
        return bool(np.allclose(found, h[:, 0], rtol=1e-3, atol=1e-4))

    def _think(self, time: int) -> None:
        """Let all cores see step `time`, step 0 from zeros."""
        check()
        for number, core in enumerate(self.cores):
            x = self.x[number * self.envs : (number + 1) * self.envs, time]
            seen = np.zeros((self.envs, x.shape[1]), np.float32)
            seen[: len(x)] = np.nan_to_num(x)
            core(time, seen)
