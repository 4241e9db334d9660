"""generalisation.csv: an agent's answers where it has to remember for longer than in training."""

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

GENERALISATION = np.dtype(
    [
        ("seed", np.int64),
        ("parameter", "U32"),
        ("value", np.int64),
        ("condition", "U32"),
        ("return", np.float64),
        ("correct", np.float64),
        ("n", np.int64),
    ]
)


def write_generalisation(path: Path, table: Table) -> None:
    """Write a row per seed, value of the task's parameter and condition, means over n episodes.

    condition is `intact`, or `no writing`: nothing enters M while the agent has to remember.
    """
    write_table(path, table, GENERALISATION)


def read_generalisation(path: Path) -> pd.DataFrame:
    """Read the rows; correct is nan where nothing was judged. ArtifactError if damaged."""
    return read_table(path, GENERALISATION)
