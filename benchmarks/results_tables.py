"""The tables of docs/results.md, each from the committed numbers: rows of cells, the head first."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.contest_statistics import mean_over_problems
from benchmarks.results_data import (
    CONTROLS,
    EQUAL_STATE,
    FRAMES,
    FURTHER,
    GROUPS,
    MAIN,
    SMALL,
    Compared,
    Contest,
)
from mpn_rl.statistics.intervals import exact_interval, trimmed_interval
from mpn_rl.sweep.summary.texts import interval_text, number_text, rounded_count

AGENTS = ("random", "memoryless", "oracle")
Rows = Iterator[list[str]]


def _having(contest: Contest, arms: Sequence[str]) -> list[str]:
    """The problems of a group: those of the arms that are not on all problems."""
    own = [arm for arm in contest.present(arms) if arm not in MAIN] or list(arms)
    return [p for p in contest.names if any(len(contest.column(p, arm)) for arm in own)]


def _by_problem(contest: Contest, arms: Sequence[str], cell: Callable[[str, str], str]) -> Rows:
    """A row per problem, a column per arm."""
    shown = contest.present(arms)
    yield ["problem", *shown]
    for problem in _having(contest, arms):
        there = [arm for arm in shown if len(contest.column(problem, arm))]
        yield [problem, *(cell(problem, arm) if arm in there else "" for arm in shown)]


def _score(contest: Contest, problem: str, arm: str) -> str:
    values = contest.column(problem, arm)
    return interval_text(values.mean(), *trimmed_interval([values], cut=0.0))


def scores(contest: Contest, arms: Sequence[str] = MAIN) -> Rows:
    """The mean score of each arm's final networks."""
    return _by_problem(contest, arms, partial(_score, contest))


def levels(contest: Contest) -> Rows:
    """What agents reach that learn nothing, and which main cores' means are at the ceiling."""
    yield ["problem", "score", *AGENTS, "steps of training", "at 0.95 of the oracle"]
    for problem in contest.names:
        row = contest.levels(problem)
        size = contest.size(problem, "mpn")
        metric = "fraction correct" if row["metric"] == "correct" else "return"
        steps = "" if size is None else f"{size['budget']:,.0f}"
        solve = [arm for arm in MAIN if contest.ceiling(problem, arm)]
        solved_by = ", ".join(solve) or "none"
        yield [problem, metric, *(number_text(row[agent]) for agent in AGENTS), steps, solved_by]


def _marked(found: Compared) -> str:
    text = interval_text(*found.found[:3], signed=True)
    return {"more": f"**{text}**", "less": f"**{text}**", "equal": f"{text} ="}.get(
        found.verdict, text
    )


def differences(contest: Contest, arms: Sequence[str] = MAIN) -> Rows:
    """The first arm's mean less each other's, marked by the protocol's verdict."""
    first, *others = contest.present(arms)
    found = contest.compared(first, others, _having(contest, arms))
    yield [f"{first} −", *others]
    for problem in _having(contest, arms):
        cells = [found.get((problem, other)) for other in others]
        if any(cells):
            yield [problem, *("" if one is None else _marked(one) for one in cells)]


def _solved(contest: Contest, problem: str, arm: str) -> str:
    values = contest.column(problem, arm)
    count = int((values >= contest.solved_at(problem)).sum())
    low, high = exact_interval(count, len(values))
    return f"{count} of {len(values)} [{number_text(low)}, {number_text(high)}]"


def solved(contest: Contest, arms: Sequence[str] = MAIN) -> Rows:
    """How many seeds' final networks reach 0.95 of the oracle, with exact intervals."""
    return _by_problem(contest, arms, partial(_solved, contest))


def _steps(contest: Contest, problem: str, arm: str) -> str:
    found, size = contest.steps_to_solved(problem, arm), contest.size(problem, arm)
    if found is None or size is None:
        return "–"
    median, reached, number = found
    if np.isnan(median):
        return f"– ({reached} of {number})"
    seconds = median / size["budget"] * size["seconds"]
    return f"{rounded_count(median)}, {seconds:.1f} s"


def steps(contest: Contest, arms: Sequence[str] = MAIN) -> Rows:
    """The median steps and seconds to 0.95 of the oracle."""
    return _by_problem(contest, arms, partial(_steps, contest))


def _window(contest: Contest, problem: str, arm: str) -> str:
    return number_text(float(np.nanmean(contest.column(problem, arm, "window"))))


def windows(contest: Contest, arms: Sequence[str] = MAIN) -> Rows:
    """The mean of the last validations."""
    return _by_problem(contest, arms, partial(_window, contest))


def overall(contest: Contest) -> Rows:
    """Means over the first family's problems; how often mpn is more, equal, less or neither."""
    yield ["core", "mean over problems, 0 random and 1 oracle", "mpn more", "equal", "less", "open"]
    arms = contest.present(MAIN)
    found = contest.compared("mpn", arms[1:], contest.primary)
    for place, arm in enumerate(arms):
        every = {p: contest.scaled(p, arm) for p in contest.primary if p in contest.having([arm])}
        mean = interval_text(*mean_over_problems(every, place))
        told = Counter(one.verdict for (_, other), one in found.items() if other == arm)
        counts = [str(told[name]) for name in ("more", "equal", "less", "open")]
        yield [arm, mean, *([""] * 4 if arm == "mpn" else counts)]


def cost(contest: Contest) -> Rows:
    """Sizes of every arm, and its seconds, on the first problem that it has."""
    yield ["core", "parameters", "state", "operations a step", "seconds for 100,000 steps"]
    for arm in dict.fromkeys(arm for group in GROUPS for arm in contest.present(group)):
        rows = contest.arms[contest.arms["arm"] == arm]
        size = rows.iloc[0]
        seconds = float((rows["seconds"] / rows["budget"]).median() * 100_000)
        whole = [f"{size[name]:,.0f}" for name in ("parameters", "state", "operations")]
        yield [arm, *whole, f"{seconds:.1f}"]


# where a problem's memory holds, what it holds there, and what its length is called
HOLDING = {
    "RepeatPrevious": ("recall", "target", "k"),
    "RepeatFirst": ("recall", "target", "memory_length"),
    "TMaze": ("corridor", "sign", "corridor_length"),
    "DelayedComparison": ("delay", "first", "delay"),
    "ContextDecision": ("stimulus", "context", ""),
}
# what is shown of how a memory works: columns by (table, quantity, x), any x where none is named
HOW: dict[str, dict[str, tuple[str, str, float | None]]] = {
    "held": {
        "bistable units": ("timescales", "{phase} | bistable_units", None),
        "holding": ("timescales", "{phase} | holding_units", None),
        "swinging, holding": ("timescales", "{phase} | swinging_holding_units", None),
        "stable points": ("timescales", "{phase} | stable_points", None),
        "growth per step": ("timescales", "{phase} | growth_per_step", None),
        "horizon, steps": ("timescales", "{phase} | horizon", None),
        "read from h": ("decoding", "{held} | h | same_time", None),
        "from M": ("decoding", "{held} | M | same_time", None),
        "shuffled": ("decoding", "{held} | h | shuffled", None),
    },
    "delays": {
        f"{delay}": ("generalisation", "intact | {length}", float(delay))
        for delay in (6, 24, 25, 50, 51, 52, 99, 100, 101, 301)
    },
    "lesions": {
        "none": ("lesions", "none | all | score", None),
        "zeroed (a check)": ("lesions", "zeroed | {phase} | score", None),
        "no writing": ("lesions", "no writing | {phase} | score", None),
        "selective quarter zeroed": ("lesions", "selective units zeroed | {phase} | score", 0.25),
        "fastest quarter": ("lesions", "fastest units zeroed | {phase} | score", 0.25),
        "slowest quarter": ("lesions", "slowest units zeroed | {phase} | score", 0.25),
        "random quarter": ("lesions", "random units zeroed | {phase} | score", 0.25),
        "one component kept": ("lesions", "components kept | {phase} | score", 1.0),
        "one random axis kept": ("lesions", "random axes kept | {phase} | score", 1.0),
    },
}


def how(contest: Contest, name: str) -> Rows:
    """How memories work, as far as is known: a row per problem and arm, columns of HOW[name]."""
    columns, table = HOW[name], contest.mechanism
    yield ["problem", "core", *columns]
    if table is None:
        return
    place = {problem: number for number, problem in enumerate(contest.names)}
    ordered = table.sort_values("problem", key=lambda names: names.map(place), kind="stable")
    for (problem, arm), own in ordered.groupby(["problem", "arm"], sort=False):
        phase, held, length = HOLDING.get(str(problem).split(",")[0], ("delay", "sample", "delay"))
        cells = [
            _cell(own, kind, quantity.format(phase=phase, held=held, length=length), x)
            for kind, quantity, x in columns.values()
        ]
        if sum(map(bool, cells)) > 1:
            yield [str(problem), str(arm), *cells]


def _cell(own: pd.DataFrame, table: str, quantity: str, x: float | None) -> str:
    rows = own[(own["table"] == table) & (own["quantity"] == quantity)]
    rows = rows if x is None else rows[rows["x"] == x]
    if not len(rows):
        return ""
    row = rows.sort_values("x").iloc[0]
    return interval_text(row["value"], row["low"], row["high"])


TABLES: dict[str, Callable[[Contest], Rows]] = {
    "levels": levels,
    "overall": overall,
    "scores": scores,
    "differences": differences,
    "solved": solved,
    "windows": windows,
    "steps": steps,
    "further": partial(scores, arms=FURTHER),
    "further_differences": partial(differences, arms=FURTHER),
    "frames": partial(scores, arms=FRAMES),
    "frames_differences": partial(differences, arms=FRAMES),
    "small": partial(scores, arms=SMALL),
    "small_differences": partial(differences, arms=SMALL),
    "equal_state": partial(scores, arms=EQUAL_STATE),
    "equal_state_differences": partial(differences, arms=EQUAL_STATE),
    "controls": partial(scores, arms=CONTROLS),
    "controls_differences": partial(differences, arms=CONTROLS),
    "cost": cost,
    **{name: partial(how, name=name) for name in HOW},
}
