"""pca.csv and pca_projection.npz: spectra and trajectories in principal-component space."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mpn_rl.artifacts.arrays import read_arrays, write_arrays
from mpn_rl.artifacts.tables import read_table, write_table

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1

COLUMNS = (
    "seed",
    "variable",
    "component",
    "variance",
    "variance_ratio",
    "cumulative_ratio",
    "participation_ratio",
)


def write_pca(path: Path, table: pd.DataFrame) -> None:
    """Write the spectra: one row per seed, variable (hidden or M) and component (from 1)."""
    write_table(path, table, COLUMNS)


def read_pca(path: Path) -> pd.DataFrame:
    """Read the spectra; ArtifactError if the file is missing or damaged."""
    return read_table(path, COLUMNS)


def write_projection(path: Path, projection: dict[str, NDArray[np.float32]]) -> None:
    """Write trajectories: hidden and, for plastic cores, M, each (seed, episode, time, 3)."""
    write_arrays(path, projection)


def read_projection(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read trajectories; ArtifactError if the file is missing or damaged."""
    return read_arrays(path, ("hidden",))
