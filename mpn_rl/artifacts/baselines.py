"""baselines/{setting}.csv: what agents that learn nothing reach on a task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.tables import read_table, write_table

if TYPE_CHECKING:
    import pandas as pd

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 2

BASELINES = np.dtype(
    [
        ("agent", "U16"),
        ("return", np.float64),
        ("correct", np.float64),
        ("num_episodes", np.float64),  # empty where it is not known
    ]
)


def write_baselines(path: Path, table: pd.DataFrame) -> None:
    """Write a row per agent; return and correct are left empty where they are not known."""
    write_table(path, table.astype({"num_episodes": "Int64"}), BASELINES)


def read_baselines(path: Path) -> pd.DataFrame:
    """Read the agents: agent str; return, correct float (nan: unknown); num_episodes Int64.

    num_episodes 0: known without playing.
    """
    table = read_table(path, BASELINES)
    try:
        return table.astype({"num_episodes": "Int64"})
    except (TypeError, ValueError) as error:
        raise ArtifactError(f"{path}: is damaged: {error}") from error
