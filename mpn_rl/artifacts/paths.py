"""paths.csv: mean paths of recorded episodes through principal components, by what they were."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mpn_rl.artifacts.tables import read_table, write_table

if TYPE_CHECKING:
    import pandas as pd

    from mpn_rl.artifacts.tables import Table

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1

PATHS = np.dtype(
    [
        ("seed", np.int64),
        ("state", "U8"),
        ("variable", "U64"),
        ("level", np.float64),
        ("time", np.int64),
        ("pc_1", np.float64),
        ("pc_2", np.float64),
        ("n", np.int64),
    ]
)


def write_paths(path: Path, table: Table) -> None:
    """Write a row per seed, state (hidden or M), variable of the task, value (level) and step.

    pc_1 and pc_2 are means over the `n` episodes of that value that are not over.
    """
    write_table(path, table, PATHS)


def read_paths(path: Path) -> pd.DataFrame:
    """Read the means; ArtifactError if the file is missing or damaged."""
    return read_table(path, PATHS)
