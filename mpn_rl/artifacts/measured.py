"""analyses/{analysis}.csv: what an analysis of the user's own found, with columns of its own."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import read_whole
from mpn_rl.artifacts.tables import read_table, write_table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1


def write_measured(path: Path, rows: NDArray[np.void]) -> None:
    """Write the rows (row,) with their columns, of which the first is the seed."""
    write_table(path, rows, rows.dtype)


def read_measured(path: Path) -> pd.DataFrame:
    """Read seed and the analysis's own columns; ArtifactError if it is missing or damaged.

    Columns of whole numbers are int, those of other numbers float, all others texts.
    """
    lines = read_whole(path).decode("utf-8", errors="replace").splitlines()
    header, *rows = [*csv.reader(lines)] or [[]]
    if header[:1] != ["seed"] or len({*header}) < len(header):
        raise ArtifactError(f"{path}: is damaged: its columns are {', '.join(header)[:200]}")
    columns = list(zip(*rows, strict=False)) or [()] * len(header)
    kinds = [("seed", "i8"), *zip(header[1:], map(_kind, columns[1:]), strict=False)]
    return read_table(path, np.dtype(kinds))


def _kind(cells: Iterable[str]) -> str:
    """The type of a column's cells, an empty one of which is nan or an empty text."""
    cells = [*cells]
    for kind, read in (("i8", int), ("f8", lambda cell: float(cell or "nan"))):
        with suppress(ValueError):
            if [*map(read, cells)]:
                return kind
    return "U64" if cells else "f8"
