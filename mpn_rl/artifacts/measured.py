"""analyses/{analysis}.csv: what an analysis of the user's own found, with columns of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import read_whole
from mpn_rl.artifacts.tables import read_table, write_table

if TYPE_CHECKING:
    import pandas as pd

    from mpn_rl.artifacts.tables import Table

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1


def write_measured(path: Path, table: Table, columns: tuple[str, ...]) -> None:
    """Write the columns, of which the first is the seed; nan is left empty."""
    write_table(path, table, columns)


def read_measured(path: Path) -> pd.DataFrame:
    """Read seed and the analysis's own columns; ArtifactError if it is missing or damaged."""
    header = read_whole(path).decode("utf-8", errors="replace").partition("\n")[0].split(",")
    if header[0] != "seed":
        raise ArtifactError(f"{path}: is damaged: its first column is not seed")
    return read_table(path, tuple(header))
