"""What can be read out of an agent linearly, at each time and across times.

Ridge regression in its dual form: a recording has a few hundred episodes but thousands of synapses,
so that products between episodes are all that has to be solved for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mpn_rl.interruption import check

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

# The ridge, as a share of the mean squared length of the centred training samples.
RIDGE = 1e-2
# Below this share of the mean squared length nothing but rounding varies.
_NOTHING = 1e-12
_MOST_CLASSES = 10


@dataclass(frozen=True)
class Recording:
    """What is read from: features (time, episode, feature), 0 where an episode is over.

    there (time, episode): where it is not; products (time, episode, episode): x_i · x_j.
    """

    features: Floats
    there: Bools
    products: Floats

    @classmethod
    def of(cls, features: NDArray[np.floating]) -> "Recording":
        """Of features (time, episode, feature) that are nan where an episode is over."""
        exact = np.array(features, np.float64)
        there = np.asarray(np.isfinite(exact).all(axis=2))
        exact[~there] = 0.0
        with threadpool_limits(limits=1):  # on more threads BLAS adds in another order
            products = np.matmul(exact, exact.transpose(0, 2, 1))
        return cls(exact, there, products)


@dataclass(frozen=True)
class Labels:
    """What is decoded: targets (time, episode, output), nan where unknown; are they classes?

    Of a class all outputs are 0 but its own, which is 1. A quantity is one output.
    """

    targets: Floats
    are_classes: bool

    @classmethod
    def of(cls, values: NDArray[np.floating]) -> "Labels":
        """Of values (time, episode): classes where they are at most 10 whole numbers."""
        exact = np.asarray(values, np.float64)
        known = np.isfinite(exact)
        found = np.unique(exact[known])
        if len(found) <= _MOST_CLASSES and (found == np.round(found)).all():
            targets = (exact[..., None] == found).astype(np.float64)
            targets[~known] = np.nan
            return cls(targets, True)
        return cls(exact[..., None].copy(), False)

    @property
    def known(self) -> Bools:
        """Where there is one (time, episode)."""
        return np.asarray(np.isfinite(self.targets).all(axis=2))

    @property
    def measure(self) -> str:
        """What the score is."""
        return "accuracy" if self.are_classes else "r2"


@dataclass(frozen=True)
class Scores:
    """Of decoders of each time at each: score, control (train time, test time), nan where none.

    chance, episodes (test time): what guessing scores, and over how many episodes the score is.
    """

    score: Floats
    control: Floats
    chance: Floats
    episodes: Ints


@dataclass(frozen=True)
class Split:
    """Which episodes are held out together, fold (episode,), and orders (shuffle, episode)."""

    fold: Ints
    orders: Ints

    @classmethod
    def drawn(
        cls, labels: Labels, folds: int, shuffles: int, generator: np.random.Generator
    ) -> "Split":
        """Folds over which the classes that episodes begin with are spread evenly."""
        known = labels.known
        count = known.shape[1]
        order = generator.permutation(count)
        if labels.are_classes and labels.targets.shape[2]:
            first = labels.targets[known.argmax(axis=0), np.arange(count)]
            classes = np.where(known.any(axis=0), np.nan_to_num(first).argmax(axis=1), -1)
            order = order[np.argsort(classes[order], kind="stable")]
        fold = np.empty(count, np.int64)
        fold[order] = np.arange(count) % folds
        orders = [generator.permutation(count) for _ in range(shuffles)]
        return cls(fold, np.array(orders, np.int64).reshape(shuffles, count))


def cross_temporal_scores(
    recording: Recording, labels: Labels, split: Split, centred: bool = True
) -> Scores:
    """How well a decoder trained at one time reads at another.

    With x̃ the features less their mean over the training episodes at the same time step, and ỹ the
    labels less theirs, the decoder of time s is

        f_s(x̃) = ȳ + ỹᵀ (X̃_s X̃_sᵀ + r I)⁻¹ X̃_s x̃,    r = RIDGE · mean |x̃|²

    Centring at each step keeps what grows in all episodes alike from moving them across a border;
    without it (`centred` false) the mean is that of time s throughout. The score is the mean share
    of right answers over classes (chance: one over their number), or R² of a quantity, on the
    episodes that were held out. The control is the same with the labels of other episodes of the
    same fold, a mean over the orders of `split`. There is none at times with fewer than two
    classes of as many episodes as there are folds, or without variation of a quantity.
    """
    there = recording.there & labels.known
    folds = int(split.fold.max(initial=0)) + 1
    counted = _counted(labels, there, folds)
    usable = np.flatnonzero(counted.any(axis=1))
    times = len(there)
    score, control = np.full((2, times, times), np.nan)
    shuffled = [_shuffled(labels, there, split.fold, order) for order in split.orders]
    wanted = np.stack([labels.targets, *shuffled], axis=3)
    answers = np.full((len(usable), times, *wanted.shape[1:]), np.nan)
    with threadpool_limits(limits=1):
        for held, made in _by_fold(recording, wanted, there, usable, split.fold, centred):
            answers[:, :, held] = made
    found = [
        _scored(answers[..., order], Labels(wanted[..., order], labels.are_classes), there, counted)
        for order in range(wanted.shape[3])
    ]
    score[usable] = found[0]
    control[usable] = np.mean(found[1:], axis=0) if len(found) > 1 else np.nan
    numbers = counted.sum(axis=1)
    chance = 1 / np.maximum(numbers, 1) if labels.are_classes else np.zeros(times)
    return Scores(score, control, chance, there.sum(axis=1))


def _counted(labels: Labels, there: Bools, folds: int) -> Bools:
    """The outputs (time, output) that are scored at each time."""
    targets = np.where(there[..., None], labels.targets, 0.0)
    if labels.are_classes:
        many = targets.sum(axis=1) >= folds
        return many & (many.sum(axis=1) >= 2)[:, None]
    varies = [
        np.ptp(row[here]) > 0 if here.any() else False
        for row, here in zip(targets, there, strict=True)
    ]
    return (np.array(varies, bool) & (there.sum(axis=1) >= 2 * folds))[:, None]


def _by_fold(
    recording: Recording,
    wanted: Floats,
    there: Bools,
    usable: Ints,
    fold: Ints,
    centred: bool,
) -> Iterator[tuple[Ints, Floats]]:
    """The episodes of each fold, and what decoders of the others answer there.

    An array (train time, test time, held, output) for each order of the targets `wanted` (time,
    episode, output, order).
    """
    for number in np.unique(fold):
        check()
        train, held = fold != number, np.flatnonzero(fold == number)
        means = _means(recording.features, there & train)
        weights, levels = _decoders(recording, wanted, there & train, usable)
        flat = weights.reshape(len(weights), -1)
        shape = (len(usable), *wanted.shape[2:])
        read = (recording.features[:, held] @ flat).reshape(len(there), len(held), *shape)
        at_mean = (means @ flat).reshape(len(there), 1, *shape)
        if not centred:
            own = at_mean[usable, 0, np.arange(len(usable))]
            at_mean = np.broadcast_to(own, at_mean.shape)
        yield held, (read - at_mean + levels).transpose(2, 0, 1, 3, 4)


def _decoders(
    recording: Recording, wanted: Floats, train: Bools, usable: Ints
) -> tuple[Floats, Floats]:
    """Weights (feature, train time, output, order) and mean targets (train time, output, order)."""
    size = recording.features.shape[2]
    weights = np.zeros((size, len(usable), *wanted.shape[2:]))
    levels = np.zeros((len(usable), *wanted.shape[2:]))
    for place, time in enumerate(usable):
        here = np.flatnonzero(train[time])
        if not len(here):
            continue
        targets = wanted[time, here].reshape(len(here), -1)
        mean = targets.mean(axis=0)
        levels[place] = mean.reshape(levels.shape[1:])
        products = recording.products[time][np.ix_(here, here)]
        of_each = products.mean(axis=1)
        within = products - of_each[:, None] - of_each[None, :] + of_each.mean()
        length = np.trace(within) / len(here)
        # where nothing varies there is nothing to read: the decoder answers with the mean
        if length > _NOTHING * np.trace(products) / len(here):
            system = within + RIDGE * length * np.eye(len(here))
            solved = np.linalg.solve(system, targets - mean)
            found = recording.features[time, here].T @ solved
            weights[:, place] = found.reshape(size, *wanted.shape[2:])
    return weights, levels


def _means(features: Floats, of: Bools) -> Floats:
    """The mean features (time, feature) of some episodes of each time."""
    count = np.maximum(of.sum(axis=1), 1)
    summed: Floats = np.matmul(of[:, None, :].astype(np.float64), features)[:, 0]
    return summed / count[:, None]


def _shuffled(labels: Labels, there: Bools, fold: Ints, order: Ints) -> Floats:
    """The targets of each time, of those episodes that are there, in another order in each fold.

    So folds hold as many of each class as before: else decoders would learn of those that are held
    out that they are rarer in training.
    """
    moved = labels.targets.copy()
    by_fold = np.argsort(fold, kind="stable")
    others = order[np.argsort(fold[order], kind="stable")]
    for time, here in enumerate(there):
        moved[time, by_fold[here[by_fold]]] = labels.targets[time, others[here[others]]]
    return moved


def _scored(answers: Floats, labels: Labels, there: Bools, counted: Bools) -> Floats:
    """Scores (train time, test time) of answers (train time, test time, episode, output)."""
    scores = np.full(answers.shape[:2], np.nan)
    for time in np.flatnonzero(counted.any(axis=1)):
        told, true = answers[:, time, there[time]], labels.targets[time, there[time]]
        if labels.are_classes:
            right = told.argmax(axis=-1) == true.argmax(axis=-1)
            each = [right[:, true[:, k] == 1].mean(axis=1) for k in np.flatnonzero(counted[time])]
            scores[:, time] = np.mean(each, axis=0)
        else:
            missed = np.square(told - true).sum(axis=(1, 2))
            scores[:, time] = 1.0 - missed / np.square(true - true.mean(axis=0)).sum()
    return scores


def decoded_times(phases: NDArray[np.integer], most: int) -> Ints:
    """Which time steps are decoded, in order, of phases (…, time) that are -1 after an end.

    All that at least half of the episodes reach; where these are more than `most`, the first and
    last step of each phase (of most episodes), and others evenly between them.
    """
    flat = phases.reshape(-1, phases.shape[-1])
    reached = (flat >= 0).sum(axis=0)
    length = int((2 * reached >= max(len(flat), 1)).sum())
    if length <= most:
        return np.arange(length)
    typical = typical_phases(flat)[:length]
    changes = np.flatnonzero(np.diff(typical))
    edges = np.unique([0, length - 1, *changes, *(changes + 1)])
    if len(edges) >= most:
        return edges[_evenly(len(edges), most)]
    others = np.setdiff1d(np.arange(length), edges)
    return np.sort(np.concatenate([edges, others[_evenly(len(others), most - len(edges))]]))


def typical_phases(phases: NDArray[np.integer]) -> Ints:
    """The phase that most episodes are in at each time, of phases (…, time); -1 where all ended."""
    flat = phases.reshape(-1, phases.shape[-1])
    counts = np.array(
        [(flat == phase).sum(axis=0) for phase in range(int(flat.max(initial=0)) + 1)]
    )
    return np.where(counts.sum(axis=0) > 0, counts.argmax(axis=0), -1)


def _evenly(count: int, chosen: int) -> Ints:
    """So many places of `count`, the ends among them where there are two."""
    return np.round(np.linspace(0, count - 1, chosen)).astype(np.int64)
