"""What figures and rendered episodes share: a fresh canvas, colours of actions and of scales.

It stands apart from `mpn_rl.figures`, so that a change to a figure renders no episode anew.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib import colormaps, font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

INK = "#222222"
FAINT = "#8a8a8a"
SIGNED_COLORMAP = "RdBu_r"
DENSE = 60  # steps from which markers would run into each other

# Settings of the machine that runs, not of the look: left as they are.
_NOT_LOOK = frozenset({"backend", "backend_fallback", "interactive", "toolbar", "timezone"})


@contextmanager
def look(settings: Mapping[str, Any]) -> Iterator[None]:
    """Draw with matplotlib's defaults and these settings, and nothing of the user's own."""
    merged: Any = {**matplotlib.rcParamsDefault, **settings}
    with matplotlib.rc_context({k: v for k, v in merged.items() if k not in _NOT_LOOK}):
        yield


def new_figure(width: float, height: float, **kwargs: Any) -> Figure:
    """Return an empty figure of the given size in inches, known to no global state."""
    figure = Figure(figsize=(width, height), **kwargs)
    FigureCanvasAgg(figure)
    return figure


def action_colors(number: int) -> NDArray[np.float64]:
    """Return a colour (r, g, b, alpha) for each action, apart in lightness too: (number, 4)."""
    return colormaps["cividis"](np.linspace(0.05, 0.85, max(number, 1)))


def symmetric_limit(values: NDArray[np.floating]) -> float:
    """Return the largest finite magnitude, to scale colours from −limit to limit; 1 if it is 0."""
    finite = np.abs(values[np.isfinite(values)])
    limit = float(finite.max()) if finite.size else 0.0
    return limit if limit > 0 else 1.0


def name_synapses(ax: Axes, shape: tuple[int, ...], recurrent: bool) -> list[Artist]:
    """Label the columns of an M of this shape; return a line before those of recurrent ones."""
    ax.set_xlabel("input unit | hidden unit" if recurrent else "input unit")
    place = shape[1] - shape[0] - 0.5
    return [ax.axvline(place, color=INK, linewidth=0.8)] if recurrent else []


@lru_cache(maxsize=4)
def _glyphs(family: str) -> frozenset[int]:
    path = font_manager.findfont(family, fallback_to_default=True)
    return frozenset(font_manager.get_font(path).get_charmap())


def printable(text: str, family: str = "DejaVu Sans") -> str:
    """Return text in which what the font cannot draw is replaced by '?', tabs by spaces."""
    known = _glyphs(family)
    return "".join(
        letter if ord(letter) in known and letter.isprintable() else "?"
        for letter in text.expandtabs(4)
    )
