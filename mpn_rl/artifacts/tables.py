"""Reading and writing of .csv files with a fixed header."""

from pathlib import Path

import pandas as pd

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text


def write_table(path: Path, table: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """Write the columns in this order; floats keep every digit."""
    atomic_write_text(path, table[list(columns)].to_csv(index=False, lineterminator="\n"))


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a table with just these columns; ArtifactError if it is missing or damaged."""
    try:
        table = pd.read_csv(path)
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ArtifactError(f"{path}: is damaged: {error}") from error
    if tuple(table.columns) != columns:
        raise ArtifactError(f"{path}: is damaged: its columns are {', '.join(table.columns)}")
    return table
