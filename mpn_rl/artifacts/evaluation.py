"""evaluation.csv: one row per greedy episode of a trained agent."""

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

PLAYED = np.dtype(
    [
        ("seed", np.int64),
        ("episode", np.int64),
        ("return", np.float64),
        ("length", np.int64),
        ("correct", np.float64),
    ]
)


def write_evaluation(path: Path, table: Table) -> None:
    """Write the episodes; `correct` is left empty where the task has no right answer."""
    write_table(path, table, PLAYED)


def read_evaluation(path: Path) -> pd.DataFrame:
    """Read the episodes: seed, episode, length int; return, correct float.

    correct is nan where the task has no right answer.
    """
    return read_table(path, PLAYED)
