"""decoding.csv: how well variables of the task can be read out of recorded agents."""

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

DECODED = np.dtype(
    [
        ("seed", np.int64),
        ("variable", "U64"),
        ("source", "U8"),
        ("train_time", np.int64),
        ("test_time", np.int64),
        ("score", np.float64),
        ("control", np.float64),
        ("chance", np.float64),
        ("measure", "U8"),
        ("episodes", np.int64),
        ("train_phase", "U64"),
        ("test_phase", "U64"),
    ]
)


def write_decoding(path: Path, table: Table) -> None:
    """Write a row per seed, variable, source (M, h or x), time of training and time of test."""
    write_table(path, table, DECODED)


def read_decoding(path: Path) -> pd.DataFrame:
    """Read the scores; ArtifactError if the file is missing or damaged.

    seed, train_time, test_time, episodes int (times are steps from 0); score, control, chance
    float: accuracy or R², as `measure` (accuracy, r2) says.
    """
    return read_table(path, DECODED)
