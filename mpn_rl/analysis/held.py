"""Where what an agent holds differs from episode to episode: its axes, its units, and by what."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mpn_rl.playing.rollout import Before, Greedy

Floats = NDArray[np.float64]

# of directions along which less of the variance lies there is nothing but rounding
_LEAST = 1e-9
SAMPLED_TIMES = 20
MOST_CLASSES = 10
SHUFFLES = 200


class Sample(NamedTuple):
    """States (moment, hidden, numbers) of many episodes, and the task's variables (moment,)."""

    state: NDArray[np.float32]
    variables: dict[str, NDArray[Any]]

    @property
    def flat(self) -> Floats:
        """The states (moment, number)."""
        return self.state.reshape(len(self.state), -1).astype(np.float64)

    def told(self, generator: np.random.Generator) -> dict[str, Floats]:
        """The targets, see `targets_of`, of the variables that the states tell.

        That is, of those that explain more of the states' variance than any of SHUFFLES shuffles.
        """
        away = self.flat - self.flat.mean(axis=0)
        products, found = away @ away.T, {}
        for name, values in self.variables.items():
            targets = targets_of(values.astype(np.float64))
            basis = _basis(targets)
            if basis.shape[1] == 0:
                continue
            others = (generator.permutation(basis) for _ in range(SHUFFLES))
            shares = [(one * (products @ one)).sum() for one in (basis, *others)]
            if shares[0] > max(shares[1:]):
                found[name] = targets
        return found


class Sampler:
    """Takes what `agent` holds as its episodes come into each phase; a hook of `run_episodes`.

    Where a task has one phase, at times that lie evenly over an episode of `longest` steps.
    """

    def __init__(self, agent: Greedy, variables: Sequence[str], phases: int, longest: int) -> None:
        self._agent, self._variables, self._phases = agent, variables, phases
        self._every = max(1, longest // SAMPLED_TIMES)
        self._was: NDArray[np.int64] = np.zeros(0, np.int64)
        self._taken: dict[int, list[Sample]] = {}

    def __call__(self, before: Before) -> None:
        """Take the states of the episodes that are due."""
        phase, running = before.info["phase"], before.episode >= 0
        if before.time > 0:
            due = running & (phase != self._was)
            if self._phases == 1:
                due = running & ((before.time - 1) % self._every == 0)
            for one in np.unique(phase[due]):
                self._take(int(one), due & (phase == one), before.info)
        self._was = phase.copy()

    def _take(self, phase: int, due: NDArray[np.bool_], info: dict[str, NDArray[Any]]) -> None:
        variables = {name: info[name][due].copy() for name in self._variables}
        self._taken.setdefault(phase, []).append(Sample(self._agent.state[due].copy(), variables))

    def samples(self) -> dict[int, Sample]:
        """What was taken, by phase."""
        return {
            phase: Sample(
                np.concatenate([sample.state for sample in taken]),
                {
                    name: np.concatenate([sample.variables[name] for sample in taken])
                    for name in self._variables
                },
            )
            for phase, taken in self._taken.items()
        }


def targets_of(values: Floats) -> Floats:
    """What values (moment,) are regressed on (moment, output).

    An output that is 0 or 1 for each of at most MOST_CLASSES whole numbers, else the quantity.
    """
    found = np.unique(values)
    if len(found) <= MOST_CLASSES and (found == np.round(found)).all():
        return (values[:, None] == found).astype(np.float64)
    return values[:, None]


def explained(values: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """What of values (moment, number) targets explain: axes (axis, number), variance (number,).

    With x̃ and ỹ the values and the targets less their means, the least squares fit is ỹB.
    The axes are an orthonormal basis of the rows of B: of what the means of the classes span (one
    axis less than there are classes), or of the direction in which a quantity moves the values.
    The variance is that of the fit.
    """
    fit = _basis(targets).T @ (values - values.mean(axis=0))
    _, sizes, axes = np.linalg.svd(fit, full_matrices=False)
    variance = np.square(fit).sum(axis=0) / len(values)
    return axes[sizes > _LEAST * max(sizes.max(initial=0.0), 1e-300)], variance


def _basis(targets: Floats) -> Floats:
    """Orthonormal columns (moment, ·) that span targets (moment, output) less their means."""
    basis, sizes, _ = np.linalg.svd(targets - targets.mean(axis=0), full_matrices=False)
    spanned: Floats = basis[:, sizes > _LEAST * len(targets)]
    return spanned


def other_axes(components: Floats, variance: Floats, axes: Floats) -> Floats:
    """As many axes at right angles to these, along which values vary most; fewer if few vary.

    Among the principal components (component, number) with this variance (component,).
    """
    spread = components * np.sqrt(variance)[:, None]
    _, sizes, found = np.linalg.svd(spread - spread @ axes.T @ axes, full_matrices=False)
    return found[sizes > _LEAST * np.sqrt(variance[0])][: len(axes)]


def random_axes(count: int, size: int, generator: np.random.Generator) -> Floats:
    """Orthonormal axes (count, size) in random directions."""
    axes: Floats = np.linalg.qr(generator.standard_normal((size, count)))[0].T
    return axes
