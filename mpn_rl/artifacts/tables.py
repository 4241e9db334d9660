"""Reading and writing of .csv files with a fixed header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text

if TYPE_CHECKING:
    import pandas as pd

    # either has columns by name
    Table = pd.DataFrame | NDArray[np.void]


def write_table(path: Path, table: Table, columns: tuple[str, ...]) -> None:
    """Write the columns in this order; floats keep every digit, and nan is left empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(_written(table[name]) for name in columns), strict=True))
    atomic_write_text(path, text.getvalue())


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a table with just these columns; ArtifactError if it is missing or damaged."""
    import pandas as pd

    with _told(path):
        table = pd.read_csv(path)
    _check(path, tuple(table.columns), columns)
    return table


def read_rows(path: Path, kind: np.dtype[np.void]) -> NDArray[np.void]:
    """Read a table as rows (row,) of this kind, as `read_table` does, but without pandas.

    For processes that are short: importing pandas takes as long as reading fifty tables.
    """
    with _told(path), path.open(newline="", encoding="utf-8") as file:
        header, *rows = [tuple(row) for row in csv.reader(file)] or [()]
        _check(path, header, kind.names or ())
        return np.array(rows, kind)


def _written(column: Any) -> list[Any]:
    return ["" if value != value else value for value in column.tolist()]


def _check(path: Path, found: tuple[str, ...], columns: tuple[str, ...]) -> None:
    if found != columns:
        raise ArtifactError(f"{path}: is damaged: its columns are {', '.join(found)}")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, csv.Error) as error:
        raise ArtifactError(f"{path}: is damaged: {error}") from error
