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
from mpn_rl.artifacts.files import atomic_write_text, read_whole

if TYPE_CHECKING:
    import pandas as pd

    # either has columns by name
    Table = pd.DataFrame | NDArray[np.void]


def write_table(path: Path, table: Table, kind: np.dtype[np.void]) -> None:
    """Write the columns of `kind`, a type of rows; floats keep every digit, nan is left empty."""
    text, columns = io.StringIO(), kind.names or ()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(_written(table[name]) for name in columns), strict=True))
    atomic_write_text(path, text.getvalue())


def read_table(path: Path, kind: np.dtype[np.void]) -> pd.DataFrame:
    """Read a table with just the columns of `kind`, a type of rows.

    An empty cell is nan, of texts an empty one. ArtifactError if the file is missing or damaged.
    """
    import pandas as pd

    kinds = {name: kind[name].kind for name in kind.names or ()}
    texts = {name: str for name, letter in kinds.items() if letter == "U"}
    # a phase may be called null, or 01, which pandas would take for no value, or for a number
    empty = {name: [""] for name in kinds if name not in texts}
    with _told(path):
        data = io.BytesIO(read_whole(path))
        table = pd.read_csv(data, dtype=texts, keep_default_na=False, na_values=empty)
    _check(path, tuple(table.columns), (*kinds,))
    if not isinstance(table.index, pd.RangeIndex):
        raise ArtifactError(f"{path}: is damaged: its rows are longer than its header")
    for name, letter in kinds.items():
        allowed = {"i": "i", "f": "iuf"}.get(letter)
        if allowed and table[name].dtype.kind not in allowed and not table.empty:
            what = "whole numbers" if letter == "i" else "numbers"
            raise ArtifactError(f"{path}: is damaged: column {name} holds more than {what}")
    floats = {name: float for name, letter in kinds.items() if letter == "f"}
    return table.fillna(dict.fromkeys(texts, "")).astype(floats)


def read_rows(path: Path, kind: np.dtype[np.void]) -> NDArray[np.void]:
    """Read a table as rows (row,) of this kind, as `read_table` does, but without pandas.

    For processes that are short: importing pandas takes as long as reading fifty tables.
    """
    with _told(path):
        text = io.StringIO(read_whole(path).decode("utf-8"), newline="")
        header, *rows = [tuple(row) for row in csv.reader(text)] or [()]
        _check(path, header, kind.names or ())
        empty = ["nan" if kind[name].kind == "f" else "" for name in header]
        filled = [map(_or, row, empty) for row in rows if len(row) == len(empty)]
        if len(filled) < len(rows):
            raise ArtifactError(f"{path}: is damaged: its rows are not as long as its header")
        return np.array([tuple(row) for row in filled], kind)


def _or(cell: str, empty: str) -> str:
    return cell or empty


def _written(column: Any) -> list[Any]:
    return ["" if value != value else value for value in column.tolist()]


def _check(path: Path, found: tuple[str, ...], columns: tuple[str, ...]) -> None:
    if found != columns:
        raise ArtifactError(f"{path}: is damaged: its columns are {', '.join(found)[:200]}")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except ArtifactError:
        raise
    except Exception as error:  # pandas raises much for bytes that are no table
        raise ArtifactError(f"{path}: is damaged: {error}") from error
