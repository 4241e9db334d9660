"""analyses/{analysis}.csv: what an analysis of the user's own found, with columns of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import read_whole
from mpn_rl.artifacts.tables import read_rows, write_table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1

LONGEST_TEXT = 64
TEXT = f"U{LONGEST_TEXT}"


def write_measured(path: Path, rows: NDArray[np.void]) -> None:
    """Write the rows (row,) with their columns, of which the first is the seed."""
    write_table(path, rows, rows.dtype)


def read_measured(path: Path, texts: Collection[str] = ()) -> pd.DataFrame:
    """Read seed and the analysis's own columns; ArtifactError if it is missing or damaged.

    The columns `texts` are texts, whatever these look like. Of the others those of whole numbers
    are int, those of other numbers float, and the rest texts.
    """
    import pandas as pd

    lines = io.StringIO(read_whole(path).decode("utf-8", errors="replace"), newline="")
    try:
        header, *rows = [*csv.reader(lines)] or [[]]
    except csv.Error as error:
        raise ArtifactError(f"{path}: is damaged: {error}") from error
    if header[:1] != ["seed"] or len({*header}) < len(header):
        raise ArtifactError(f"{path}: is damaged: its columns are {', '.join(header)[:200]}")
    columns = list(zip(*rows, strict=False)) or [()] * len(header)
    own = zip(header[1:], columns[1:], strict=False)
    kinds = [(name, TEXT if name in texts else _kind(cells)) for name, cells in own]
    # not by pandas, to which texts such as NA and None are no values
    return pd.DataFrame(read_rows(path, np.dtype([("seed", "i8"), *kinds])))


def texts_told(record: Mapping[str, Any] | None) -> list[str]:
    """The columns of texts, as the record of their analysis names them."""
    names = ((record or {}).get("facts") or {}).get("texts")
    return [*map(str, names)] if isinstance(names, list) else []


def _kind(cells: Iterable[str]) -> str:
    """The type of a column's cells, an empty one of which is nan or an empty text."""
    cells = [*cells]
    for kind, read in (("i8", int), ("f8", lambda cell: float(cell or "nan"))):
        with suppress(ValueError):
            if [*map(read, cells)]:
                return kind
    return TEXT if cells else "f8"
