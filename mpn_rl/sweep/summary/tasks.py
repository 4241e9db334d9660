"""All tasks on one scale: normalised scores per core, a table of returns, and a panel per task."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mpn_rl.figures.style import core_style, ordered_cores
from mpn_rl.sweep.summary.data import ALL, SummaryTables
from mpn_rl.sweep.summary.levels import LINES, draw_level, draw_levels, level, levels_legend
from mpn_rl.sweep.summary.page import (
    BOTTOM,
    HEIGHT,
    MARGIN,
    ROW,
    SIZE,
    TOP,
    WIDTH,
    Column,
    Row,
    draw_table,
    new_page,
    page_panels,
    panel_title,
    write,
)
from mpn_rl.sweep.summary.page_text import interval_text, number_text, shortened, text_width
from mpn_rl.sweep.summary.problems import Problem, of_problem, problem_title, seeds_of
from mpn_rl.sweep.summary.strips import draw_interval, slant

PANELS_PER_PAGE = 12
_WIDTH = WIDTH - 2 * MARGIN
_PLOT = 3.9  # width of the panel of normalised scores
_TASK = 2.6  # width of a task's name, at most


def task_pages(tables: SummaryTables) -> Iterator[Figure]:
    """Draw the scores over all tasks, and returns task by task; nothing for a single problem."""
    problems = tables.problems()
    if len(problems) < 2:
        return
    page = new_page("All tasks", _note(tables))
    y = _draw_overall(page, TOP, tables)
    bands = list(_bands(tables))
    for number, (columns, rows) in enumerate(bands):
        shown = 0
        while shown < len(rows):
            room = int((y - BOTTOM) / ROW) - 3
            if room < min(len(rows) - shown, 4):
                yield page
                page, y = new_page("All tasks (continued)", _TABLE_NOTE), TOP
                continue
            part = rows[shown : shown + room]
            if number == 0 and shown == 0:
                write(page, MARGIN, y, "Return, task by task", size=9.5, weight="bold")
            y = draw_table(page, MARGIN, y - 0.12, columns, part) - 0.25
            shown += len(part)
    if len(problems) <= 4 and y > BOTTOM + 2.3:
        _draw_panels(page, tables, problems, 1, y - 0.2)
        yield page
        return
    yield page
    for first in range(0, len(problems), PANELS_PER_PAGE):
        page = new_page("All tasks: returns", _TABLE_NOTE)
        some = problems[first : first + PANELS_PER_PAGE]
        _draw_panels(page, tables, some, -(-len(some) // 4), TOP)
        yield page


_TABLE_NOTE = (
    "IQM of seeds' returns over all runs of a core, with its 95 % interval; an open mark is the "
    "chosen run, where a core has several. Random, best memoryless and oracle learn nothing: the "
    "oracle remembers every observation."
)


def _note(tables: SummaryTables) -> str:
    known = set(zip(tables.normalised["task"], tables.normalised["setting"], strict=True))
    lacking = [problem_title(problem) for problem in tables.problems() if problem not in known]
    left_out = f" Without a known oracle, and so left out: {', '.join(lacking)}." if lacking else ""
    return (
        "Normalised score: (return − random) / (oracle − random), seed by seed; IQM over runs, "
        "seeds and tasks, with 95 % t-intervals stratified by task. Returns: IQM over "
        "seeds and all runs of a core. Open marks: chosen runs, where a core has several."
        f"{left_out}"
    )


def _draw_overall(page: Figure, top: float, tables: SummaryTables) -> float:
    """Draw the normalised scores as panel and table, and return where they end."""
    table = tables.normalised[tables.normalised["task"] == ALL]
    cores = ordered_cores(table["core"])
    if not cores:
        write(page, MARGIN, top, "No task of this sweep has a known oracle: nothing to normalise.")
        return top - 0.5
    height = 0.3 * len(cores) + 0.15
    left, low = MARGIN + 1.0, top - 0.35 - height
    ax = page.add_axes((left / WIDTH, low / HEIGHT, (_PLOT - 1.0) / WIDTH, height / HEIGHT))
    by_scope = {scope: part.set_index("core") for scope, part in table.groupby("scope")}
    _draw_normalised(ax, cores, by_scope)
    write(page, MARGIN, top - 0.2, "Over all tasks", size=9.5, weight="bold")
    columns = [
        Column("core", 1.2),
        Column("tasks", 0.75, "right"),
        Column("seeds", 1.0, "right"),
        Column("all runs", 1.6, "right"),
        Column("chosen runs", 1.6, "right"),
    ]
    rows, most = [], int(table["problems"].max())
    for core in cores:
        every: Any = by_scope["all"].loc[core]
        chosen = by_scope["chosen"].loc[core]
        seeds = f"{int(every['n'])} of {seeds_of(every)}"
        counts = (f"{int(every['problems'])} of {most}", seeds)
        rows.append(Row((core, *counts, _interval(every), _interval(chosen))))
    x = WIDTH - MARGIN - sum(column.width for column in columns)
    end = draw_table(page, x, top - 0.05, columns, rows)
    return min(end, low - 0.45) - 0.3


def _draw_normalised(ax: Axes, cores: Sequence[str], by_scope: dict[Any, pd.DataFrame]) -> None:
    for agent, value in (("random", 0.0), ("oracle", 1.0)):
        draw_level(ax, agent, value, vertical=True)
    several = not _alike(by_scope["all"], by_scope["chosen"])
    for place, core in enumerate(cores):
        style = core_style(core)
        for scope, y in (("all", place), ("chosen", place + 0.27)):
            if scope == "chosen" and not several:
                continue
            row = by_scope[scope].loc[core]
            filled = style.color if scope == "all" else "white"
            width = 2.2 if scope == "all" else 1.0
            ax.plot(
                [row["low"], row["high"]],
                [y, y],
                color=style.color,
                linewidth=width,
                solid_capstyle="butt",
            )
            ax.plot(
                [row["value"]],
                [y],
                marker=style.marker,
                color=style.color,
                linestyle="",
                markerfacecolor=filled,
                markersize=6 if scope == "all" else 4.5,
            )
    ax.set_yticks(range(len(cores)), [shortened(core, 0.9, 7.5) for core in cores])
    ax.set_ylim(len(cores) - 0.4, -0.6)
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, -0.04), max(high, 1.04))
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.set_xlabel("normalised score: 0 random, 1 oracle", labelpad=2)
    ax.grid(visible=False, axis="y")


def _alike(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    return bool((first["n"] + first["failed"]).equals(second["n"] + second["failed"]))


def _bands(tables: SummaryTables) -> Iterator[tuple[list[Column], list[Row]]]:
    """Yield tables of returns, with as many cores beside each other as have room."""
    problems = tables.problems()
    names = [problem_title(problem) for problem in problems]
    cells = {agent: [_level(tables, problem, agent) for problem in problems] for agent in LINES}
    scores = tables.core_scores
    scores = scores[(scores["scope"] == "all") & (scores["metric"] == "return")]
    by_key: dict[Any, Any] = {
        (row["task"], row["setting"], row["core"]): _interval(row) for _, row in scores.iterrows()
    }
    for core in ordered_cores(scores["core"]):
        cells[core] = [by_key.get((*problem, core), "") for problem in problems]
    task = min(_TASK, max(text_width(name, SIZE) for name in ["task", *names]) + 0.15)
    while cells:
        columns, room = [Column("task", task)], _WIDTH - task
        shown: list[str] = []
        for name, texts in cells.items():
            title = shortened(name, 1.3, SIZE, "bold")
            widest = max(text_width(text, SIZE) for text in texts)
            width = 0.15 + max(text_width(title, SIZE, "bold"), widest)
            if width > room and shown:
                break
            columns.append(Column(title, width, "right"))
            shown.append(name)
            room -= width
        table = zip(names, *(cells.pop(name) for name in shown), strict=True)
        yield columns, [Row(row) for row in table]


def _draw_panels(
    page: Figure, tables: SummaryTables, problems: Sequence[Problem], rows: int, top: float
) -> None:
    """Draw a panel per problem, four to a row: cores with intervals, between the levels."""
    bottom = max(BOTTOM + 0.25, top - 2.6 * rows)
    grid = page_panels(page, rows, 4, top=top, bottom=bottom, wspace=0.6, hspace=0.8)
    for ax in grid.flat[len(problems) :]:
        ax.remove()
    for ax, problem in zip(grid.flat, problems, strict=False):
        scores = of_problem(tables.core_scores, problem)
        scores = scores[scores["metric"] == "return"]
        draw_levels(ax, tables, problem, "return")
        by_scope = {scope: part.set_index("core") for scope, part in scores.groupby("scope")}
        cores = ordered_cores(scores["core"])
        several = not _alike(by_scope["all"], by_scope["chosen"])
        for place, core in enumerate(cores):
            row: Any = by_scope["all"].loc[core]
            draw_interval(ax, place, row["value"], row["low"], row["high"], core)
            if several:
                row, style = by_scope["chosen"].loc[core], core_style(core)
                ax.plot(
                    [place + 0.25] * 2, [row["low"], row["high"]], color=style.color, linewidth=1.0
                )
                ax.plot(
                    [place + 0.25],
                    [row["value"]],
                    marker=style.marker,
                    color=style.color,
                    markerfacecolor="white",
                    markersize=4,
                )
        ax.set_xticks(range(len(cores)), [shortened(core, 0.8, 7.5) for core in cores])
        ax.set_xlim(-0.5, len(cores) - 0.4)
        ax.margins(y=0.1)
        if len(cores) > 3:
            slant(ax)
        ax.grid(visible=False, axis="x")
        panel_title(ax, problem_title(problem))
        ax.set_ylabel("return")
    levels_legend(page, tables)


def _level(tables: SummaryTables, problem: Problem, agent: str) -> str:
    value = level(tables, problem, agent, "return")
    return "–" if value is None else number_text(value)


def _interval(row: Any) -> str:
    return interval_text(float(row["value"]), float(row["low"]), float(row["high"]))
