"""Levels to read a score by: thin grey lines of agents that learn nothing."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mpn_rl.canvas import FAINT
from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.page import HEIGHT, MARGIN, WIDTH
from mpn_rl.sweep.summary.problems import Problem, of_problem

# One grey and three line styles, so that no level looks like a core.
LINES: dict[str, Any] = {"random": (0, (1, 2)), "memoryless": (0, (4, 2)), "oracle": "-"}
NAMES = {"random": "random", "memoryless": "best memoryless", "oracle": "oracle"}


def level(tables: SummaryTables, problem: Problem, agent: str, metric: str) -> float | None:
    """Return what an agent reaches, or None if that is not known."""
    own = of_problem(tables.references, problem)
    values = own.loc[(own["agent"] == agent) & (own["metric"] == metric), "value"]
    return float(values.iloc[0]) if len(values) else None


def draw_levels(
    ax: Axes, tables: SummaryTables, problem: Problem, metric: str, vertical: bool = False
) -> None:
    """Draw the known levels across the panel; `vertical` where scores run along x."""
    for agent in LINES:
        value = level(tables, problem, agent, metric)
        if value is not None:
            draw_level(ax, agent, value, vertical)


def draw_level(ax: Axes, agent: str, value: float, vertical: bool = False) -> None:
    """Draw one level, under everything but the grid."""
    draw = ax.axvline if vertical else ax.axhline
    draw(value, color=FAINT, linestyle=LINES[agent], linewidth=0.9, zorder=0.9)


def levels_legend(page: Figure, tables: SummaryTables) -> None:
    """Put the legend of known levels at the upper right corner of the page, above the cores'."""
    known = set(tables.references["agent"])
    handles = [
        Line2D([], [], color=FAINT, linestyle=LINES[agent], linewidth=0.9, label=NAMES[agent])
        for agent in LINES
        if agent in known
    ]
    if handles:
        page.legend(
            handles=handles,
            loc="lower right",
            bbox_to_anchor=(1 - MARGIN / WIDTH, 1 - 0.38 / HEIGHT),
            ncols=len(handles),
            borderaxespad=0.0,
        )
