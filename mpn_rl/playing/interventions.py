"""What is done to an agent's memory while it plays, to find out what the memory does.

Each works on what the hidden units of any core hold (env, hidden, numbers), see `rollout.Greedy`.
It is called before every step (see `rollout.run_episodes`) and reaches the episodes that are in its
phases.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.playing.rollout import Before, Greedy

State = NDArray[np.float32]
Bools = NDArray[np.bool_]
# (states of all environments, which of them are changed (env,)) -> states
Change = Callable[[State, Bools], State]


class Phased:
    """Knows which episodes are in some `phases`, None: in all."""

    def __init__(self, phases: Collection[int] | None = None) -> None:
        self._phases = None if phases is None else np.array(sorted(phases))

    def inside(self, before: Before) -> Bools:
        """Which environments (env,) play an episode that is in one of the phases."""
        running = before.episode >= 0
        if self._phases is None:
            return running
        return running & np.isin(before.info["phase"], self._phases)


class Intervention(Phased, ABC):
    """Changes what `agent` holds, in `phases`."""

    def __init__(self, agent: Greedy, phases: Collection[int] | None = None) -> None:
        super().__init__(phases)
        self.agent = agent

    @abstractmethod
    def __call__(self, before: Before) -> None:
        """Do it, where it is due."""

    def _apply(self, change: Change, which: Bools) -> None:
        if which.any():
            state = self.agent.state
            changed = change(state, which)
            self.agent.hold(np.where(which[:, None, None], changed, state))


class Onset(Intervention):
    """Makes a change once, when an episode comes into one of the phases.

    An episode's first step, before which nothing is held, is left out.
    """

    def __init__(
        self, agent: Greedy, change: Change, phases: Collection[int] | None = None
    ) -> None:
        super().__init__(agent, phases)
        self._change = change
        self._was: Bools = np.zeros(0, np.bool_)

    def __call__(self, before: Before) -> None:
        """Change the state where an episode has just come in."""
        inside = self.inside(before)
        if before.time > 0:
            self._apply(self._change, inside & ~self._was)
        self._was = inside


class Always(Intervention):
    """Makes a change before every step but an episode's first, in the phases."""

    def __init__(
        self, agent: Greedy, change: Change, phases: Collection[int] | None = None
    ) -> None:
        super().__init__(agent, phases)
        self._change = change

    def __call__(self, before: Before) -> None:
        """Change the state where an episode is inside."""
        if before.time > 0:
            self._apply(self._change, self.inside(before))


class Frozen(Intervention):
    """Undoes what every step in the phases makes of the state: nothing enters, nothing fades."""

    def __init__(self, agent: Greedy, phases: Collection[int] | None = None) -> None:
        super().__init__(agent, phases)
        self._was: State | None = None
        self._stepped: Bools = np.zeros(0, np.bool_)

    def __call__(self, before: Before) -> None:
        """Give back what was held before the last step, where that was taken inside."""
        if before.time == 0:
            self._was = None
        else:
            now = self.agent.state.copy()
            which = self._stepped & (before.episode >= 0)
            if which.any():
                now[which] = 0 if self._was is None else self._was[which]
                self.agent.hold(now)
            self._was = now
        self._stepped = self.inside(before)


class Resting(Phased):
    """Acts as `writing`, and in the phases as `resting`, which is the same agent with η = 0.

    It is an agent and the hook that tells it the phases.
    """

    def __init__(
        self, writing: Greedy, resting: Greedy, phases: Collection[int] | None = None
    ) -> None:
        super().__init__(phases)
        self._writing, self._resting = writing, resting
        self._holder = writing
        self._rests: Bools = np.zeros(0, np.bool_)

    def before(self, before: Before) -> None:
        """Take note of which episodes are inside; those that are over count as the others do."""
        inside, running = self.inside(before), before.episode >= 0
        self._rests = inside | (~running & (inside == running).all())

    def __call__(self, time: int, observation: NDArray[Any]) -> NDArray[np.integer[Any]]:
        """Act; see `rollout.Agent`."""
        rests = self._rests
        agent = self._resting if rests.all() else self._writing
        if time > 0 and agent is not self._holder:
            agent.hold(self._holder.state)
        self._holder = agent
        if rests.all() or not rests.any():
            return agent(time, observation)
        if time > 0:
            self._resting.hold(agent.state)
        action, resting = agent(time, observation), self._resting(time, observation)
        agent.hold(np.where(rests[:, None, None], self._resting.state, agent.state))
        return np.where(rests, resting, action)


def zeroed(state: State, which: Bools) -> State:
    """No memory."""
    del which
    return np.zeros_like(state)


def shuffled(generator: np.random.Generator) -> Change:
    """Each episode's numbers in one random order, the same for all: sizes stay, places do not."""
    orders: list[NDArray[np.int64]] = []

    def change(state: State, which: Bools) -> State:
        del which
        flat = state.reshape(len(state), -1)
        if not orders:
            orders.append(generator.permutation(flat.shape[1]))
        return flat[:, orders[0]].reshape(state.shape)

    return change


def projected(axes: NDArray[np.floating], mean: NDArray[np.floating], keep: bool) -> Change:
    """Of the state less its mean, what lies along these axes alone, or all but that.

    axes (axis, number) are orthonormal, mean (number,).
    """
    onto, middle = axes.astype(np.float32), mean.astype(np.float32)

    def change(state: State, which: Bools) -> State:
        del which
        flat = state.reshape(len(state), -1)
        along = (flat - middle) @ onto.T @ onto
        changed = along + middle if keep else flat - along
        return changed.reshape(state.shape).astype(np.float32, copy=False)

    return change


def silenced(units: NDArray[np.integer]) -> Change:
    """No memory in these hidden units: their rows of M, or their entries of h."""

    def change(state: State, which: Bools) -> State:
        del which
        changed = state.copy()
        changed[:, units] = 0
        return changed

    return change


def dealt(changes: Sequence[Change]) -> Change:
    """Several changes dealt out among the environments in turn, as several draws of a control."""

    def change(state: State, which: Bools) -> State:
        changed = np.empty_like(state)
        for number, one in enumerate(changes[: len(state)]):
            every = slice(number, None, len(changes))
            changed[every] = one(state[every], which[every])
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
