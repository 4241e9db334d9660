"""One look for every figure: a colour, a line and a marker per core, and files without a date."""

import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context, rc_params_from_file
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from mpn_rl.canvas import FAINT, look, printable

STYLE_FILE = Path(__file__).with_name("mpn_rl.mplstyle")


@dataclass(frozen=True)
class CoreStyle:
    """How one memory core is drawn: colour, and line and marker for print without colour."""

    color: str
    linestyle: Any
    marker: str


# CIE lightness 10, 24, 36, 51, 64 and 77, so that the cores differ in grey as well; the pale colour
# of mpn-frozen against the strong one of mpn says that something is taken away.
_CORES = {
    "mpn": CoreStyle("#a8123a", "-", "o"),
    "mpn-recurrent": CoreStyle("#6b0f5a", (0, (10, 1.5)), "P"),
    "mpn-frozen": CoreStyle("#f0b44c", (0, (5, 1.5)), "s"),
    "rnn": CoreStyle("#3fae8c", (0, (1, 1.2)), "^"),
    "gru": CoreStyle("#1f7fc4", (0, (6, 1.5, 1, 1.5)), "D"),
    "lstm": CoreStyle("#1c1046", (0, (4, 1.2, 1, 1.2, 1, 1.2)), "v"),
}
_FURTHER_COLORS = ("#7a3fa0", "#8c6d31", "#c07ab8", "#5b7b00", "#d2691e", "#5f6b7a", "#00707a")
_FURTHER_LINES = ((0, (8, 2)), (0, (2, 1)), (0, (8, 1.5, 2, 1.5)), (0, (3, 1, 1, 1)))
_FURTHER_MARKERS = ("d", "X", "<", ">", "p", "h", "*")


def core_style(core: str) -> CoreStyle:
    """Return the style of a core; unknown cores get one that depends on their name alone."""
    if core in _CORES:
        return _CORES[core]
    number = zlib.crc32(core.encode())
    return CoreStyle(
        _FURTHER_COLORS[number % len(_FURTHER_COLORS)],
        _FURTHER_LINES[number // 7 % len(_FURTHER_LINES)],
        _FURTHER_MARKERS[number // 28 % len(_FURTHER_MARKERS)],
    )


def ordered_cores(cores: Iterable[str]) -> list[str]:
    """Return distinct cores in the order of every legend: the known ones first, then by name."""
    places = {core: place for place, core in enumerate(_CORES)}
    return sorted(set(cores), key=lambda core: (places.get(core, len(places)), core))


@cache
def _style() -> Any:
    return rc_params_from_file(STYLE_FILE, False, False)


@contextmanager
def applied() -> Iterator[None]:
    """Draw with the project's style and nothing of the user's own matplotlibrc; decorates too."""
    with look(_style()):
        yield


def panels(
    figure: Figure,
    rows: int,
    columns: int,
    *,
    left: float = 0.65,
    right: float = 0.15,
    top: float = 0.3,
    bottom: float = 0.5,
    wspace: float = 0.7,
    hspace: float = 0.75,
) -> NDArray[Any]:
    """Add a grid of equal axes and return them (rows, columns).

    left, right, top, bottom: inches from the figure's edges to the outer axes; wspace, hspace:
    inches between axes. Automatic layout would be easier, but its solver's last digits differ
    from one process to the next, and with them the bytes of the file.
    """
    total = figure.get_size_inches()
    width = (total[0] - left - right - wspace * (columns - 1)) / columns
    height = (total[1] - top - bottom - hspace * (rows - 1)) / rows
    grid = np.empty((rows, columns), dtype=object)
    for row, column in np.ndindex(rows, columns):
        x = left + column * (width + wspace)
        y = total[1] - top - height - row * (height + hspace)
        box = (x / total[0], y / total[1], width / total[0], height / total[1])
        grid[row, column] = figure.add_axes(box)
    return grid


def heading(figure: Figure, text: str) -> None:
    """Write a figure's title at its upper left corner."""
    height = figure.get_size_inches()[1]
    figure.text(0.01, 1 - 0.2 / height, printable(text), fontsize=9, fontweight="bold")


def say(ax: Axes, text: str) -> None:
    """Write in the middle of a panel that there is nothing to draw."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", color=FAINT)


def foot_legend(figure: Figure, handles: Sequence[Artist], columns: int, y: float = 0.06) -> None:
    """Put a legend at the foot of the figure, `y` inches from its edge."""
    if handles:
        place = (0.5, y / figure.get_size_inches()[1])
        figure.legend(
            handles=handles,
            loc="lower center",
            bbox_to_anchor=place,
            ncols=min(len(handles), columns),
            borderaxespad=0.0,
        )


def step_axis(ax: Axes, ticks: int = 5) -> None:
    """Label the x axis as environment steps, with k and M for thousands and millions."""
    ax.xaxis.set_major_locator(MaxNLocator(ticks, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_count(value)))
    ax.set_xlabel("environment steps")


def short_count(value: float) -> str:
    """Return a count as a short text: 500, 2.5k, 80k, 1.2M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def figure_to_png_bytes(figure: Figure) -> bytes:
    """Return the figure as a PNG file without version or time: equal figures, equal bytes."""
    buffer = io.BytesIO()
    with applied():
        figure.savefig(
            buffer,
            format="png",
            metadata={"Software": None},
            pil_kwargs={"compress_level": 3},  # as small as by 6 here, in two thirds of the time
        )
    return buffer.getvalue()


def figure_to_svg(figure: Figure, letters: bool = False) -> str:
    """Return the figure as vectors, without version or time: equal figures, equal text.

    letters: text stays text, for whoever has the fonts; else it is drawn, and looks alike anywhere.
    """
    buffer = io.StringIO()
    settings: Any = {"svg.hashsalt": "mpn-rl", "svg.fonttype": "none" if letters else "path"}
    with applied(), rc_context(settings):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
