"""What was found: cores over all tasks and in each, beside agents that learn nothing."""

from typing import Any

from mpn_rl.figures.style import ordered_cores
from mpn_rl.sweep.summary.data import ALL, Problem, SummaryTables, of_chosen, of_problem
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

_COLUMNS = {
    "agent (chosen run)": "rest",
    "seeds, their mean, its interval": "lane",
} | dict.fromkeys(("seeds", "score", "all runs", "normalised", "mpn − it", "parameters"), "cell")
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
        blocks += [heading("Score of the chosen run, task by task", 2), _matrix(tables)]
        blocks += [heading("Each task", 2)]
    return [*blocks, table(_COLUMNS, rows)]


def _counts(tables: SummaryTables) -> str:
    facts = tables.facts.set_index("statistic")
    value, seeds = facts["value"], facts["text"]["seeds_per_run"]
    runs, tasks = counted(value["runs"], "run"), counted(value["tasks"], "task")
    said = {
        "failed": value["failed_seeds"],
        "never answered": len(tables.failures) - value["failed_seeds"],
    }
    lost = " and ".join(f"{count:,.0f} {what}" for what, count in said.items() if count)
    return (
        f"{tables.sweep.name}: {runs} of {tasks} and {counted(value['cores'], 'memory core')}, "
        f"seeds {seeds}. Of {counted(value['trained_seeds'], 'trained seed')} "
        f"{lost or 'none failed'}."
    )


def _rows(tables: SummaryTables, problem: Problem) -> list[Block]:
    """A row per core under the verdict, a row per agent that learns nothing, the scale."""
    metric = tables.primary(problem[0])
    scores = of_problem(tables.core_scores, problem)
    scores = scores[scores["metric"] == metric]
    seeds = of_problem(tables.seed_scores, problem)
    seeds = of_chosen(seeds[seeds["metric"] == metric], tables.runs)
    normalised = of_problem(tables.normalised, problem)
    normalised = normalised[normalised["scope"] == "all"].set_index("core")
    gaps = of_problem(tables.gaps, problem)
    gaps = gaps[gaps["metric"] == metric].set_index("against")
    runs, scale = tables.runs.set_index("run"), scale_of(tables, problem, metric)
    said = f": {verdict(tables, problem)}" if len(tables.problems()) > 1 else ""
    rows: list[Block] = [{"title": f"{problem_title(problem)}, {METRIC_LABELS[metric]}{said}"}]
    for core in ordered_cores(scores["core"]):
        every, chosen = _scopes(scores[scores["core"] == core])
        run = runs.loc[chosen["run"]]
        several = f"{row_text(every)}, {counted(every['runs'], 'run')}" if every["runs"] > 1 else ""
        rows.append(
            row(
                run_name(run),
                scale.lane(core, seeds.loc[seeds["core"] == core, "value"], chosen),
                seeds_text(chosen),
                row_text(chosen),
                several,
                row_text(_at(normalised, core)),
                "" if core == "mpn" else row_text(_at(gaps, core), signed=True),
                f"{run['parameters']:,.0f}" if run["parameters"] > 0 else "–",
            )
        )
    return rows + scale.level_rows(len(_COLUMNS), 3)


def _overall(tables: SummaryTables) -> Block:
    """Normalised scores over all problems, a row per core."""
    scores = tables.normalised[tables.normalised["task"] == ALL]
    scale = spanned(
        [0.0, 1.0, *scores["value"], *scores["low"], *scores["high"]],
        {"random": 0.0, "oracle": 1.0},
    )
    columns = {"core": "rest", "mean of all runs": "lane"} | dict.fromkeys(
        ("tasks", "seeds", "all runs", "chosen runs"), "cell"
    )
    rows = []
    for core in ordered_cores(scores["core"]):
        every, chosen = _scopes(scores[scores["core"] == core])
        lane, tasks = (
            scale.lane(core, (), every),
            f"{every['problems']} of {len(tables.problems())}",
        )
        rows.append(row(core, lane, tasks, seeds_text(every), row_text(every), row_text(chosen)))
    return table(columns, rows + scale.level_rows(len(columns), 4))


def _all_note(tables: SummaryTables) -> str:
    known = set(zip(tables.normalised["task"], tables.normalised["setting"], strict=True))
    missing = [problem_title(problem) for problem in tables.problems() if problem not in known]
    names = ", ".join(missing)
    left_out = f" Without a known oracle, and so left out: {names}." if missing else ""
    return (
        "Normalised score: (return − random) / (oracle − random), seed by seed; IQM over runs, "
        f"seeds and tasks, with its 95 % t-interval stratified by task.{left_out}"
    )


def _matrix(tables: SummaryTables) -> Block:
    """Scores of chosen runs and of agents that learn nothing, a row per problem."""
    cores = ordered_cores(tables.runs["core"])
    scores = tables.core_scores[tables.core_scores["scope"] == "chosen"]
    rows = []
    for problem in tables.problems():
        metric = tables.primary(problem[0])
        own = of_problem(scores[scores["metric"] == metric], problem).set_index("core")["value"]
        cells = {**scale_of(tables, problem, metric).levels, **own}
        values = (number_text(cells.get(agent, float("nan"))) for agent in (*AGENT_LABELS, *cores))
        rows.append(row(problem_title(problem), METRIC_LABELS[metric], *values))
    columns = {"task": "rest"} | dict.fromkeys(("score", *AGENT_LABELS, *cores), "cell")
    return table(columns, rows)


def _scopes(own: Any) -> tuple[Any, Any]:
    """The rows of the scopes all and chosen."""
    by_scope = own.set_index("scope")
    return by_scope.loc["all"], by_scope.loc["chosen"]


def _at(indexed: Any, key: str) -> Any:
    return indexed.loc[key] if key in indexed.index else None
