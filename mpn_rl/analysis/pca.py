"""Principal components of hidden states and modulations."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from mpn_rl.artifacts.pca import COLUMNS

PROJECTED_COMPONENTS = 3


def participation_ratio(variance: NDArray[np.float64]) -> float:
    """Effective number of dimensions, PR = (sum_i v_i)^2 / sum_i v_i^2, on the full spectrum.

    variance: (component,), the eigenvalues of the covariance. 0 where nothing varies.
    Source: Gao et al. 2017, "A theory of multineuronal dimensionality", eq. 4.
    """
    total = float(np.square(variance).sum())
    return float(variance.sum()) ** 2 / total if total > 0 else 0.0


def principal_components(
    samples: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """All principal components of samples (sample, feature), each feature centred.

    Returns variance (component,) in falling order, components (component, feature) and the mean
    (feature,), with min(sample, feature) components.
    """
    samples = np.asarray(samples, np.float64)
    count, dim = samples.shape
    if count < 2 or np.ptp(samples, axis=0).max(initial=0.0) == 0.0:
        mean = samples.mean(axis=0) if count else np.zeros(dim)
        size = min(count, dim)
        return np.zeros(size), np.eye(size, dim), mean
    solver = "covariance_eigh" if count >= dim else "full"
    # on more threads LAPACK adds in another order, and the last digits would be the machine's
    with threadpool_limits(limits=1):
        pca = PCA(svd_solver=solver).fit(samples)
    return np.maximum(pca.explained_variance_, 0.0), pca.components_, pca.mean_


def analyse_trajectories(
    seeds: Sequence[int], lengths: NDArray[np.int64], values: NDArray[np.floating], name: str
) -> tuple[pd.DataFrame, NDArray[np.float32]]:
    """PCA of one recorded variable, seed by seed.

    lengths (seed, episode'), values (seed, episode, time, …) with nan padding; only the first
    `values.shape[1]` episodes are used. Returns the spectrum (the columns of pca.csv, `variable`
    being `name`) and the projection (seed, episode, time, 3) with nan padding; components that do
    not exist are 0.
    """
    tables = []
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
    if not tables:
        return pd.DataFrame({column: pd.Series(dtype=float) for column in COLUMNS}), projection
    return pd.concat(tables, ignore_index=True), projection


def _spectrum(seed: int, name: str, variance: NDArray[np.float64]) -> pd.DataFrame:
    total = variance.sum()
    ratio = variance / total if total > 0 else np.zeros_like(variance)
    return pd.DataFrame(
        {
            "seed": seed,
            "variable": name,
            "component": np.arange(1, len(variance) + 1),
            "variance": variance,
            "variance_ratio": ratio,
            "cumulative_ratio": np.cumsum(ratio),
            "participation_ratio": participation_ratio(variance),
        }
    )
