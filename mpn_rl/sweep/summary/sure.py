"""How sure the scores are: per problem, who solved it, how fast, and where it ended."""

from typing import Any

import pandas as pd

from mpn_rl.figures.style import ordered_cores
from mpn_rl.sweep.summary.data import ALL, Problem, SummaryTables, of_chosen, of_problem
from mpn_rl.sweep.summary.document import Block, heading, note, row, table
from mpn_rl.sweep.summary.drawings import profile_drawings
from mpn_rl.sweep.summary.texts import (
    METRIC_LABELS,
    number_text,
    problem_title,
    row_text,
    run_name,
    solved_text,
    steps_text,
)

_NOTE = (
    "Chosen runs. Solved: seeds, failed ones counted, that reach 0.95 of the oracle in the "
    "evaluation [exact 95 % interval]. Steps: Kaplan-Meier median of the first validation that "
    "does. Final window: last tenth of the validations. mpn better: probability that a seed of mpn "
    "beats one of this core. Optimality gap: mean of what is missing to a normalised score of 1."
)
_PROFILE_NOTE = (
    "The share of seeds that score at least so much; higher is better. Bands: exact 95 % intervals."
)
_COLUMNS = {"core": "rest"} | dict.fromkeys(
    (
        "solved",
        "steps to solved",
        "final window",
        "area under validation",
        "mpn better",
        "optimality gap",
    ),
    "cell",
)


def sure_blocks(tables: SummaryTables) -> list[Block]:
    """Who solved what, with the seeds that failed, and profiles of normalised scores."""
    problems = tables.problems()
    overall = [(ALL, ALL)] if len(tables.improvement) and len(problems) > 1 else []
    rows = [found for problem in problems + overall for found in _rows(tables, problem)]
    blocks = [heading(_title(tables)), note(_NOTE), table(_COLUMNS, rows)]
    if len(tables.failures):
        blocks += [heading("Failed seeds, and seeds that never answered", 2), _failures(tables)]
    if len(tables.profiles):
        blocks += [heading("How many seeds are how good", 2), note(_PROFILE_NOTE)]
    return [*blocks, *profile_drawings(tables)]


def solved(tables: SummaryTables, problem: Problem, statistic: str = "solved") -> pd.DataFrame:
    """The rows of one statistic of a problem's chosen runs, by core."""
    own = of_chosen(of_problem(tables.run_learning, problem), tables.runs)
    metric = tables.primary(problem[0])
    own = own[(own["metric"] == metric) & (own["statistic"] == statistic)].set_index("core")
    return own.loc[ordered_cores(own.index)]


def _title(tables: SummaryTables) -> str:
    problems = tables.problems()
    found = [solved(tables, problem) for problem in problems]
    if len(problems) == 1 and len(found[0]):
        said = ", ".join(f"{core} with {text} seeds" for core, text in found[0]["text"].items())
        return f"How sure: solved by {said}"
    known = [own["value"] for own in found if "mpn" in own.index]
    if not known:
        return "How sure are the scores?"
    every = sum(value["mpn"] == 1 for value in known)
    return f"How sure: every seed of mpn solved {every} of {len(problems)} problems"


def _rows(tables: SummaryTables, problem: Problem) -> list[Block]:
    """A row per core under the problem's name."""
    overall = problem == (ALL, ALL)
    better = of_problem(tables.improvement, problem).set_index("against")
    gaps = of_problem(tables.optimality, problem).set_index("core")["value"]
    names = ("solved", "steps_to_solved", "final_window", "area_under_validation")
    learned = [solved(tables, problem, name) for name in names] if not overall else []
    rows = []
    for core in ordered_cores(gaps.index if overall else of_problem(tables.runs, problem)["core"]):
        own = [_at(found, core) for found in learned] or [None] * len(names)
        beaten = row_text(_at(better, core)) if core != "mpn" else ""
        cells = (
            solved_text(own[0]),
            steps_text(own[1]),
            row_text(own[2]),
            row_text(own[3]),
            beaten,
        )
        rows.append(row(core, *cells, number_text(gaps.get(core, float("nan")))))
    if overall:
        return [{"title": "Over all tasks"}, *rows]
    known = learned[0]["x"]
    solved_from = f", solved from {number_text(known.iloc[0])}" if len(known) else ""
    label = METRIC_LABELS[tables.primary(problem[0])]
    return [{"title": f"{problem_title(problem)}: {label}{solved_from}"}, *rows]


def _failures(tables: SummaryTables) -> Block:
    named = tables.failures.merge(tables.runs, on="run", suffixes=("", "_of_run"))
    rows = [
        row(
            f"{problem_title((failure['task'], failure['setting']))}: {run_name(failure)}",
            f"seed {failure['seed']} at step {failure['steps'] or 0:,.0f}: {failure['text']}",
        )
        for _, failure in named.iterrows()
    ]
    return table({"run": "cell", "seed": "rest"}, rows)


def _at(indexed: pd.DataFrame, key: str) -> Any:
    return indexed.loc[key] if key in indexed.index else None
