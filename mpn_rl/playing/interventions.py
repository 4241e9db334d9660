"""What is done to an agent's memory while it plays, to find out what the memory does.

Each works on any core's state: M of an MPN, h of others. It is called before every step (see
`rollout.run_episodes`) and reaches the episodes that are in its phases.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from mpn_rl.playing.rollout import Before, Greedy

State = NDArray[np.float32]
Bools = NDArray[np.bool_]


class Intervention(ABC):
    """Changes the state that `agent` holds, in `phases` (None: in all)."""

    def __init__(self, agent: Greedy, phases: Collection[int] | None = None) -> None:
        self.agent = agent
        self._phases = None if phases is None else np.array(sorted(phases))

    @abstractmethod
    def __call__(self, before: Before) -> None:
        """Do it, where it is due."""

    def _inside(self, before: Before) -> Bools:
        """Which environments (env,) play an episode that is in one of the phases."""
        phase = before.info["phase"]
        return (before.episode >= 0) & (self._phases is None or np.isin(phase, self._phases))


class Onset(Intervention):
    """Replaces the state once, when an episode comes into one of the phases.

    `change(state, which)` gives the states (env, …) of those `which` (env,), from all; an episode's
    first step, before which nothing is held, is left out.
    """

    def __init__(
        self,
        agent: Greedy,
        change: Callable[[State, Bools], State],
        phases: Collection[int] | None = None,
    ) -> None:
        super().__init__(agent, phases)
        self._change = change
        self._was: Bools = np.zeros(0, np.bool_)

    def __call__(self, before: Before) -> None:
        """Replace the state where an episode has just come in."""
        inside = self._inside(before)
        if before.time == 0:
            self._was = inside
            return
        which, self._was = inside & ~self._was, inside
        if which.any():
            state = self.agent.state.copy()
            state[which] = self._change(state, which)[which]
            self.agent.hold(state)


class Throughout(Intervention):
    """Replaces the state after every step that was taken in one of the phases.

    `change(was, now)` gives the states (env, …) from those before and after the step.
    """

    def __init__(
        self,
        agent: Greedy,
        change: Callable[[State, State], State],
        phases: Collection[int] | None = None,
    ) -> None:
        super().__init__(agent, phases)
        self._change = change
        self._was: State | None = None
        self._stepped: Bools = np.zeros(0, np.bool_)

    def __call__(self, before: Before) -> None:
        """Replace what the last step made of the state, where it was taken inside."""
        if before.time == 0:
            self._was = None
        else:
            now = self.agent.state.copy()
            was = np.zeros_like(now) if self._was is None else self._was
            which = self._stepped & (before.episode >= 0)
            if which.any():
                now[which] = self._change(was, now)[which]
                self.agent.hold(now)
            self._was = now
        self._stepped = self._inside(before)


def zeroed(state: State, which: Bools) -> State:
    """No memory."""
    del which
    return np.zeros_like(state)


def frozen(was: State, now: State) -> State:
    """The memory as it was: nothing is written, nothing fades."""
    del now
    return was


def unwritten(lambda_decay: NDArray[np.floating]) -> Callable[[State, State], State]:
    """M fades by lambda_decay, which broadcasts against (hidden, input), and nothing is written."""

    def change(was: State, now: State) -> State:
        del now
        return (lambda_decay * was).astype(was.dtype)

    return change


def shuffled(generator: np.random.Generator) -> Callable[[State, Bools], State]:
    """Each episode's numbers in one random order, the same for all: sizes stay, places do not."""

    def change(state: State, which: Bools) -> State:
        del which
        flat = state.reshape(len(state), -1)
        return flat[:, generator.permutation(flat.shape[1])].reshape(state.shape)

    return change


def projected(
    axes: NDArray[np.floating], mean: NDArray[np.floating], keep: bool
) -> Callable[[State, Bools], State]:
    """Of the state less its mean, what lies along these axes alone, or all but that.

    axes (axis, number) are orthonormal, mean (number,).
    """

    def change(state: State, which: Bools) -> State:
        del which
        away = state.reshape(len(state), -1) - mean
        along = away @ axes.T @ axes
        changed = mean + (along if keep else away - along)
        return changed.reshape(state.shape).astype(state.dtype)

    return change


def silenced(units: NDArray[np.integer]) -> Callable[[State, Bools], State]:
    """No memory in these hidden units: their rows of M, or their entries of h."""

    def change(state: State, which: Bools) -> State:
        del which
        changed = state.copy()
        changed[:, units] = 0
        return changed

    return change


class Swapped:
    """Each episode goes on with the memory of another: `donor` (env,) afterwards says whose."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self.donor: NDArray[np.int64] | None = None

    def __call__(self, state: State, which: Bools) -> State:
        """The states, moved on by one in a random order of those that are swapped."""
        order = self._generator.permutation(np.flatnonzero(which))
        if self.donor is None:
            self.donor = np.arange(len(state))
        self.donor[order] = np.roll(order, 1)
        changed = state.copy()
        changed[order] = state[np.roll(order, 1)]
        return changed
