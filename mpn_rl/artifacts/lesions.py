"""lesions.csv: what is left of an agent's answers when something is done to its memory."""

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

LESIONS = np.dtype(
    [
        ("seed", np.int64),
        ("intervention", "U64"),
        ("phase", "U32"),
        ("strength", np.float64),
        ("return", np.float64),
        ("correct", np.float64),
        ("follows_donor", np.float64),
        ("n", np.int64),
        ("control", "U64"),
        ("variable", "U32"),
    ]
)


def write_lesions(path: Path, table: Table) -> None:
    """Write a row per seed and intervention, means over `n` episodes.

    intervention `none` is the agent as it is. phase is a name of the task's, or `all`; strength is
    a share of the units, or a number of axes. correct is left empty where the task has no right
    answer, follows_donor where nothing was swapped. control names the intervention of the same
    phase and strength that this one is compared with, variable the task's one that it is about.
    """
    write_table(path, table, LESIONS)


def read_lesions(path: Path) -> pd.DataFrame:
    """Read the rows; numbers that are left empty are nan. ArtifactError if missing or damaged."""
    return read_table(path, LESIONS)
