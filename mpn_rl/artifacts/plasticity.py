"""plasticity.csv: how large modulations are over an episode, and how many synapses change sign."""

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

QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
COURSE = np.dtype(
    [
        ("seed", np.int64),
        ("time", np.int64),
        ("phase", "U64"),
        ("episodes", np.int64),
        *((name, np.float64) for name in QUANTILES),
        ("flipped", np.float64),
    ]
)


def write_plasticity(path: Path, table: Table) -> None:
    """Write a row per seed, step since the episode's start (from 0) and phase.

    `episodes` are those that are in that phase then; q05 … q95 the quantiles of M over these and
    all synapses; `flipped` the share of synapses whose weight has the other sign than W.
    """
    write_table(path, table, COURSE)


def read_plasticity(path: Path) -> pd.DataFrame:
    """Read the course; ArtifactError if the file is missing or damaged."""
    return read_table(path, COURSE)
