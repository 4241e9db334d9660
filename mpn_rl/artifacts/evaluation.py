"""evaluation.csv: one row per greedy episode of a trained agent."""

from pathlib import Path

import pandas as pd

from mpn_rl.artifacts.tables import read_table, write_table

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1

COLUMNS = ("seed", "episode", "return", "length", "correct")


def write_evaluation(path: Path, table: pd.DataFrame) -> None:
    """Write the episodes; `correct` is left empty where the task has no right answer."""
    write_table(path, table, COLUMNS)


def read_evaluation(path: Path) -> pd.DataFrame:
    """Read the episodes: seed, episode, length int; return, correct float.

    correct is nan where the task has no right answer.
    """
    return read_table(path, COLUMNS).astype({"return": float, "correct": float})
