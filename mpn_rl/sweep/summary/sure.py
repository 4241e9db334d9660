"""How sure the scores are: per problem, who solved it, how fast, and where it ended."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mpn_rl.figures.style import ordered_cores, short_count
from mpn_rl.sweep.summary.data import ALL, SummaryTables
from mpn_rl.sweep.summary.page import BOTTOM, MARGIN, ROW, TOP, Column, Row, draw_table, new_page
from mpn_rl.sweep.summary.page_text import interval_text, number_text
from mpn_rl.sweep.summary.problems import METRIC_LABELS, Problem, of_problem, problem_title

_NOTE = (
    "Chosen runs. Solved: seeds, failed ones counted, that reach 0.95 of the oracle in the "
    "evaluation [exact 95 % interval]. Steps: Kaplan-Meier median of the first validation that "
    "does. Final window: last tenth of the validations. Better: P(a seed of mpn beats one of it)."
)
_COLUMNS = (
    Column("core", 1.3),
    Column("solved", 1.75, "right"),
    Column("steps to solved", 1.3, "right"),
    Column("final window", 1.7, "right"),
    Column("area under validation", 1.8, "right"),
    Column("mpn better", 1.5, "right"),
    Column("optimality gap", 1.15, "right"),
)


def sure_pages(tables: SummaryTables) -> Iterator[Figure]:
    """Draw a table of all problems and cores, as many groups to a page as fit."""
    problems = tables.problems()
    several = [(ALL, ALL)] if len(tables.improvement) and len(problems) > 1 else []
    page, rows = new_page("How sure?", _NOTE), list[Row]()
    for problem in problems + several:
        group = _rows(tables, problem)
        if rows and (len(rows) + len(group) + 2) * ROW > TOP - BOTTOM:
            draw_table(page, MARGIN, TOP + 0.1, _COLUMNS, rows)
            yield page
            page, rows = new_page("How sure? (continued)", _NOTE), []
        rows += group
    draw_table(page, MARGIN, TOP + 0.1, _COLUMNS, rows)
    yield page


def _rows(tables: SummaryTables, problem: Problem) -> list[Row]:
    """Return a row per core under the problem's name."""
    overall = problem == (ALL, ALL)
    metric = "return" if overall else tables.primary(problem[0])
    chosen = set(tables.runs.loc[tables.runs["chosen"], "run"])
    learnt = of_problem(tables.run_learning, problem)
    learnt = learnt[learnt["run"].isin(chosen) & (learnt["metric"] == metric)]
    better = of_problem(tables.improvement, problem).set_index("text")
    gaps = of_problem(tables.optimality, problem).set_index("core")
    cores = of_problem(tables.runs, problem)["core"]
    rows = []
    for core in ordered_cores(gaps.index if overall else cores):
        own = learnt[learnt["core"] == core].set_index("statistic")
        cells = [_interval(own, name) for name in ("final_window", "area_under_validation")]
        beaten = _interval(better, core) if core != "mpn" else ""
        gap = number_text(float(gaps["value"].get(core, np.nan)))
        rows.append(Row((core, _solved(own), _steps(own), *cells, beaten, gap)))
    title = "Over all tasks" if overall else f"{problem_title(problem)}: {METRIC_LABELS[metric]}"
    solved = learnt[learnt["statistic"] == "solved"]["x"]
    known = f", solved from {number_text(solved.iloc[0])}" if len(solved) else ""
    return [Row((title + known,), heading=True), *rows]


def _solved(own: pd.DataFrame) -> str:
    if "solved" not in own.index:
        return "–"
    row: Any = own.loc["solved"]
    return f"{row['text']} [{number_text(row['low'])}, {number_text(row['high'])}]"


def _steps(own: pd.DataFrame) -> str:
    if "steps_to_solved" not in own.index:
        return "–"
    row: Any = own.loc["steps_to_solved"]
    if np.isfinite(row["value"]):
        return short_count(float(row["value"]))
    return f"not in {short_count(float(row['x']))} ({row['text'].removesuffix(' reached it')})"


def _interval(table: pd.DataFrame, name: str) -> str:
    if name not in table.index:
        return "–"
    row: Any = table.loc[name]
    return interval_text(float(row["value"]), float(row["low"]), float(row["high"]))
