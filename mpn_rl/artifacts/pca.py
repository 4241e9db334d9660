"""pca.csv and pca_projection.npz: spectra and trajectories in principal-component space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.arrays import read_arrays, write_arrays
from mpn_rl.artifacts.tables import read_rows, read_table, write_table

if TYPE_CHECKING:
    import pandas as pd

    from mpn_rl.artifacts.tables import Table

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1

SPECTRUM = np.dtype(
    [
        ("seed", np.int64),
        ("variable", "U8"),
        ("component", np.int64),
        ("variance", np.float64),
        ("variance_ratio", np.float64),
        ("cumulative_ratio", np.float64),
        ("participation_ratio", np.float64),
    ]
)


def write_pca(path: Path, table: Table) -> None:
    """Write the spectra: one row per seed, variable (hidden or M) and component (from 1)."""
    write_table(path, table, SPECTRUM)


def read_pca(path: Path) -> pd.DataFrame:
    """Read the spectra; ArtifactError if the file is missing or damaged."""
    return read_table(path, SPECTRUM)


def read_spectra(path: Path) -> NDArray[np.void]:
    """Read the spectra as rows of SPECTRUM, without pandas; ArtifactError as `read_pca`."""
    return read_rows(path, SPECTRUM)


def write_projection(path: Path, projection: dict[str, NDArray[np.float32]]) -> None:
    """Write trajectories: hidden and, for plastic cores, M, each (seed, episode, time, 3)."""
    write_arrays(path, projection)


def read_projection(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read trajectories; ArtifactError if the file is missing or damaged."""
    return read_arrays(path, ("hidden",))
