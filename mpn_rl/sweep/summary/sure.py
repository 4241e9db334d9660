"""How sure the scores are: per problem, who solved it, how fast, and where it ended."""

from typing import Any

from mpn_rl.figures.style import ordered_cores
from mpn_rl.sweep.summary.data import ALL, Problem, SummaryTables, of_chosen, of_problem, rows_by
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
_COLUMNS = ("solved", "steps to solved", "final window", "area under validation", "mpn better")


def sure_blocks(tables: SummaryTables) -> list[Block]:
    """Who solved what, with the seeds that failed, and profiles of normalised scores."""
    problems = tables.problems()
    overall = [(ALL, ALL)] if len(tables.improvement) and len(problems) > 1 else []
    rows = [found for problem in problems + overall for found in _rows(tables, problem)]
    columns = {"core": "rest"} | dict.fromkeys((*_COLUMNS, "optimality gap"), "cell")
    blocks = [
        heading(_title(tables)),
        note(_NOTE),
        table(columns, rows),
    ]
    if len(tables.failures):
        blocks += [heading("Failed seeds, and seeds that never answered", 2), _failures(tables)]
    if len(tables.profiles):
        blocks += [heading("How many seeds are how good", 2), note(_PROFILE_NOTE)]
    return [*blocks, *profile_drawings(tables)]


def learned(tables: SummaryTables, problem: Problem, statistic: str) -> dict[str, Any]:
    """Core → the row of one statistic of its chosen run in a problem."""
    own = of_chosen(tables.run_learning, tables.runs)
    metric = tables.primary(problem[0])
    found = rows_by(of_problem(own, problem, metric=metric, statistic=statistic), "core")
    return {core: found[core] for core in ordered_cores(found)}


def _title(tables: SummaryTables) -> str:
    found = [learned(tables, problem, "solved") for problem in tables.problems()]
    if len(found) == 1 and found[0]:
        said = ", ".join(f"{core} with {own['text']} seeds" for core, own in found[0].items())
        return f"How sure: solved by {said}"
    known = [own["mpn"]["value"] == 1 for own in found if "mpn" in own]
    every = f"How sure: every seed of mpn solved {sum(known)} of {len(found)} problems"
    return every if known else "How sure are the scores?"


def _rows(tables: SummaryTables, problem: Problem) -> list[Block]:
    """A row per core under the problem's name; over all problems of what is known of these."""
    better = rows_by(of_problem(tables.improvement, problem), "against")
    gaps = rows_by(of_problem(tables.optimality, problem), "core")
    names = ("solved", "steps_to_solved", "final_window", "area_under_validation")
    found = {name: learned(tables, problem, name) for name in names}
    rows: list[Block] = []
    for core in ordered_cores(
        gaps | better | dict.fromkeys(of_problem(tables.runs, problem)["core"])
    ):
        done, steps, *ends = (found[name].get(core) for name in names)
        beaten = row_text(better.get(core)) if core != "mpn" else ""
        gap = number_text(gaps[core]["value"]) if core in gaps else "–"
        cells = (solved_text(done), steps_text(steps), *map(row_text, ends), beaten, gap)
        rows.append(row(core, *cells))
    if problem == (ALL, ALL):
        return [{"title": "Over all tasks"}, *rows]
    known = [f", solved from {number_text(own['x'])}" for own in found["solved"].values()]
    label = METRIC_LABELS[tables.primary(problem[0])]
    return [{"title": f"{problem_title(problem)}: {label}{''.join(known[:1])}"}, *rows]


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
