"""The state of a sweep as a table for a terminal."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from mpn_rl.sweep.status.overview import STALE, Overview
from mpn_rl.sweep.status.rows import COLUMNS, header, left_out, names_of, rows
from mpn_rl.sweep.status.states import DONE, FAILED, HELD, RUNNING, WAITING

STYLES = {
    RUNNING: "cyan",
    FAILED: "red",
    HELD: "magenta",
    STALE: "yellow",
    WAITING: "dim",
    DONE: "green",
}
_NUMBERS = {"jobs", "steps", "steps/s", "left"}
_LOG_LINES = 4
_GAP = 2
# What names of parameters, and the reason at the end, keep of their width in a narrow terminal.
_LEAST_NAME, _LEAST_REASON = 9, 24
# These are left out then, in this order.
_LESSER = ("jobs", "steps/s", "left", "return", "steps")


def screen(overview: Overview, most: int | None = None, width: int = 400) -> Group:
    """Lines on the whole, a row for each of at most `most` blocks, the ends of logs of failed ones.

    Columns without a word are left out, and in a narrow terminal some of the numbers.
    """
    found = rows(overview, most)
    names = names_of(overview)
    lines = [[*names, *COLUMNS], *([*row.name, *row.cells] for row in found)]
    used = _fitting([*zip(*lines, strict=True)], len(names), width)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for n, size in used.items():
        name, kept = lines[0][n], n + 1 < len(lines[0])
        table.add_column(
            name, justify="right" if name in _NUMBERS else "left", no_wrap=kept, width=size
        )
    for row, cells in zip(found, lines[1:], strict=True):
        table.add_row(*(Text(cells[n]) for n in used), style=STYLES[row.kind])
    logs = [
        Text(f"{' '.join(row.name)}: {line}") for row in found for line in row.lines[-_LOG_LINES:]
    ]
    more = left_out(overview, found)
    return Group(*map(Text, header(overview)), table, *([Text(more)] if more else []), *logs)


def _fitting(columns: Sequence[Sequence[str]], names: int, width: int) -> dict[int, int]:
    """Number → width of the columns to show; of the first `names` and the last the widest give way
    first."""
    sizes = {n: max(map(cell_len, column)) for n, column in enumerate(columns) if any(column[1:])}
    least = dict.fromkeys(range(names), _LEAST_NAME) | {len(columns) - 1: _LEAST_REASON}

    def excess() -> int:
        return sum(sizes.values()) + _GAP * (len(sizes) - 1) - width

    while excess() > 0 and (long := [n for n in sizes if sizes[n] > least.get(n, width)]):
        sizes[max(long, key=lambda n: sizes[n])] -= 1
    for name in _LESSER:
        if excess() > 0:
            sizes.pop(names + COLUMNS.index(name), None)
    return sizes
