"""The guard's table as it is kept, cell by cell."""

import json
import logging
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from benchmarks.guard_cells import Cell, all_cells, make_row
from benchmarks.guard_page import PAGE, TABLE, rewritten, verdict
from benchmarks.guard_rows import Row, rows_of, text_of
from benchmarks.turns import ROOT
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.errors import UserError

log = logging.getLogger(__name__)

MADE = ROOT / "results" / "guard"


def kept() -> dict[tuple[str, str], Row]:
    """The rows that are there, by task and core."""
    rows = rows_of(TABLE.read_text()) if TABLE.exists() else []
    return {(row["task"], row["core"]): row for row in rows}


def stale(cells: Sequence[Cell]) -> list[tuple[Cell, str]]:
    """The cells that the table does not have from the present code, each with its digest."""
    there = {key: row["code"] for key, row in kept().items()}
    coded = [(cell, cell.code()) for cell in cells]
    return [
        (cell, code) for cell, code in coded if there.get((cell.problem.name, cell.core)) != code
    ]


def make(cells: Sequence[tuple[Cell, str]], place: int) -> None:
    """Make a cell and keep its row in a file of its own."""
    cell, code = cells[place]
    named = f"{place + 1} of {len(cells)}: {cell.problem.name}, {cell.core}"
    try:
        row = make_row(cell, code)
    except UserError as error:
        log.warning("%s: left out, as %s", named, error)
        return
    atomic_write_text(_file(cell), json.dumps(row) + "\n")
    log.info("%s: %s", named, verdict(rows_of(text_of([row]))[0]))


def _file(cell: Cell) -> Path:
    named = f"{cell.problem.name} {cell.core}"
    return MADE / f"{sha256(named.encode()).hexdigest()[:12]}.json"


def gather() -> list[Row]:
    """Take rows that were made into the table, and write table and page; the rows."""
    rows, files = kept(), [file for cell in all_cells() if (file := _file(cell)).exists()]
    for file in files:
        row = json.loads(file.read_text())
        rows[row["task"], row["core"]] = row
    order = {(cell.problem.name, cell.core): place for place, cell in enumerate(all_cells())}
    known = sorted((key for key in rows if key in order), key=order.__getitem__)
    atomic_write_text(TABLE, text_of([rows[key] for key in known]))
    found = rows_of(TABLE.read_text())
    atomic_write_text(PAGE, rewritten(PAGE.read_text(), found))
    for file in files:
        file.unlink()
    return found
