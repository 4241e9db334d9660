"""Principal components of hidden states and modulations."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mpn_rl.artifacts.pca import SPECTRUM

PROJECTED_COMPONENTS = 3

Floats = NDArray[np.float64]


def participation_ratio(variance: NDArray[np.float64]) -> float:
    """Effective number of dimensions, PR = (sum_i v_i)^2 / sum_i v_i^2, on the full spectrum.

    variance: (component,), the eigenvalues of the covariance. 0 where nothing varies.
    Source: Gao et al. 2017, "A theory of multineuronal dimensionality", eq. 4.
    """
    total = float(np.square(variance).sum())
    return float(variance.sum()) ** 2 / total if total > 0 else 0.0


def principal_components(
    samples: NDArray[np.floating],
) -> tuple[Floats, Floats, Floats]:
    """All principal components of samples (sample, feature), each feature centred.

    Returns variance (component,) in falling order, components (component, feature) and the mean
    (feature,), with min(sample, feature) components, 0 where nothing varies along a further one.
    """
    return streamed_components(lambda: [samples], *samples.shape)


def streamed_components(
    blocks: Callable[[], Iterable[NDArray[np.floating]]],
    count: int,
    dim: int,
    kept: int | None = None,
) -> tuple[Floats, Floats, Floats]:
    """As `principal_components`, of `count` samples that come in blocks (sample, feature).

    At most about `dim` samples are held at a time. Of the components only the first `kept` are
    found.
    """
    if count < 2:
        mean = next((np.asarray(b[0], np.float64) for b in blocks() if len(b)), np.zeros(dim))
        return np.zeros(min(count, dim)), np.eye(min(count, dim), dim)[:kept], mean
    # on more threads LAPACK adds in another order, and the last digits would be the machine's
    with threadpool_limits(limits=1):
        find = _of_covariance if count >= dim else _of_products
        variance, components, mean = find(_gathered(blocks(), dim), count, dim, kept)
    # their signs are arbitrary: the entry of largest magnitude is positive
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(len(components)), largest])
    return variance, components * signs[:, None], mean


def _gathered(blocks: Iterable[NDArray[np.floating]], most: int) -> Iterator[Floats]:
    """Samples in larger blocks, of about `most` each: one product of many costs less than many."""
    held: list[Floats] = []
    for block in blocks:
        for first in range(0, len(block), most):
            held.append(np.asarray(block[first : first + most], np.float64))
            if sum(map(len, held)) >= most:
                yield np.concatenate(held)
                held = []
    if held:
        yield np.concatenate(held)


def _of_covariance(
    blocks: Iterable[Floats], count: int, dim: int, kept: int | None
) -> tuple[Floats, Floats, Floats]:
    """Eigenvalues of the covariance, in falling order, eigenvectors as rows, and the mean.

    Samples are centred by the first one, which spares another way through them.
    """
    products, total = np.zeros((dim, dim)), np.zeros(dim)
    first: Floats | None = None
    for block in blocks:
        first = block[0].copy() if first is None else first
        block -= first
        total += block.sum(axis=0)
        products += block.T @ block
    assert first is not None
    products -= np.outer(total, total / count)
    if not products.any():
        return np.zeros(dim), np.eye(dim)[:kept], first
    variance, components = np.linalg.eigh(products / (count - 1))
    return np.maximum(variance[::-1], 0.0), components.T[::-1][:kept], first + total / count


def _of_products(
    blocks: Iterable[Floats], count: int, dim: int, kept: int | None
) -> tuple[Floats, Floats, Floats]:
    """As `_of_covariance`, where there are fewer samples than features.

    The eigenvectors u of X Xᵀ, X (sample, feature) centred, give components Xᵀ u of the same
    eigenvalues; those without variance, up to rounding, are 0.
    """
    samples = np.concatenate([*blocks])
    mean = samples.mean(axis=0)
    if np.ptp(samples, axis=0).max() == 0.0:
        return np.zeros(count), np.eye(count, dim)[:kept], mean
    centred = samples - mean
    squares, left = np.linalg.eigh(centred @ centred.T)
    squares = np.maximum(squares[::-1], 0.0)
    components = left.T[::-1][:kept] @ centred
    varies = squares[:kept] > np.finfo(np.float64).eps * count * squares[0]
    components[~varies] = 0.0
    components[varies] /= np.linalg.norm(components[varies], axis=1, keepdims=True)
    return squares / (count - 1), components, mean


def analyse_trajectories(
    seed: int,
    name: str,
    lengths: NDArray[np.int64],
    steps: Callable[[], Iterable[NDArray[np.floating]]],
    dim: int,
) -> tuple[NDArray[np.void], NDArray[np.float32]]:
    """PCA of one recorded variable of one seed, in two ways through its steps.

    lengths (episode,); `steps()` gives, of each step of the longest episode, values (episode, …) of
    `dim` numbers each; those of episodes that are over do not count. Returns the spectrum (rows of
    SPECTRUM, `variable` being `name`) and the projection (episode, time, 3) with nan padding;
    components that do not exist are 0.
    """

    def running() -> Iterator[NDArray[np.floating]]:
        for time, values in enumerate(steps()):
            yield values.reshape(len(lengths), dim)[lengths > time]

    variance, kept, mean = streamed_components(
        running, int(lengths.sum()), dim, PROJECTED_COMPONENTS
    )
    projection = np.full((len(lengths), lengths.max(initial=0), PROJECTED_COMPONENTS), np.nan)
    for time, values in enumerate(running()):
        projection[lengths > time, time] = 0.0
        projection[lengths > time, time, : len(kept)] = (values - mean) @ kept.T
    return _spectrum(seed, name, variance), projection.astype(np.float32)


def _spectrum(seed: int, name: str, variance: Floats) -> NDArray[np.void]:
    total = variance.sum()
    ratio = variance / total if total > 0 else np.zeros_like(variance)
    table = np.zeros(len(variance), SPECTRUM)
    table["seed"], table["variable"] = seed, name
    table["component"] = np.arange(1, len(variance) + 1)
    table["variance"], table["variance_ratio"] = variance, ratio
    table["cumulative_ratio"] = np.cumsum(ratio)
    table["participation_ratio"] = participation_ratio(variance)
    return table
