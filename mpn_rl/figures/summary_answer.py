"""At a glance: did plasticity help? A table of cores per problem, and their seeds as points."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mpn_rl.analysis.summary import SummaryTables
from mpn_rl.figures.page import (
    BOTTOM,
    MARGIN,
    TOP,
    Column,
    Row,
    draw_table,
    interval_text,
    new_page,
    page_panels,
)
from mpn_rl.figures.style import core_style, ordered_cores

CONTROL = "mpn-frozen"
METRIC_LABELS = {"correct": "fraction correct", "return": "return"}
STRIPS_PER_PAGE = 8
_ROWS_PER_PAGE = 28
_NOTE = (
    "Greedy episodes of trained agents that training never saw; IQM over seeds that completed with "
    "its 95 % interval. With several runs of a core, the chosen one validated best during training "
    "on these same seeds, which flatters it. Gap: mpn minus this core, paired by seed."
)
Problem = tuple[str, str]


def problem_title(problem: Problem) -> str:
    """Return a problem's name: the task, with its setting where that is swept."""
    task, setting = problem
    return f"{task} ({setting})" if setting else task


def of_problem(table: pd.DataFrame, problem: Problem) -> pd.DataFrame:
    """Return a table's rows of one problem."""
    return table[(table["task"] == problem[0]) & (table["setting"] == problem[1])]


def verdict(tables: SummaryTables, problem: Problem) -> str:
    """Say in a sentence whether mpn beats mpn-frozen, by the paired gap and its interval."""
    metric = tables.primary(problem[0])
    cores = set(of_problem(tables.core_scores, problem)["core"])
    if not {"mpn", CONTROL} <= cores:
        lacking = ", ".join(sorted({"mpn", CONTROL} - cores))
        return f"not to be said: {lacking} was not part of the sweep"
    gaps = of_problem(tables.gaps, problem)
    row = gaps[(gaps["against"] == CONTROL) & (gaps["metric"] == metric)].iloc[0]
    number, value, low, high = int(row["n"]), row["value"], row["low"], row["high"]
    if number == 0:
        return "not to be said: no seed completed with both mpn and mpn-frozen"
    size = f"{interval_text(value, low, high, signed=True)} {METRIC_LABELS[metric]}"
    against = f"against mpn-frozen over {number} common seed{'s' if number > 1 else ''}"
    if number == 1:
        return f"one seed says {size} {against}: too few to tell"
    if low > 0:
        return f"plasticity helped: {size} {against}"
    if high < 0:
        return f"plasticity hurt: {size} {against}"
    return f"no clear difference: {size} {against}"


def answer_pages(tables: SummaryTables) -> Iterator[Figure]:
    """Draw the table of all problems and cores, and, for each problem, the cores' seeds."""
    groups = [_rows(tables, problem) for problem in tables.problems()]
    pages = _packed(groups)
    together = len(pages) == 1 and len(groups) <= 4 and len(pages[0]) <= 14
    for number, rows in enumerate(pages):
        page = new_page(
            "Did plasticity help?" if number == 0 else "Did plasticity help? (cont.)", _NOTE
        )
        end = draw_table(page, MARGIN, TOP + 0.1, _columns(), rows)
        if together:
            _strips(page, tables, tables.problems(), end - 0.15, 4)
        yield page
    if not together:
        yield from _strip_pages(tables)


def draw_strip(ax: Axes, scores: pd.DataFrame, summary: pd.DataFrame) -> Axes:
    """Draw seeds as points beside each core's IQM and interval.

    scores: core, value, status of every seed; summary: core, value, low, high. Failed seeds stand
    as a count under the core's name.
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
        failed = int((own["status"] == "failed").sum())
        labels.append(f"{core}\n{failed} failed" if failed else core)
    ax.set_xticks(range(len(cores)), labels)
    ax.set_xlim(-0.5, len(cores) - 0.4)
    ax.grid(visible=False, axis="x")
    return ax


def draw_interval(ax: Axes, x: float, value: float, low: float, high: float, core: str) -> None:
    """Draw an IQM as a filled mark with its interval as a bar."""
    style = core_style(core)
    if np.isfinite(low):
        ax.plot([x, x], [low, high], color=style.color, linewidth=2.2, solid_capstyle="butt")
    ax.plot([x], [value], marker=style.marker, color=style.color, markersize=6, linestyle="",
            markeredgecolor="white", markeredgewidth=0.6)  # fmt: skip


def metric_limits(ax: Axes, metric: str) -> None:
    """Show fractions from 0 to 1."""
    if metric == "correct":
        ax.set_ylim(-0.03, 1.03)


def _columns() -> list[Column]:
    return [
        Column("core", 1.5),
        Column("runs", 0.5, "right"),
        Column("seeds", 0.85, "right"),
        Column("failed", 0.6, "right"),
        Column("score, all runs", 1.75, "right"),
        Column("score, chosen run", 1.75, "right"),
        Column("return, chosen run", 1.95, "right"),
        Column("gap in score", 1.65, "right"),
    ]


def _rows(tables: SummaryTables, problem: Problem) -> list[Row]:
    metric = tables.primary(problem[0])
    scores = of_problem(tables.core_scores, problem)
    gaps = of_problem(tables.gaps, problem)
    gaps = gaps[gaps["metric"] == metric].set_index("against")
    title = f"{problem_title(problem)}, score: {METRIC_LABELS[metric]}. {verdict(tables, problem)}"
    rows = [Row((title,), heading=True)]
    for core in ordered_cores(scores["core"]):
        own = scores[scores["core"] == core]
        every = own[(own["scope"] == "all") & (own["metric"] == metric)].iloc[0]
        chosen = own[own["scope"] == "chosen"].set_index("metric")
        total = int(every["n"] + every["failed"])
        gap = gaps.loc[core] if core in gaps.index else None
        rows.append(
            Row(
                (
                    core,
                    f"{int(every['runs'])}",
                    f"{int(every['n'])} of {total}",
                    f"{int(every['failed'])}",
                    _interval(every),
                    _interval(chosen.loc[metric]),
                    _interval(chosen.loc["return"]),
                    "" if gap is None else _interval(gap, signed=True),
                )
            )
        )
    return rows


def _interval(row: Any, signed: bool = False) -> str:
    return interval_text(float(row["value"]), float(row["low"]), float(row["high"]), signed)


def _packed(groups: Sequence[list[Row]]) -> list[list[Row]]:
    """Fill pages with whole groups."""
    pages: list[list[Row]] = [[]]
    for group in groups:
        if pages[-1] and len(pages[-1]) + len(group) > _ROWS_PER_PAGE:
            pages.append([])
        pages[-1].extend(group)
    return pages


def _strip_pages(tables: SummaryTables) -> Iterator[Figure]:
    problems = tables.problems()
    for first in range(0, len(problems), STRIPS_PER_PAGE):
        page = new_page("Final evaluation by core, chosen runs", _NOTE)
        part = problems[first : first + STRIPS_PER_PAGE]
        _strips(page, tables, part, TOP, STRIPS_PER_PAGE)
        yield page


def _strips(
    page: Figure, tables: SummaryTables, problems: Sequence[Problem], top: float, most: int
) -> None:
    """Draw a panel per problem, four to a row."""
    rows = 1 if most <= 4 else 2
    columns = 4 if rows > 1 else max(len(problems), 2)
    bottom = max(BOTTOM + 0.1, top - 3.6 * rows)
    grid = page_panels(page, rows, columns, top=top, bottom=bottom, wspace=0.6)
    chosen = set(tables.runs.loc[tables.runs["chosen"], "run"])
    for ax in grid.flat[len(problems) :]:
        ax.set_axis_off()
    for ax, problem in zip(grid.flat, problems, strict=False):
        metric = tables.primary(problem[0])
        scores = of_problem(tables.seed_scores, problem)
        scores = scores[scores["run"].isin(chosen) & (scores["metric"] == metric)]
        summary = of_problem(tables.core_scores, problem)
        summary = summary[(summary["scope"] == "chosen") & (summary["metric"] == metric)]
        draw_strip(ax, scores, summary)
        metric_limits(ax, metric)
        ax.set_title(problem_title(problem), fontsize=8)
        ax.set_ylabel(METRIC_LABELS[metric])
        if len(summary) > 3 and columns > 2:
            ax.tick_params(axis="x", rotation=35)
