"""How many dimensions a core's activity fills: cumulative variance, participation ratios."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mpn_rl.figures.style import core_style, ordered_cores
from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.lines import core_legend, draw_bands, row_title
from mpn_rl.sweep.summary.page import TOP, new_page, page_panels
from mpn_rl.sweep.summary.page_text import shortened
from mpn_rl.sweep.summary.problems import Problem, of_problem, problem_title
from mpn_rl.sweep.summary.strips import slant

VARIABLE_TITLES = {"hidden": "Hidden activity h", "M": "Modulations M"}


def dimension_pages(tables: SummaryTables) -> Iterator[Figure]:
    """Draw cumulative variance of h and of M and participation ratios, two problems to a page."""
    note = (
        "Principal components of the chosen runs' activity in greedy episodes, of each seed by "
        "itself; lines are IQMs over seeds, bands 95 % intervals. Participation ratio (Σv)²/Σv² "
        "over the whole spectrum: the number of dimensions that the activity fills."
    )
    problems = [p for p in tables.problems() if len(of_problem(tables.variance, p))]
    for first in range(0, len(problems), 2):
        page = new_page("Dimensions of the activity", note)
        grid = page_panels(page, 2, 3, top=TOP - 0.2, hspace=1.1)
        part = problems[first : first + 2]
        for ax in grid[len(part) :].flat:
            ax.remove()
        for axes, problem in zip(grid, part, strict=False):
            row_title(axes[0], problem_title(problem))
            _draw_dimensions(axes, tables, problem)
        core_legend(page, {c for p in part for c in of_problem(tables.variance, p)["core"]})
        yield page


def _draw_dimensions(axes: Sequence[Axes], tables: SummaryTables, problem: Problem) -> None:
    left, middle, right = axes
    variance = of_problem(tables.variance, problem)
    for ax, variable in ((left, "hidden"), (middle, "M")):
        table = variance[variance["variable"] == variable]
        if not len(table):
            ax.remove()
            continue
        draw_bands(ax, table)
        ax.set_title(VARIABLE_TITLES[variable])
        ax.set_xlabel("number of principal components")
        ax.set_ylabel("cumulative fraction of variance")
        ax.set_ylim(0, 1.05)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ratios = of_problem(tables.participation, problem)
    _draw_ratios(right, ratios)


def _draw_ratios(ax: Axes, ratios: pd.DataFrame) -> None:
    """Draw the participation ratio of every seed, a column per core and variable."""
    columns = [
        (core, variable)
        for variable in VARIABLE_TITLES
        for core in ordered_cores(ratios["core"])
        if ((ratios["core"] == core) & (ratios["variable"] == variable)).any()
    ]
    for place, (core, variable) in enumerate(columns):
        style = core_style(core)
        own = ratios[(ratios["core"] == core) & (ratios["variable"] == variable)]["value"]
        spread = np.linspace(-0.15, 0.15, len(own)) if len(own) > 1 else np.zeros(len(own))
        ax.plot(
            place + spread,
            own.sort_values(),
            linestyle="",
            marker=style.marker,
            color=style.color,
            markerfacecolor="none" if variable == "hidden" else style.color,
        )
    names = [
        f"{shortened(core, 0.8, 7.5)}, {'h' if variable == 'hidden' else 'M'}"
        for core, variable in columns
    ]
    ax.set_xticks(range(len(columns)), names)
    if len(columns) > 3:
        slant(ax)
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.set_ylim(0, max(1.08 * ratios["value"].max(), 1e-3) if len(columns) else 1)
    ax.set_title("Participation ratio, a point per seed")
    ax.set_ylabel("dimensions")
    ax.grid(visible=False, axis="x")
