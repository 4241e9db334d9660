"""Several runs in one panel: curves with bands, and seeds as points."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from mpn_rl.figures.style import CoreStyle, core_style, step_axis

# For lines of one core, which its own colour could not tell apart (Okabe and Ito 2008).
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#222222", "#8a8a8a")
_LINES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
_MARKERS = "osD^vP*X"


@dataclass(frozen=True)
class Line:
    """A curve: its name and core; `table` has columns x (environment steps), value, low, high."""

    name: str
    core: str
    table: Any


def styles(cores: Mapping[str, str]) -> dict[str, CoreStyle]:
    """Return name → look, for names with their cores: a core's own where each has another core."""
    if len({*cores.values()}) == len(cores):
        return {name: core_style(core) for name, core in cores.items()}
    return {
        name: CoreStyle(
            _COLORS[k % len(_COLORS)],
            _LINES[k // len(_COLORS) % len(_LINES)],
            _MARKERS[k % len(_MARKERS)],
        )
        for k, name in enumerate(cores)
    }


def draw_lines(ax: Axes, lines: Sequence[Line], cores: Mapping[str, str] | None = None) -> None:
    """Draw curves over environment steps, each with a band from low to high where it has one.

    `cores` has those of all lines of a figure, so that each looks alike in every panel.
    """
    looks = styles(cores or {line.name: line.core for line in lines})
    for line in lines:
        style = looks[line.name]
        rows = line.table[["x", "value", "low", "high"]].to_numpy(float)
        x, value, low, high = rows[np.argsort(rows[:, 0])].T
        if np.isfinite(low).any():
            ax.fill_between(x, low, high, color=style.color, alpha=0.15, linewidth=0)
        every = max(1, len(x) // 8)
        look = asdict(style)
        ax.plot(x, value, markevery=every, markersize=4, linewidth=1.5, label=line.name, **look)
    step_axis(ax)


def draw_points(ax: Axes, columns: Mapping[str, Sequence[float]], cores: Mapping[str, str]) -> None:
    """Draw a column of points over each name, a seed each, with a bar at their mean."""
    looks = styles(cores)
    for place, (name, values) in enumerate(columns.items()):
        known, style = np.sort(np.asarray(values, float)), looks[name]
        spread = np.linspace(-0.16, 0.16, len(known)) if len(known) > 1 else np.zeros(len(known))
        look: Any = {"color": style.color, "marker": style.marker, "markerfacecolor": "none"}
        ax.plot(place + spread, known, linestyle="", markersize=4, **look)
        if len(known):
            ax.hlines(known.mean(), place - 0.25, place + 0.25, color=style.color, linewidth=1.5)
    ax.set_xticks(range(len(columns)), list(columns))
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.grid(visible=False, axis="x")
    for label in ax.get_xticklabels() if len(columns) > 3 else ():
        label.set(rotation=35, ha="right", rotation_mode="anchor")
