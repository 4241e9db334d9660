"""Whose answer an agent gives that goes on with the memory of another episode."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.playing.interventions import Swapped
from mpn_rl.playing.rollout import Moment
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.wrappers import PreviousStep


class Followed:
    """How often actions in a task's last phase are right for the donor's past and the own present.

    What is right there is the oracle's action on what was seen: the donor's observations up to the
    swap, the episode's own from there on. A `watch` of `run_episodes`.
    """

    def __init__(self, task: VectorTask, swap: Swapped) -> None:
        inner = task.task if isinstance(task, PreviousStep) else task
        self._oracle = getattr(inner, "oracle_action", None)
        self._entries, self._last = inner.observation_dim, len(task.phase_names) - 1
        self._swap = swap
        self._seen: list[NDArray[Any]] = []
        self._since: NDArray[np.int64] = np.zeros(0, np.int64)
        self._was: NDArray[np.int64] = np.zeros(0, np.int64)
        self._right = self._counted = 0

    def __call__(self, moment: Moment) -> None:
        """Take in a step, before which memories may have been swapped."""
        if moment.time == 0:
            self._seen, self._swap.donor = [], None
            self._since = np.full(len(moment.episode), -1)
            self._was = np.arange(len(moment.episode))
        elif (donor := self._swap.donor) is not None:
            self._since[donor != self._was] = moment.time
            self._was = donor.copy()
        self._seen.append(moment.observation[:, : self._entries].copy())
        judged = (moment.episode >= 0) & (moment.info["phase"] == self._last) & (self._since > 0)
        if self._oracle is None or not judged.any():
            return
        for since in np.unique(self._since[judged]):
            which = judged & (self._since == since)
            history = np.stack(self._seen)
            history[:since] = history[:since, self._was]
            right = self._oracle(history) == moment.action
            self._right += int(right[which].sum())
            self._counted += int(which.sum())

    @property
    def share(self) -> float:
        """Of the actions that were judged; nan where there were none."""
        return self._right / self._counted if self._counted else np.nan
