"""At a glance: did plasticity help? A table of cores per problem, and their seeds as points."""

from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.figure import Figure

from mpn_rl.analysis.summary_data import SummaryTables
from mpn_rl.figures.page import MARGIN, TOP, Column, Row, draw_table, new_page
from mpn_rl.figures.page_text import interval_text
from mpn_rl.figures.style import ordered_cores
from mpn_rl.figures.summary_problems import SCORE_NOTE, Problem, of_problem, problem_title, verdict
from mpn_rl.figures.summary_strips import draw_strips, strip_pages

_ROWS_PER_PAGE = 28


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
    rows = [Row((f"{problem_title(problem)}: {verdict(tables, problem)}",), heading=True)]
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
