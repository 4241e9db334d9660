"""What is left of an agent's answers when something is done to its memory, beside controls."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mpn_rl.analysis.held import Sample, Sampler, explained, other_axes, random_axes
from mpn_rl.analysis.pca import principal_components
from mpn_rl.analysis.swaps import Followed
from mpn_rl.artifacts.lesions import LESIONS
from mpn_rl.playing.interventions import (
    Always,
    Change,
    Frozen,
    Intervention,
    Onset,
    Resting,
    Swapped,
    dealt,
    projected,
    shuffled,
    silenced,
    zeroed,
)
from mpn_rl.playing.rollout import Greedy, run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.base import VectorTask

ALL = "all"
COMPONENTS = (1, 2, 4, 8)
SHARES = (0.1, 0.25, 0.5)
QUARTER = 0.25
DRAWS = 10  # of a random control, dealt out among the episodes
MOST_STEPS = 10_000  # of all episodes of a lesion together: of long ones there are fewer
FEWEST = 20
MOST_COMPONENTS = 16  # among which the largest other axis is looked for
LONGEST = 1_000  # where an episode is cut that nothing else limits
# members of a seed's evaluation stream: what is played, what is looked at before, what is drawn
_PLAYED, _SAMPLED, _DRAWN = 2, 3, 4


Floats = NDArray[np.float64]


class Subject(NamedTuple):
    """An agent; the same with η = 0 and its units' λ (hidden,), where it is plastic and has these.

    `limited`: its environments are slow, so that only the simplest is done.
    """

    agent: Greedy
    resting: Greedy | None = None
    decays: NDArray[np.float64] | None = None
    limited: bool = False


class Lesion(NamedTuple):
    """What is done, see `artifacts.lesions`; `change` to the memory, as a phase begins."""

    intervention: str
    strength: float
    change: Change
    control: str = ""
    variable: str = ""


def episodes_of(task: VectorTask, num_episodes: int) -> int:
    """How many episodes a lesion is judged by: fewer where they are long."""
    longest = min(task.longest_episode or LONGEST, LONGEST)
    return min(num_episodes, max(FEWEST, MOST_STEPS // longest))


def lesions(subject: Subject, task: VectorTask, seed: int, num_episodes: int) -> NDArray[np.void]:
    """Rows of LESIONS of one agent.

    Throughout each phase, and all of them: no writing (η = 0), and the state frozen. As each phase
    but the first begins: what `_changes` lists, found on other episodes than are played. Where a
    task has one phase, before every step instead.
    """
    with threadpool_limits(limits=1):  # on more threads BLAS adds in another order
        play = partial(_played, subject.agent, task, seed, num_episodes)
        rows = [(seed, "none", ALL, 0.0, *play(None), "", "")]
        spans = {ALL: None, **_phases(task, first=0)}
        for phase, inside in spans.items():
            if subject.resting is not None:
                pair = Resting(subject.agent, subject.resting, inside)
                left = _played(pair, task, seed, num_episodes, pair.before)
                rows.append((seed, "no writing", phase, 0.0, *left, "", ""))
            left = play(Frozen(subject.agent, inside))
            rows.append((seed, "frozen", phase, 0.0, *left, "", ""))
        for phase, lesion, hook in _at_onsets(subject, task, seed, num_episodes):
            swap = lesion.change if isinstance(lesion.change, Swapped) else None
            left = play(hook, swap)
            named = seed, lesion.intervention, phase, lesion.strength
            rows.append((*named, *left, lesion.control, lesion.variable))
    return np.array(rows, LESIONS)


def _phases(task: VectorTask, first: int) -> dict[str, list[int]]:
    """The phases from this one on, where there are several."""
    names = task.phase_names
    return {names[p]: [p] for p in range(first, len(names))} if len(names) > 1 else {}


def _played(
    agent: Any,
    task: VectorTask,
    seed: int,
    num_episodes: int,
    hook: Callable[..., None] | None,
    swap: Swapped | None = None,
) -> tuple[float, float, float, int]:
    """Return, correct, follows_donor and the number of episodes."""
    followed = None if swap is None else Followed(task, swap)
    stream = integer_seed(seed, "evaluation_task", _PLAYED)
    scores = run_episodes(agent, task, num_episodes, stream, followed, LONGEST, hook)
    means = float(scores.returns.mean()), float(scores.correct.mean())
    return *means, np.nan if followed is None else followed.share, len(scores.returns)


def _at_onsets(
    subject: Subject, task: VectorTask, seed: int, num_episodes: int
) -> Iterator[tuple[str, Lesion, Intervention]]:
    """What is done as phases begin, or before every step where a task has one phase or for ALL."""
    generator = np.random.default_rng(integer_seed(seed, "evaluation_task", _DRAWN))
    agent, phases = subject.agent, _phases(task, first=1)
    if subject.limited:
        yield ALL, Lesion("zeroed", 0.0, zeroed), Always(agent, zeroed)
        for lesion in _of_decays(subject, generator):
            yield ALL, lesion, Always(agent, lesion.change)
        return
    samples = _sampled(subject, task, seed, num_episodes)
    for phase, (number,) in phases.items():
        if number not in samples:  # no episode comes into it
            continue
        for lesion in _changes(subject, samples[number], generator):
            yield phase, lesion, Onset(agent, lesion.change, [number])
        swap = Swapped(generator)
        yield phase, Lesion("swapped", 0.0, swap), Onset(agent, swap, [number])
    if not samples:
        return
    last = samples[max(samples)]
    for lesion in _changes(subject, last, generator):
        if not phases or "units" in lesion.intervention:
            yield ALL, lesion, Always(agent, lesion.change)


def _sampled(subject: Subject, task: VectorTask, seed: int, num_episodes: int) -> dict[int, Sample]:
    longest = min(task.longest_episode or LONGEST, LONGEST)
    sampler = Sampler(subject.agent, task.variable_names, len(task.phase_names), longest)
    stream = integer_seed(seed, "evaluation_task", _SAMPLED)
    run_episodes(subject.agent, task, num_episodes, stream, None, LONGEST, sampler)
    return sampler.samples()


def _changes(subject: Subject, sample: Sample, generator: np.random.Generator) -> Iterator[Lesion]:
    """No memory; its numbers shuffled; parts of it, kept or taken away."""
    yield Lesion("zeroed", 0.0, zeroed)
    yield Lesion("shuffled", 0.0, shuffled(generator))
    flat, targets = sample.flat, sample.told(generator)
    told = {name: explained(flat, targets[name]) for name in targets}
    yield from _of_axes(flat, {name: axes for name, (axes, _) in told.items()}, generator)
    variance = {name: of_numbers for name, (_, of_numbers) in told.items()}
    yield from _of_units(subject, variance, generator)


def _of_axes(
    flat: Floats, told: dict[str, Floats], generator: np.random.Generator
) -> Iterator[Lesion]:
    """Kept to principal components, and without what tells a variable, beside other axes."""
    variance, components, mean = principal_components(flat)
    for count in (k for k in COMPONENTS if k < len(components)):
        kept = projected(components[:count], mean, keep=True)
        yield Lesion("components kept", count, kept, "random axes kept")
        yield Lesion("random axes kept", count, _random(count, mean, True, generator))
    largest = components[:MOST_COMPONENTS], variance[:MOST_COMPONENTS]
    for name, axes in told.items():
        count, control = len(axes), "random axis removed"
        removed = projected(axes, mean, keep=False)
        yield Lesion(f"{name} axis removed", count, removed, control, name)
        if len(others := other_axes(*largest, axes)):
            change = projected(others, mean, keep=False)
            yield Lesion("largest other axis removed", len(others), change, "", name)
    for count in sorted({len(axes) for axes in told.values()}):
        yield Lesion("random axis removed", count, _random(count, mean, False, generator))


def _random(
    count: int, mean: NDArray[np.float64], keep: bool, generator: np.random.Generator
) -> Change:
    drawn = [random_axes(count, len(mean), generator) for _ in range(DRAWS)]
    return dealt([projected(axes, mean, keep) for axes in drawn])


def _of_units(
    subject: Subject, told: dict[str, Floats], generator: np.random.Generator
) -> Iterator[Lesion]:
    """Without the memory of units, beside as many random ones.

    Selective units are those of which a variable explains most of the variance of what they hold;
    told has the variance (number,) by variable, and that counts which explains most in all.
    """
    hidden, control = subject.agent.state.shape[1], "random units zeroed"
    best = max(told, key=lambda name: told[name].sum(), default="")
    for share in SHARES:
        count = max(1, round(share * hidden))
        if best:
            of_unit = told[best].reshape(hidden, -1).sum(axis=1)
            units = np.argsort(-of_unit, kind="stable")[:count]
            yield Lesion("selective units zeroed", share, silenced(units), control, best)
        if share != QUARTER:
            yield Lesion(control, share, _random_units(count, hidden, generator))
    yield from _of_decays(subject, generator)


def _of_decays(subject: Subject, generator: np.random.Generator) -> Iterator[Lesion]:
    """Without the memory of the units with the largest and with the smallest λ."""
    control, hidden = "random units zeroed", subject.agent.state.shape[1]
    count = max(1, round(QUARTER * hidden))
    yield Lesion(control, QUARTER, _random_units(count, hidden, generator))
    if subject.decays is not None and np.ptp(subject.decays) > 0:
        order = np.argsort(-subject.decays, kind="stable")
        yield Lesion("slowest units zeroed", QUARTER, silenced(order[:count]), control)
        yield Lesion("fastest units zeroed", QUARTER, silenced(order[::-1][:count]), control)


def _random_units(count: int, hidden: int, generator: np.random.Generator) -> Change:
    return dealt([silenced(generator.choice(hidden, count, replace=False)) for _ in range(DRAWS)])
