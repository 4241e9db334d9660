"""fixed_points.csv and timescales.csv: where memories come to rest, and how long they last."""

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

POINTS = np.dtype(
    [
        ("seed", np.int64),
        ("phase", "U64"),
        ("unit", np.int64),
        ("h", np.float64),
        ("multiplier", np.float64),
        ("stable", np.int64),
        ("lambda", np.float64),
        ("share", np.float64),
        ("holds", "U256"),
    ]
)
TIMESCALES = np.dtype(
    [
        ("seed", np.int64),
        ("phase", "U64"),
        ("eta", np.float64),
        ("lambda", np.float64),
        ("tau", np.float64),
        ("effective_tau", np.float64),
        ("bistable_units", np.float64),
        ("holding_units", np.float64),
        ("swinging_units", np.float64),
        ("swinging_holding_units", np.float64),
        ("stable_points", np.float64),
        ("holds", "U256"),
        ("growth_per_step", np.float64),
        ("horizon", np.float64),
        ("horizon_without_writing", np.float64),
    ]
)


def write_fixed_points(path: Path, table: Table) -> None:
    """Write the points: a row of POINTS each, of a hidden unit or (unit -1) of the whole core."""
    write_table(path, table, POINTS)


def read_fixed_points(path: Path) -> pd.DataFrame:
    """Read the points; ArtifactError if the file is missing or damaged."""
    return read_table(path, POINTS)


def write_timescales(path: Path, table: Table) -> None:
    """Write the timescales: a row of TIMESCALES per seed and phase."""
    write_table(path, table, TIMESCALES)


def read_timescales(path: Path) -> pd.DataFrame:
    """Read the timescales; ArtifactError if the file is missing or damaged."""
    return read_table(path, TIMESCALES)
