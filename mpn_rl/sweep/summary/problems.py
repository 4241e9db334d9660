"""Problems by name, and the answer for each: did plasticity help?"""

from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.page_text import interval_text, number_text

CONTROL = "mpn-frozen"
METRIC_LABELS = {"correct": "fraction correct", "return": "return"}
SCORE_NOTE = (
    "Score: fraction correct where a task has a right answer, else return; greedy, on episodes "
    "that training never saw. IQM over completed seeds [95 %; none where all agree]. The chosen "
    "run validated best on the same seeds, which flatters it. Gap: mpn − core, paired by seed."
)
Problem = tuple[str, str]


def problem_title(problem: Problem) -> str:
    """Return a problem's name: the task, with its setting where that is swept."""
    task, setting = problem
    return f"{task} ({setting})" if setting else task


def of_problem(table: pd.DataFrame, problem: Problem) -> pd.DataFrame:
    """Return a table's rows of one problem."""
    return table[(table["task"] == problem[0]) & (table["setting"] == problem[1])]


def seeds_of(row: Any) -> int:
    """Return the number of seeds behind a score, with those that failed or never answered."""
    return int(row["n"] + row["failed"] + row["unanswered"])


def verdict(tables: SummaryTables, problem: Problem) -> str:
    """Say in a sentence whether mpn beats mpn-frozen, by the paired gap and its interval."""
    metric = tables.primary(problem[0])
    cores = set(of_problem(tables.core_scores, problem)["core"])
    if not {"mpn", CONTROL} <= cores:
        lacking = " and ".join(sorted({"mpn", CONTROL} - cores))
        return f"cannot be said without {lacking} in the sweep"
    gaps = of_problem(tables.gaps, problem)
    row = gaps[(gaps["against"] == CONTROL) & (gaps["metric"] == metric)].iloc[0]
    number, value, low, high = int(row["n"]), row["value"], row["low"], row["high"]
    if number == 0:
        return "cannot be said: no seed completed with both mpn and mpn-frozen and answered"
    size = f"{interval_text(value, low, high, signed=True)} in {METRIC_LABELS[metric]}"
    against = f"against mpn-frozen, {number} common seed{'s' if number > 1 else ''}"
    if number == 1:
        return f"too few seeds to tell: {size} {against}"
    if not np.isfinite(low):
        side = "above" if value > 0 else "below" if value < 0 else "level with"
        size = f" by {number_text(abs(value))} in {METRIC_LABELS[metric]}" if value else ""
        return f"{side} mpn-frozen{size} on each of {number} common seeds, without any spread"
    if low > 0:
        return f"plasticity helped: {size} {against}"
    if high < 0:
        return f"plasticity hurt: {size} {against}"
    return f"no clear difference: {size} {against}"
