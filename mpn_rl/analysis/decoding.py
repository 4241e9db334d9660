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
_DIGITS = 9


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
    score, control = np.full((2, len(there), len(there)), np.nan)
    shuffled = [_shuffled(labels, there, split.fold, order) for order in split.orders]
    wanted = np.stack([labels.targets, *shuffled], axis=3)
    # the last class is what the others leave
    free = wanted[:, :, :-1] if labels.are_classes else wanted
    if len(usable):
        answers = np.empty((len(usable), len(there), *free.shape[1:]))
        with threadpool_limits(limits=1):
            for held, told in _by_fold(recording, free, there, usable, split.fold, centred):
                answers[:, :, held] = told
        scored = _right if labels.are_classes else _explained
        found = scored(answers, wanted, there, counted)
        score[usable] = found[..., 0]
        if len(split.orders):
            control[usable] = found[..., 1:].mean(axis=2)
    numbers = counted.sum(axis=1)
    chance = 1 / np.maximum(numbers, 1) if labels.are_classes else np.zeros(len(there))
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
        train, held = there & (fold != number), np.flatnonzero(fold == number)
        weights, levels = _decoders(recording, wanted, train, usable)
        shape = (len(usable), *wanted.shape[2:])
        read = (recording.features[:, held] @ weights).reshape(len(there), len(held), *shape)
        at_mean = _means(recording.features, train) @ weights
        at_mean = at_mean.reshape(len(there), 1, *shape)
        if not centred:
            at_mean = at_mean[usable, 0, np.arange(len(usable))]
        yield held, (read - at_mean + levels.reshape(shape)).transpose(2, 0, 1, 3, 4)


def _decoders(
    recording: Recording, wanted: Floats, train: Bools, usable: Ints
) -> tuple[Floats, Floats]:
    """Weights (feature, decoder) and mean targets (train time, …) of every time, output, order.

    All times are solved at once: episodes that are over at one have a row of their own there.
    """
    rows = np.flatnonzero(train[usable].any(axis=0))
    here = train[usable][:, rows]
    count = np.maximum(here.sum(axis=1), 1)[:, None]
    targets = np.where(here[..., None, None], wanted[usable][:, rows], 0.0)
    targets = targets.reshape(*here.shape, -1)
    levels = targets.sum(axis=1, keepdims=True) / count[..., None]
    pairs = here[:, :, None] & here[:, None, :]
    products = np.where(pairs, recording.products[np.ix_(usable, rows, rows)], 0.0)
    of_each = products.sum(axis=2) / count
    of_all = of_each.sum(axis=1, keepdims=True) / count
    within = products - of_each[:, :, None] - of_each[:, None, :] + of_all[:, :, None]
    within = np.where(pairs, within, 0.0)
    length = np.trace(within, axis1=1, axis2=2)[:, None]
    # where nothing varies there is nothing to read: the decoder answers with the mean
    varies = length > _NOTHING * np.trace(products, axis1=1, axis2=2)[:, None]
    own = np.where(here & varies, RIDGE * length / count, 1.0)
    system = np.where(varies[:, :, None], within, 0.0) + own[:, :, None] * np.eye(len(rows))
    sought = np.where((here & varies)[..., None], targets - levels, 0.0)
    solved = np.zeros((len(usable), train.shape[1], targets.shape[2]))
    solved[:, rows] = np.linalg.solve(system, sought)
    weights = [recording.features[time].T @ each for time, each in zip(usable, solved, strict=True)]
    return np.concatenate(weights, axis=1), levels[:, 0]


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


def _right(answers: Floats, wanted: Floats, there: Bools, counted: Bools) -> Floats:
    """Shares of right answers (train time, test time, order), a mean over classes.

    answers (train time, test time, episode, output but the last, order).
    """
    last = 1.0 - answers.sum(axis=3, keepdims=True)
    # rounded, so that of equal answers the first is taken on every processor
    told = np.concatenate([answers, last], axis=3).round(_DIGITS).argmax(axis=3)
    right = (told == wanted.argmax(axis=2)).astype(np.float64)
    of_class = np.where(there[..., None, None] & counted[:, None, :, None], wanted, 0.0)
    hits = np.einsum("steo,teko->stko", right, of_class, optimize=True)
    shares = hits / np.maximum(of_class.sum(axis=1), 1)
    numbers = counted.sum(axis=1)[:, None]
    return np.where(numbers > 0, shares.sum(axis=2) / np.maximum(numbers, 1), np.nan)


def _explained(answers: Floats, wanted: Floats, there: Bools, counted: Bools) -> Floats:
    """R² (train time, test time, order) of answers (train time, test time, episode, 1, order)."""
    here, true = there[..., None], np.where(there[..., None], wanted[:, :, 0], 0.0)
    mean = true.sum(axis=1, keepdims=True) / np.maximum(here.sum(axis=1, keepdims=True), 1)
    missed = np.where(here, np.square(answers[:, :, :, 0] - true), 0.0).sum(axis=2)
    total = np.where(here, np.square(true - mean), 0.0).sum(axis=1)
    return np.where(counted, 1.0 - missed / np.where(counted, total, 1.0), np.nan)
