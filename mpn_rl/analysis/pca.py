"""Principal components of hidden states and modulations."""

from collections.abc import Sequence

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
    exact: Floats = np.asarray(samples, np.float64)
    count, dim = exact.shape
    if count < 2 or np.ptp(exact, axis=0).max(initial=0.0) == 0.0:
        mean = exact.mean(axis=0) if count else np.zeros(dim)
        size = min(count, dim)
        return np.zeros(size), np.eye(size, dim), mean
    mean = exact.mean(axis=0)
    # on more threads LAPACK adds in another order, and the last digits would be the machine's
    with threadpool_limits(limits=1):
        find = _of_covariance if count >= dim else _of_products
        variance, components = find(exact, mean)
    # their signs are arbitrary: the entry of largest magnitude is positive
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(len(components)), largest])
    return variance, components * signs[:, None], mean


def _of_covariance(samples: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues of the covariance, in falling order, and eigenvectors as rows.

    The product is centred afterwards, which spares a copy of the samples.
    """
    count = len(samples)
    covariance = (samples.T @ samples - count * mean[:, None] * mean[None, :]) / (count - 1)
    variance, components = np.linalg.eigh(covariance)
    return np.maximum(variance[::-1], 0.0), components.T[::-1]


def _of_products(samples: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """As `_of_covariance`, where there are fewer samples than features.

    The eigenvectors u of X Xᵀ, X (sample, feature) centred, give components Xᵀ u of the same
    eigenvalues; those without variance, up to rounding, are 0.
    """
    count, centred = len(samples), samples - mean
    squares, left = np.linalg.eigh(centred @ centred.T)
    squares = np.maximum(squares[::-1], 0.0)
    components = left.T[::-1] @ centred
    varies = squares > np.finfo(np.float64).eps * count * squares[0]
    components[~varies] = 0.0
    components[varies] /= np.linalg.norm(components[varies], axis=1, keepdims=True)
    return squares / (count - 1), components


def analyse_trajectories(
    seeds: Sequence[int], lengths: NDArray[np.int64], values: NDArray[np.floating], name: str
) -> tuple[NDArray[np.void], NDArray[np.float32]]:
    """PCA of one recorded variable, seed by seed.

    lengths (seed, episode'), values (seed, episode, time, …) with nan padding; only the first
    `values.shape[1]` episodes are used. Returns the spectrum (rows of SPECTRUM, `variable` being
    `name`) and the projection (seed, episode, time, 3) with nan padding; components that do
    not exist are 0.
    """
    tables = [np.zeros(0, SPECTRUM)]
    projection = np.full((*values.shape[:3], PROJECTED_COMPONENTS), np.nan, np.float32)
    for index, seed in enumerate(seeds):
        inside = np.arange(values.shape[2]) < lengths[index, : values.shape[1], None]
        samples = values[index].reshape(*values.shape[1:3], -1)[inside]
        variance, components, mean = principal_components(samples)
        kept = min(PROJECTED_COMPONENTS, len(components))
        projected = np.zeros((len(samples), PROJECTED_COMPONENTS))
        projected[:, :kept] = (samples - mean) @ components[:kept].T
        projection[index][inside] = projected
        tables.append(_spectrum(seed, name, variance))
    return np.concatenate(tables), projection


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
