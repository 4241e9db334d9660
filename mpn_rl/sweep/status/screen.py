"""The state of a sweep as a table for a terminal."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from mpn_rl.sweep.status.overview import STALE, Overview
from mpn_rl.sweep.status.rows import COLUMNS, header, left_out, names_of, rows
from mpn_rl.sweep.status.states import DONE, FAILED, RUNNING, WAITING

STYLES = {RUNNING: "cyan", FAILED: "red", STALE: "yellow", WAITING: "dim", DONE: "green"}
_NUMBERS = {"jobs", "steps", "steps/s", "left"}
_LOG_LINES = 4


def screen(overview: Overview, most: int | None = None) -> Group:
    """Lines on the whole, a row for each of at most `most` blocks, the ends of logs of failed ones.

    Columns without a word are left out.
    """
    found = rows(overview, most)
    used = [n for n, name in enumerate(COLUMNS) if any(row.cells[n] for row in found)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names_of(overview):
        table.add_column(name, no_wrap=True)
    for n in used:
        kept = COLUMNS[n] != "where and why"
        table.add_column(
            COLUMNS[n], justify="right" if COLUMNS[n] in _NUMBERS else "left", no_wrap=kept
        )
    for row in found:
        cells = (*row.name, *(row.cells[n] for n in used))
        table.add_row(*map(Text, cells), style=STYLES[row.kind])
    logs = [
        Text(f"{' '.join(row.name)}: {line}") for row in found for line in row.lines[-_LOG_LINES:]
    ]
    more = left_out(overview, found)
    return Group(*map(Text, header(overview)), table, *([Text(more)] if more else []), *logs)
