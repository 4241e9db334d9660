"""references.csv: what agents that learn nothing reach on a task, beside the trained ones."""

from pathlib import Path

import pandas as pd

from mpn_rl.artifacts.tables import read_table, write_table

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1

NAME = "references.csv"
COLUMNS = ("agent", "return", "correct", "num_episodes", "parameters")


def references_of(experiment: Path) -> Path:
    """Where the table of an experiment directory lies."""
    # Not in `Experiment`, which training imports too: no training depends on this file.
    return experiment / NAME


def write_references(path: Path, table: pd.DataFrame) -> None:
    """Write a row per agent; return and correct are left empty where they are not known."""
    write_table(path, table.astype({"num_episodes": "Int64", "parameters": "Int64"}), COLUMNS)


def read_references(path: Path) -> pd.DataFrame:
    """Read the agents: agent str; return, correct float (nan: unknown); the others Int64.

    num_episodes 0: known without playing; parameters missing: the agent has learnt none.
    """
    table = read_table(path, COLUMNS).astype({"return": float, "correct": float})
    return table.astype({"num_episodes": "Int64", "parameters": "Int64"})
