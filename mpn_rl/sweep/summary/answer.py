"""At a glance: did plasticity help? A table of cores per problem, and their seeds as points."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from mpn_rl.figures.style import ordered_cores
from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.levels import NAMES
from mpn_rl.sweep.summary.page import MARGIN, TOP, Column, Row, draw_table, new_page
from mpn_rl.sweep.summary.page_text import interval_text, number_text
from mpn_rl.sweep.summary.problems import (
    SCORE_NOTE,
    Problem,
    of_problem,
    problem_title,
    seeds_of,
    verdict,
)
from mpn_rl.sweep.summary.strips import draw_strips, strip_pages

_ROWS_PER_PAGE = 28
_GREY = "#666666"


def answer_pages(tables: SummaryTables) -> Iterator[Figure]:
    """Draw the table of all problems and cores, and, for each problem, the cores' seeds."""
    groups = [_rows(tables, problem) for problem in tables.problems()]
    pages = _packed(groups)
    together = len(pages) == 1 and len(groups) <= 4 and len(pages[0]) <= 14
    for number, rows in enumerate(pages):
        page = new_page(
            "Did plasticity help?" if number == 0 else "Did plasticity help? (cont.)", SCORE_NOTE
        )
        end = draw_table(page, MARGIN, TOP + 0.1, _columns(), rows)
        if together:
            draw_strips(page, tables, tables.problems(), end - 0.15, 4)
        yield page
    if not together:
        yield from strip_pages(tables)


def _columns() -> list[Column]:
    return [
        Column("agent", 1.3),
        Column("runs", 0.45, "right"),
        Column("seeds", 0.8, "right"),
        Column("parameters", 0.95, "right"),
        Column("score, all runs", 1.6, "right"),
        Column("score, chosen run", 1.6, "right"),
        Column("normalised, all", 1.5, "right"),
        Column("gap in score", 1.5, "right"),
    ]


def _rows(tables: SummaryTables, problem: Problem) -> list[Row]:
    """Return a row per core, and one per agent that learns nothing, under the verdict."""
    metric = tables.primary(problem[0])
    scores = of_problem(tables.core_scores, problem)
    scores = scores[scores["metric"] == metric]
    gaps = of_problem(tables.gaps, problem)
    gaps = gaps[gaps["metric"] == metric].set_index("against")
    scale = of_problem(tables.normalised, problem)
    scale = scale[scale["scope"] == "all"].set_index("core")
    runs = tables.runs.set_index("run")
    rows = [Row((f"{problem_title(problem)}: {verdict(tables, problem)}",), heading=True)]
    for core in ordered_cores(scores["core"]):
        own = scores[scores["core"] == core].set_index("scope")
        every: Any = own.loc["all"]
        chosen: Any = own.loc["chosen"]
        run: Any = runs.loc[chosen["run"]]
        cells = (
            core,
            f"{int(every['runs'])}",
            f"{int(every['n'])} of {seeds_of(every)}",
            _count(float(run["parameters"])),
            _interval(every),
            _interval(chosen),
            _interval(scale.loc[core]) if core in scale.index else "–",
            _interval(gaps.loc[core], signed=True) if core in gaps.index else "",
        )
        rows.append(Row(cells))
    return rows + _levels(tables, problem, metric)


def _levels(tables: SummaryTables, problem: Problem, metric: str) -> list[Row]:
    own = of_problem(tables.references, problem)
    rows = []
    for agent, name in NAMES.items():
        known = own[own["agent"] == agent].set_index("metric")
        if metric in known.index and "return" in known.index:
            score = number_text(float(known["value"][metric]))
            share = number_text(float(known["normalised"]["return"]))
            rows.append(Row((name, "", "", "", score, "", share, ""), color=_GREY))
    return rows


def _count(number: float) -> str:
    return f"{number:,.0f}" if np.isfinite(number) else "–"


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
