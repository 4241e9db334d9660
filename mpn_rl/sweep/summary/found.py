"""What was found: cores over all tasks and in each, beside agents that learn nothing."""

import numpy as np

from mpn_rl.figures.style import ordered_cores
from mpn_rl.sweep.summary.data import (
    ALL,
    Problem,
    SummaryTables,
    levels_of,
    of_chosen,
    of_problem,
    rows_by,
    where,
)
from mpn_rl.sweep.summary.document import Block, heading, note, row, table
from mpn_rl.sweep.summary.lanes import scale_of, spanned
from mpn_rl.sweep.summary.texts import (
    AGENT_LABELS,
    METRIC_LABELS,
    counted,
    headline,
    number_text,
    problem_title,
    row_text,
    run_name,
    seeds_text,
    verdict,
)

_NUMBERS = ("seeds", "score", "all runs", "normalised", "mpn − it", "parameters")
_COLUMNS = {"agent (chosen run)": "rest", "seeds, mean and interval": "lane"}
_COLUMNS |= dict.fromkeys(_NUMBERS, "cell")
_SCORE_NOTE = (
    "Score: fraction correct where a task has a right answer, else return; greedy, on episodes "
    "that training never saw. A ring is a seed, a disc the interquartile mean (IQM) of seeds, the "
    "bar its 95 % interval, which is missing where all agree; grey lines are agents that learn "
    "nothing. The chosen run of several validated best on the same seeds, which flatters it: all "
    "runs of a core stand beside it. Normalised: 0 is random, 1 the oracle, of all runs. "
    "mpn − it: paired by seed."
)


def found_blocks(tables: SummaryTables) -> list[Block]:
    """The answer in words, how much was trained for it, and the scores behind it."""
    rows = [found for problem in tables.problems() for found in _rows(tables, problem)]
    blocks = [heading(headline(tables)), note(_counts(tables)), note(_SCORE_NOTE)]
    if len(tables.problems()) > 1:
        blocks += [heading("Over all tasks", 2), note(_all_note(tables)), _overall(tables)]
        if len(tables.problems()) > 2:  # of two it would say again what stands below
            blocks += [heading("Score of the chosen run, task by task", 2), _matrix(tables)]
        blocks += [heading("Each task", 2)]
    return [*blocks, table(_COLUMNS, rows)]


def _counts(tables: SummaryTables) -> str:
    facts = tables.facts.set_index("statistic")
    value, seeds = facts["value"], facts["text"]["seeds_per_run"]
    runs, tasks = counted(value["runs"], "run"), counted(value["tasks"], "task")
    failed = value["failed_seeds"]
    silent = len(tables.failures) - failed
    lost = [f"{failed:,.0f} failed"] * bool(failed) + [f"{silent:,.0f} never answered"] * bool(
        silent
    )
    return (
        f"{tables.sweep.name}: {runs} of {tasks} and {counted(value['cores'], 'memory core')}, "
        f"seeds {seeds}. Of {counted(value['trained_seeds'], 'trained seed')} "
        f"{' and '.join(lost) or 'none failed'}."
    )


def _rows(tables: SummaryTables, problem: Problem) -> list[Block]:
    """A row per core under the verdict, a row per agent that learns nothing, the scale."""
    metric = tables.primary(problem[0])
    scores, seeds, gaps = (
        of_problem(table, problem, metric=metric)
        for table in (tables.core_scores, tables.seed_scores, tables.gaps)
    )
    every, chosen = (rows_by(where(scores, scope=name), "core") for name in ("all", "chosen"))
    values = dict(tuple(of_chosen(seeds, tables.runs).groupby("core")["value"]))
    normalised = rows_by(of_problem(tables.normalised, problem, scope="all"), "core")
    paired, runs = rows_by(gaps, "against"), rows_by(tables.runs, "run")
    scale = scale_of(tables, problem, metric)
    said = f": {verdict(tables, problem)}" if len(tables.problems()) > 1 else ""
    rows: list[Block] = [{"title": f"{problem_title(problem)}, {METRIC_LABELS[metric]}{said}"}]
    for core in ordered_cores(chosen):
        run, pool = runs[chosen[core]["run"]], every[core]
        lane = scale.lane(core, values[core], chosen[core])
        several = f"{row_text(pool)}, {pool['runs']} runs" if pool["runs"] > 1 else ""
        gap = "" if core == "mpn" else row_text(paired.get(core), signed=True)
        size = f"{run['parameters']:,.0f}" if run["parameters"] > 0 else "–"
        cells = (seeds_text(chosen[core]), row_text(chosen[core]), several)
        rows.append(row(run_name(run), lane, *cells, row_text(normalised.get(core)), gap, size))
    return rows + scale.level_rows(len(_COLUMNS), 3)


def _overall(tables: SummaryTables) -> Block:
    """Normalised scores over all problems, a row per core."""
    scores = where(tables.normalised, task=ALL)
    every, chosen = (rows_by(where(scores, scope=name), "core") for name in ("all", "chosen"))
    ends = scores[["value", "low", "high"]].to_numpy().flat
    scale = spanned([0.0, 1.0, *ends], {"random": 0.0, "oracle": 1.0})
    numbers = ("tasks", "seeds", "all runs", "chosen runs")
    columns = {"core": "rest", "mean of all runs": "lane"} | dict.fromkeys(numbers, "cell")
    rows = []
    for core in ordered_cores(every):
        lane, known = scale.lane(core, (), every[core]), every[core]["problems"]
        counts = (f"{known} of {len(tables.problems())}", seeds_text(every[core]))
        rows.append(row(core, lane, *counts, row_text(every[core]), row_text(chosen[core])))
    return table(columns, rows + scale.level_rows(len(columns), 4))


def _all_note(tables: SummaryTables) -> str:
    known = set(zip(tables.normalised["task"], tables.normalised["setting"], strict=True))
    missing = ", ".join(problem_title(p) for p in tables.problems() if p not in known)
    left_out = f" Without a known oracle, and so left out: {missing}." if missing else ""
    return (
        "Normalised score: (return − random) / (oracle − random), seed by seed; IQM over runs, "
        f"seeds and tasks, with its 95 % t-interval stratified by task.{left_out}"
    )


def _matrix(tables: SummaryTables) -> Block:
    """Scores of chosen runs and of agents that learn nothing, a row per problem."""
    agents = (*AGENT_LABELS, *ordered_cores(tables.runs["core"]))
    rows = []
    for problem in tables.problems():
        metric = tables.primary(problem[0])
        own = of_problem(tables.core_scores, problem, metric=metric, scope="chosen")
        found = levels_of(tables.baselines, problem, metric)
        found |= dict(zip(own["core"], own["value"], strict=True))
        values = [number_text(found.get(agent, np.nan)) for agent in agents]
        rows.append(row(problem_title(problem), METRIC_LABELS[metric], *values))
    return table({"task": "rest"} | dict.fromkeys(("score", *agents), "cell"), rows)
