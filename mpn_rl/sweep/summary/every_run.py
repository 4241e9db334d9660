"""Final evaluation of every run, by what distinguishes it."""

from typing import Any

from mpn_rl.figures.style import ordered_cores
from mpn_rl.sweep.summary.data import Problem, SummaryTables, of_problem, rows_by, where
from mpn_rl.sweep.summary.document import Block, heading, note, row, table
from mpn_rl.sweep.summary.lanes import scale_of
from mpn_rl.sweep.summary.texts import (
    METRIC_LABELS,
    counted,
    number_text,
    problem_title,
    row_text,
    run_name,
    seeds_text,
)

_COLUMNS = {"run": "rest", "seeds, mean and interval": "lane"}
_COLUMNS |= dict.fromkeys(("seeds", "score", "return", "id"), "cell")
_NOTE = (
    "Runs are named by their core and what distinguishes them, and end with the last letters of "
    "their folder's name; bold is the chosen run of a core. Rings, discs, bars and grey lines as "
    "on the first page."
)


def run_blocks(tables: SummaryTables) -> list[Block]:
    """A row per run, those of a problem under its name."""
    rows = [found for problem in tables.problems() for found in _rows(tables, problem)]
    return [heading(_title(tables)), note(_NOTE), table(_COLUMNS, rows)]


def _title(tables: SummaryTables) -> str:
    problems = tables.problems()
    count = counted(len(tables.runs), "run")
    if len(problems) > 1:
        return f"Every run: {count} of {len(problems)} problems"
    metric = tables.primary(problems[0][0])
    scores = where(tables.run_scores, metric=metric)
    if not scores["value"].notna().any():
        return f"Every run: {count}, none with a score"
    named = scores.merge(tables.runs[["run", "label", "chosen"]], on="run")
    best: Any = named.dropna(subset="value").sort_values(["value", "chosen"]).iloc[-1]
    said = f"{run_name(best)} with {row_text(best)} in {METRIC_LABELS[metric]}"
    return f"Every run: the best of {count} is {said}"


def _rows(tables: SummaryTables, problem: Problem) -> list[Block]:
    metric = tables.primary(problem[0])
    scores, returns = (
        rows_by(of_problem(tables.run_scores, problem, metric=name), "run")
        for name in (metric, "return")
    )
    seeds = of_problem(tables.seed_scores, problem, metric=metric)
    values = dict(tuple(seeds.groupby("run")["value"]))
    scale = scale_of(tables, problem, metric)
    rows: list[Block] = [{"title": f"{problem_title(problem)}, {METRIC_LABELS[metric]}"}]
    runs = rows_by(of_problem(tables.runs, problem), "run")
    order = ordered_cores(run["core"] for run in runs.values())
    for name, run in sorted(runs.items(), key=lambda item: order.index(item[1]["core"])):
        score = scores[name]
        lost = [f", {score[kind]} {kind}" for kind in ("failed", "unanswered") if score[kind]]
        cells = (seeds_text(score) + "".join(lost), row_text(score))
        returned, look = number_text(returns[name]["value"]), "strong" if run["chosen"] else ""
        lane = scale.lane(run["core"], values[name], score)
        rows.append(row(run_name(run), lane, *cells, returned, name[-8:], look=look))
    return rows + scale.level_rows(len(_COLUMNS), 3)
