"""Cores side by side: every seed as a point, IQMs with intervals, and paired gaps."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mpn_rl.canvas import FAINT
from mpn_rl.figures.style import core_style, ordered_cores
from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.levels import draw_levels, levels_legend
from mpn_rl.sweep.summary.page import BOTTOM, TOP, new_page, page_panels, panel_title
from mpn_rl.sweep.summary.page_text import shortened
from mpn_rl.sweep.summary.problems import (
    METRIC_LABELS,
    SCORE_NOTE,
    Problem,
    of_problem,
    problem_title,
)

STRIPS_PER_PAGE = 8


def draw_strip(ax: Axes, scores: pd.DataFrame, summary: pd.DataFrame) -> Axes:
    """Draw seeds as points beside each core's IQM and interval.

    scores: core, value, status of every seed; summary: core, value, low, high. Seeds that
    failed or never answered stand as a count under the core's name.
    """
    cores = ordered_cores(summary["core"])
    labels = []
    for place, core in enumerate(cores):
        style = core_style(core)
        own = scores[scores["core"] == core]
        values = own["value"].dropna().sort_values().to_numpy(float)
        spread = np.linspace(-0.16, 0.16, len(values)) if len(values) > 1 else np.zeros(len(values))
        ax.plot(
            place + spread,
            values,
            linestyle="",
            marker=style.marker,
            color=style.color,
            markerfacecolor="none",
            markersize=3.5,
        )
        row = summary[summary["core"] == core].iloc[0]
        draw_interval(ax, place + 0.3, row["value"], row["low"], row["high"], core)
        lacking = own["status"][own["status"] != "completed"].value_counts()
        counts = ", ".join(f"{count} {status}" for status, count in lacking.items())
        name = shortened(core, 0.8, 7.5)
        labels.append(f"{name} ({counts})" if counts else name)
    ax.set_xticks(range(len(cores)), labels)
    ax.set_xlim(-0.5, len(cores) - 0.4)
    ax.grid(visible=False, axis="x")
    return ax


def draw_interval(ax: Axes, x: float, value: float, low: float, high: float, core: str) -> None:
    """Draw an IQM as a filled mark with its interval as a bar."""
    style = core_style(core)
    if np.isfinite(low):
        ax.plot([x, x], [low, high], color=style.color, linewidth=2.2, solid_capstyle="butt")
    ax.plot(
        [x],
        [value],
        marker=style.marker,
        color=style.color,
        markersize=6,
        linestyle="",
        markeredgecolor="white",
        markeredgewidth=0.6,
    )


def slant(ax: Axes) -> None:
    """Turn the names under an axis so that long ones do not meet."""
    for label in ax.get_xticklabels():
        label.set(rotation=35, ha="right", rotation_mode="anchor")


def metric_limits(ax: Axes, metric: str) -> None:
    """Show fractions from 0 to 1."""
    if metric == "correct":
        ax.set_ylim(-0.03, 1.03)


def strip_pages(tables: SummaryTables) -> Iterator[Figure]:
    problems = tables.problems()
    for first in range(0, len(problems), STRIPS_PER_PAGE):
        page = new_page("Final evaluation by core, chosen runs", SCORE_NOTE)
        part = problems[first : first + STRIPS_PER_PAGE]
        draw_strips(page, tables, part, TOP, STRIPS_PER_PAGE)
        yield page


def draw_strips(
    page: Figure, tables: SummaryTables, problems: Sequence[Problem], top: float, most: int
) -> None:
    """Draw a panel per problem, four to a row; a lone problem has its gaps beside it."""
    rows = 1 if most <= 4 else 2
    columns = 4 if rows > 1 else max(len(problems), 2)
    bottom = max(BOTTOM + 0.1, top - 3.6 * rows)
    wspace = 1.6 if len(problems) == 1 else 0.6  # room for the names of gaps
    grid = page_panels(page, rows, columns, top=top, bottom=bottom, wspace=wspace)
    chosen = set(tables.runs.loc[tables.runs["chosen"], "run"])
    for ax in grid.flat[len(problems) + (len(problems) == 1) :]:
        ax.remove()
    for ax, problem in zip(grid.flat, problems, strict=False):
        metric = tables.primary(problem[0])
        scores = of_problem(tables.seed_scores, problem)
        scores = scores[scores["run"].isin(chosen) & (scores["metric"] == metric)]
        summary = of_problem(tables.core_scores, problem)
        summary = summary[(summary["scope"] == "chosen") & (summary["metric"] == metric)]
        draw_levels(ax, tables, problem, metric)
        draw_strip(ax, scores, summary)
        metric_limits(ax, metric)
        panel_title(ax, problem_title(problem))
        ax.set_ylabel(METRIC_LABELS[metric])
        if columns > 2 and (len(summary) > 3 or (scores["status"] != "completed").any()):
            slant(ax)
    levels_legend(page, tables)
    if len(problems) == 1:
        _draw_gaps(grid.flat[1], tables, problems[0])


def _draw_gaps(ax: Axes, tables: SummaryTables, problem: Problem) -> None:
    """Draw mpn − each other core with its interval."""
    metric = tables.primary(problem[0])
    gaps = of_problem(tables.gaps, problem)
    gaps = gaps[gaps["metric"] == metric].set_index("against")
    cores = ordered_cores(gaps.index)
    if not cores:
        ax.remove()
        return
    ax.axvline(0, color=FAINT, linewidth=0.8)
    for place, core in enumerate(cores):
        style, row = core_style(core), gaps.loc[core]
        ax.plot([row["low"], row["high"]], [place, place], color=style.color, linewidth=2.2)
        ax.plot([row["value"]], [place], marker=style.marker, color=style.color, markersize=7)
    ax.set_yticks(range(len(cores)), [f"mpn − {shortened(core, 0.8, 7.5)}" for core in cores])
    ax.set_ylim(len(cores) - 0.4, -0.6)
    ax.margins(x=0.08)
    ax.set_title("Gap, paired by seed", fontsize=8)
    ax.set_xlabel(f"difference in {METRIC_LABELS[metric]}")
    ax.grid(visible=False, axis="y")
