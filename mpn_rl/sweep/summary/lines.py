"""Pages of lines per core: learning curves, and sensitivity to hyper-parameters."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator

from mpn_rl.canvas import FAINT
from mpn_rl.figures.style import core_style, ordered_cores, short_count, step_axis
from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.levels import draw_levels, levels_legend
from mpn_rl.sweep.summary.page import HEIGHT, MARGIN, TOP, WIDTH, new_page, page_panels, panel_title
from mpn_rl.sweep.summary.page_text import shortened
from mpn_rl.sweep.summary.problems import METRIC_LABELS, of_problem, problem_title
from mpn_rl.sweep.summary.strips import metric_limits

QUANTITY_TITLES = {
    "validation_correct": ("Greedy validation", "fraction correct"),
    "validation_return": ("Greedy validation", "mean return"),
    "episode_return": ("Training (running mean of 100 episodes)", "return"),
}
MAX_POINTS = 1500  # seeds drawn in one panel
_PANELS = 6


def curve_pages(tables: SummaryTables) -> Iterator[Figure]:
    """Draw learning curves, a row of panels per problem and scope, two rows to a page."""
    note = (
        "IQM over seeds that did not fail; the band is its 95 % interval (none where seeds agree). "
        "Validation plays episodes of its own without exploration. Over all runs, settings count "
        "alike, good or bad."
    )
    rows = [
        (problem, scope)
        for problem in tables.problems()
        for scope in ("chosen", "all")
        if (of_problem(tables.curves, problem)["scope"] == scope).any()
    ]
    for first in range(0, len(rows), 2):
        page = new_page("Learning curves", note)
        grid = page_panels(page, 2, 3, top=TOP - 0.2, hspace=1.1)
        part = rows[first : first + 2]
        for ax in grid[len(part) :].flat:
            ax.remove()
        for axes, (problem, scope) in zip(grid, part, strict=False):
            table = of_problem(tables.curves, problem)
            table = table[table["scope"] == scope]
            named = "chosen run of each core" if scope == "chosen" else "all runs of each core"
            row_title(axes[0], f"{problem_title(problem)}: {named}")
            shown = [name for name in QUANTITY_TITLES if (table["quantity"] == name).any()]
            for ax, quantity in zip(axes, shown, strict=False):
                draw_bands(ax, table[table["quantity"] == quantity])
                title, label = QUANTITY_TITLES[quantity]
                step_axis(ax)
                ax.set_title(title)
                ax.set_ylabel(label)
                metric = "correct" if quantity == "validation_correct" else "return"
                metric_limits(ax, metric)
                draw_levels(ax, tables, problem, metric)
            for ax in axes[len(shown) :]:
                ax.remove()
        cores = {core for problem, _ in part for core in of_problem(tables.curves, problem)["core"]}
        core_legend(page, cores)
        levels_legend(page, tables)
        yield page


def sensitivity_pages(tables: SummaryTables) -> Iterator[Figure]:
    """Draw a panel for each numeric hyper-parameter swept, six to a page."""
    note = (
        "Each point is a seed of a run with that value, whatever else differs between its runs; "
        "lines are IQMs over all of them, bands 95 % intervals. A flat line belongs to a core that "
        "has not the hyper-parameter."
    )
    panels = list(
        dict.fromkeys(zip(tables.sensitivity["task"], tables.sensitivity["axis"], strict=True))
    )
    for first in range(0, len(panels), _PANELS):
        page = new_page("Sensitivity to hyper-parameters", note)
        grid = page_panels(page, 2, 3)
        part = panels[first : first + _PANELS]
        for ax in grid.flat[len(part) :]:
            ax.remove()
        for ax, (task, axis) in zip(grid.flat, part, strict=False):
            metric = tables.primary(task)
            found = [
                table[
                    (table["task"] == task) & (table["axis"] == axis) & (table["metric"] == metric)
                ]
                for table in (tables.sensitivity, tables.axis_points)
            ]
            draw_sensitivity(ax, *found)
            unit = tables.sweep.units.get(axis)
            ax.set_xlabel(f"{axis} ({unit})" if unit else axis)
            ax.set_ylabel(METRIC_LABELS[metric])
            panel_title(ax, task)
            metric_limits(ax, metric)
            alike = [problem for problem in tables.problems() if problem[0] == task]
            if len(alike) == 1:  # in another setting the levels are others
                draw_levels(ax, tables, alike[0], metric)
        levels_legend(page, tables)
        core_legend(page, {core for task, _ in part for core in _cores(tables.sensitivity, task)})
        yield page


def draw_bands(ax: Axes, table: pd.DataFrame) -> Axes:
    """Draw a line with a band per core: columns core, x, value, low, high."""
    for core in ordered_cores(table["core"]):
        style = core_style(core)
        own = table[(table["core"] == core) & table["x"].notna()].sort_values("x")
        x, low, high = (own[name].to_numpy(float) for name in ("x", "low", "high"))
        if np.isfinite(low).any():
            ax.fill_between(x, low, high, color=style.color, alpha=0.18, linewidth=0)
        ax.plot(
            x,
            own["value"],
            color=style.color,
            linestyle=style.linestyle,
            marker=style.marker,
            markevery=max(1, len(own) // 8),
            markersize=4,
            linewidth=1.5,
        )
    return ax


def draw_sensitivity(ax: Axes, lines: pd.DataFrame, points: pd.DataFrame) -> Axes:
    """Draw the score over one axis: lines with bands per core, and points per seed."""
    for core in ordered_cores(lines["core"]):
        style = core_style(core)
        without = lines[(lines["core"] == core) & lines["x"].isna()]["value"]
        for value in without.dropna():
            ax.axhline(value, color=style.color, linestyle=style.linestyle, linewidth=1.2)
        own = points[(points["core"] == core) & points["x"].notna()]
        if len(points) <= MAX_POINTS:
            ax.plot(
                own["x"],
                own["value"],
                linestyle="",
                marker=style.marker,
                color=style.color,
                markerfacecolor="none",
                markeredgewidth=0.7,
                markersize=3,
                alpha=0.7,
            )
    draw_bands(ax, lines)
    _value_axis(ax, np.sort(lines["x"].dropna().unique().astype(float)))
    if len(points) > MAX_POINTS:
        text = f"{len(points):,} seeds: points not drawn"
        ax.text(0.99, 0.02, text, transform=ax.transAxes, ha="right", fontsize=6.5, color=FAINT)
    return ax


def core_handles(cores: set[str]) -> list[Line2D]:
    """Return what a legend of cores shows."""
    return [
        Line2D(
            [],
            [],
            color=core_style(core).color,
            linestyle=core_style(core).linestyle,
            marker=core_style(core).marker,
            label=shortened(core, 1.0, 7.5),
        )
        for core in ordered_cores(cores)
    ]


def core_legend(page: Figure, cores: set[str]) -> None:
    """Put one legend of cores at the upper right of the page."""
    handles = core_handles(cores)
    page.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1 - MARGIN / WIDTH, 1 - 0.56 / HEIGHT),
        ncols=max(len(handles), 1),
        borderaxespad=0.0,
    )


def row_title(ax: Axes, text: str) -> None:
    """Write the title of a row of panels over its first."""
    ax.annotate(
        shortened(text, WIDTH - 2 * MARGIN, 9, "bold"),
        (0, 1),
        (-36, 24),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=9,
        fontweight="bold",
        annotation_clip=False,
        parse_math=False,
    )


def _value_axis(ax: Axes, values: np.ndarray) -> None:
    """Show swept values as ticks, on a logarithmic axis where they span it."""
    if len(values) > 1 and values[0] > 0 and values[-1] >= 8 * values[0]:
        ax.set_xscale("log")
        ax.xaxis.set_minor_locator(NullLocator())
    if 0 < len(values) <= 7:
        ax.set_xticks(values)
    ax.margins(x=0.06)
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: short_count(value) if value >= 1e4 else f"{value:g}")
    )


def _cores(table: pd.DataFrame, task: str) -> list[str]:
    return list(table.loc[table["task"] == task, "core"].unique())
