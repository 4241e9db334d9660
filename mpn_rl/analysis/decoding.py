"""What can be read out of an agent linearly, at each time and across times.

Ridge regression in its dual form: a recording has a few hundred episodes but thousands of synapses,
so that products between episodes are all that is needed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]

# The ridge, as a share of the mean squared length of the centred training samples.
RIDGE = 1e-2


@dataclass(frozen=True)
class Labels:
    """What is decoded: targets (episode, output), and whether the outputs are classes.

    A class is one entry of 1 in its row; a quantity is one output.
    """

    targets: Floats
    are_classes: bool

    @classmethod
    def of(cls, values: NDArray[np.floating], most_classes: int = 10) -> "Labels":
        """Of values (episode,): classes where they are few whole numbers, else a quantity."""
        found = np.unique(values)
        if len(found) <= most_classes and (found == np.round(found)).all():
            return cls((values[:, None] == found).astype(np.float64), True)
        return cls(np.asarray(values, np.float64)[:, None], False)

    def shuffled(self, generator: np.random.Generator) -> "Labels":
        """The same labels of other episodes: the control."""
        return Labels(self.targets[generator.permutation(len(self.targets))], self.are_classes)


def balanced_folds(labels: Labels, folds: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """The fold (episode,) of each episode, so that classes are spread evenly over the folds."""
    order = generator.permutation(len(labels.targets))
    if labels.are_classes:
        order = order[np.argsort(labels.targets[order].argmax(axis=1), kind="stable")]
    fold = np.empty(len(order), np.int64)
    fold[order] = np.arange(len(order)) % folds
    return fold


def cross_temporal_scores(
    features: NDArray[np.floating], labels: Labels, fold: NDArray[np.int64]
) -> Floats:
    """How well a decoder trained at one time reads at another, (train time, test time).

    features (time, episode, feature); fold (episode,). With x̃ the features less their mean over the
    training episodes at the same time step, and y less its mean, the decoder of time s is

        f_s(x̃) = ỹᵀ (X̃_s X̃_sᵀ + r I)⁻¹ X̃_s x̃,    r = RIDGE · mean |x̃|²

    Centring at each step keeps what grows in all episodes alike from moving them across a border.
    The score is the mean share of right answers over classes (chance: one over their number), or
    R² of a quantity, on the episodes that were held out.
    """
    with threadpool_limits(limits=1):  # on more threads BLAS adds in another order
        flat = np.asarray(features, np.float64)
        products = np.einsum("sif,tjf->stij", flat, flat, optimize=True)
        predicted = np.zeros((*products.shape[:2], *labels.targets.shape))
        for number in np.unique(fold):
            held = fold == number
            predicted[:, :, held] = _predictions(products, labels.targets, held)
    return _scores(predicted, labels)


def _predictions(products: Floats, targets: Floats, held: NDArray[np.bool_]) -> Floats:
    """Of the held-out episodes (train time, test time, held, output), by the others."""
    train = ~held
    count = int(train.sum())
    # products of features that are centred by the training episodes' mean of their own time step
    of_first = products[:, :, train].mean(axis=2, keepdims=True)
    of_second = products[:, :, :, train].mean(axis=3, keepdims=True)
    both = of_first[:, :, :, train].mean(axis=3, keepdims=True)
    centred = products - of_first - of_second + both
    mean = targets[train].mean(axis=0)
    times = np.arange(len(products))
    within = centred[times, times][:, train][:, :, train]
    ridge = RIDGE * np.trace(within, axis1=1, axis2=2) / count
    # where nothing varies there is nothing to read: the decoder answers with the mean
    ridge[ridge == 0] = 1.0
    system = within + ridge[:, None, None] * np.eye(count)
    weights = np.linalg.solve(
        system, np.broadcast_to(targets[train] - mean, (len(times), count, targets.shape[1]))
    )
    across = centred[:, :, train][:, :, :, held]
    return mean + np.einsum("stih,sio->stho", across, weights, optimize=True)


def _scores(predicted: Floats, labels: Labels) -> Floats:
    targets = labels.targets
    if labels.are_classes:
        right = predicted.argmax(axis=-1) == targets.argmax(axis=-1)
        each = [right[:, :, targets[:, k] == 1].mean(axis=2) for k in range(targets.shape[1])]
        return np.mean(each, axis=0)
    missed = np.square(predicted - targets).sum(axis=(2, 3))
    total = np.square(targets - targets.mean(axis=0)).sum()
    return 1.0 - missed / total if total > 0 else np.zeros_like(missed)
