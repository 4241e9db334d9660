"""A4 pages in landscape: headings, text that fits its place, tables. Lengths are in inches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from mpn_rl.canvas import FAINT, INK, new_figure, printable
from mpn_rl.figures.style import panels
from mpn_rl.sweep.summary.page_text import fitted, shortened, wrapped

WIDTH, HEIGHT = 11.69, 8.27
MARGIN = 0.55
TOP = HEIGHT - 1.25  # below the heading and its note
BOTTOM = 0.55  # above the footer
ROW = 0.205
SIZE = 8.0
PAGES_PER_SECTION = 12


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, width in inches, left or right."""

    title: str
    width: float
    align: str = "left"


@dataclass(frozen=True)
class Row:
    """A row of a table; a `heading` spans all columns with its one cell."""

    cells: Sequence[str]
    heading: bool = False
    color: str = INK


def new_page(heading: str, note: str = "") -> Figure:
    """Return a page with a heading and up to two lines that say how to read it."""
    figure = new_figure(WIDTH, HEIGHT)
    write(figure, MARGIN, HEIGHT - 0.5, heading, size=14, weight="bold", width=WIDTH - 2 * MARGIN)
    for number, line in enumerate(wrapped(note, WIDTH - 2 * MARGIN, SIZE, lines=2)):
        write(figure, MARGIN, HEIGHT - 0.78 - 0.17 * number, line, color="#555555")
    return figure


def page_panels(
    page: Figure,
    rows: int,
    columns: int,
    *,
    top: float = TOP,
    bottom: float = BOTTOM + 0.1,
    hspace: float = 0.85,
    wspace: float = 0.75,
) -> NDArray[Any]:
    """Add a grid of axes (rows, columns) between `bottom` and `top`, inches from the foot."""
    return panels(
        page,
        rows,
        columns,
        left=MARGIN + 0.6,
        right=MARGIN + 0.05,
        top=HEIGHT - top + 0.3,
        bottom=bottom + 0.4,
        hspace=hspace,
        wspace=wspace,
    )


def stamp(figure: Figure, name: str, number: int) -> Figure:
    """Write the footer: whose summary, and the page's number."""
    write(figure, MARGIN, 0.28, f"mpn-rl · {name}", size=7, color=FAINT, width=8.0)
    write(figure, WIDTH - MARGIN, 0.28, f"{number}", size=7, color=FAINT, align="right")
    return figure


def write(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    *,
    size: float = SIZE,
    weight: str = "normal",
    color: str = INK,
    align: str = "left",
    width: float | None = None,
    family: str = "DejaVu Sans",
) -> None:
    """Write one line with its baseline at (x, y), shortened to `width`."""
    shown = printable(text, family)
    if width is not None:
        shown = fitted(shown, width, size, weight, family)
    figure.text(
        x / WIDTH,
        y / HEIGHT,
        shown,
        fontsize=size,
        fontweight=weight,
        color=color,
        ha=align,
        va="baseline",
        family=family,
        parse_math=False,
    )


def rule(figure: Figure, x: float, y: float, width: float, weight: float = 0.5) -> None:
    """Draw a horizontal line."""
    ends = ([x / WIDTH, (x + width) / WIDTH], [y / HEIGHT, y / HEIGHT])
    figure.add_artist(Line2D(*ends, color=INK, linewidth=weight))


def draw_table(
    figure: Figure, x: float, y: float, columns: Sequence[Column], rows: Sequence[Row]
) -> float:
    """Draw a table down from (x, y) and return where it ends; cells are shortened to fit."""
    total = sum(column.width for column in columns)
    rule(figure, x, y, total, 0.9)
    y -= ROW
    _cells(figure, x, y + 0.06, columns, [column.title for column in columns], "bold", INK)
    rule(figure, x, y, total)
    for row in rows:
        y -= ROW
        if row.heading:
            write(
                figure,
                x,
                y + 0.05,
                row.cells[0],
                weight="bold",
                width=total,
                color=row.color,
            )
        else:
            _cells(figure, x, y + 0.05, columns, row.cells, "normal", row.color)
    rule(figure, x, y - 0.02, total, 0.9)
    return y - ROW


def _cells(
    figure: Figure,
    x: float,
    y: float,
    columns: Sequence[Column],
    cells: Sequence[str],
    weight: str,
    color: str,
) -> None:
    for column, cell in zip(columns, cells, strict=True):
        right = column.align == "right"
        place = x + column.width - 0.08 if right else x
        write(
            figure,
            place,
            y,
            cell,
            weight=weight,
            color=color,
            align=column.align,
            width=column.width - 0.1,
        )
        x += column.width


def panel_title(ax: Axes, text: str, size: float = 8.0) -> None:
    """Write a panel's title, shortened to its width."""
    width = ax.get_position().width * WIDTH
    ax.set_title(shortened(text, width, size), fontsize=size, parse_math=False)


def bounded(pages: Iterator[Figure], section: str) -> Iterator[Figure]:
    """Yield at most PAGES_PER_SECTION pages; the last then says where the rest is."""
    for number, page in enumerate(islice(pages, PAGES_PER_SECTION), start=1):
        if number == PAGES_PER_SECTION and next(pages, None) is not None:
            text = f"{section}: more pages would follow; all their numbers are in summary.csv"
            write(page, WIDTH / 2, 0.28, text, weight="bold", align="center")
        yield page
