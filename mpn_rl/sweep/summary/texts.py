"""What the summary says in words: numbers, names of problems and runs, and what was found."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mpn_rl.figures.style import short_count
from mpn_rl.parameters.hyperparameters import FIELDS
from mpn_rl.sweep.summary.data import Problem, SummaryTables, of_problem

CONTROL = "mpn-frozen"
METRIC_LABELS = {"correct": "fraction correct", "return": "return"}
AGENT_LABELS = {"random": "random", "memoryless": "best memoryless", "oracle": "oracle"}


def number_text(value: float) -> str:
    """Return a number as text of about three digits; – where there is none."""
    if not np.isfinite(value):
        return "–"
    size = abs(value)
    digits = 2 if size < 100 else 1 if size < 1000 else 0
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def scaled_text(value: float) -> str:
    """Return a number of any scale as text of three digits; – where there is none."""
    if value == 0 or 0.1 <= abs(value) < 1e6 or not np.isfinite(value):
        return number_text(value)
    return f"{value:.3g}".replace("-", "−")


def interval_text(
    value: float,
    low: float,
    high: float,
    signed: bool = False,
    text: Callable[[float], str] = number_text,
) -> str:
    """Return a number with its interval: 0.98 [0.97, 0.99]; without one where none is known."""
    sign = "+" if signed and np.isfinite(value) and value > 0 else ""
    if not np.isfinite(low):
        return sign + text(value)
    return f"{sign}{text(value)} [{text(low)}, {text(high)}]"


def row_text(row: Any, signed: bool = False, text: Callable[[float], str] = number_text) -> str:
    """Return the value of a table's row with its interval; – without a row."""
    if row is None:
        return "–"
    return interval_text(row["value"], row["low"], row["high"], signed, text)


def solved_text(found: Any) -> str:
    """Return seeds that solved a task with their exact interval: 3 of 3 [0.29, 1.00]."""
    if found is None:
        return "–"
    return f"{found['text']} [{number_text(found['low'])}, {number_text(found['high'])}]"


def steps_text(found: Any) -> str:
    """Return the median of steps to solved with the seeds that did: 10k (3 of 3)."""
    if found is None:
        return "–"
    reached = str(found["text"]).removesuffix(" reached it")
    if found["value"] > 0:
        return f"{rounded_count(found['value'])} ({reached})"
    return f"not in {rounded_count(found['x'])} ({reached})"


def rounded_count(value: float) -> str:
    """Return a count as a short text of three digits: 5.01k."""
    return short_count(float(f"{value:.3g}"))


def parameter_name(name: str) -> str:
    """Return a hyper-parameter's name with its unit, if it has one: delay (steps)."""
    unit = FIELDS[name].meaning[1] if name in FIELDS else ""
    return f"{name} ({unit})" if unit else name


def counted(number: float, thing: str) -> str:
    """Return a number of things: 1 run, 1,000 runs."""
    return f"{number:,.0f} {thing}{'' if number == 1 else 's'}"


def problem_title(problem: Problem) -> str:
    """Return a problem's name: the task, with its setting where that is swept."""
    task, setting = problem
    return f"{task} ({setting})" if setting else task


def run_name(run: Any) -> str:
    """Return a run's name among those of its problem: its core and what else distinguishes it."""
    return f"{run['core']}, {run['label']}" if run["label"] else str(run["core"])


def seeds_text(row: Any) -> str:
    """Return how many seeds are behind a score, of those that failed or never answered too."""
    return f"{int(row['n'])} of {int(row['n'] + row['failed'] + row['unanswered'])}"


def verdict(tables: SummaryTables, problem: Problem) -> str:
    """Say in a sentence whether mpn beats mpn-frozen, by the paired gap and its interval."""
    metric = tables.primary(problem[0])
    cores = set(of_problem(tables.core_scores, problem)["core"])
    if not {"mpn", CONTROL} <= cores:
        missing = " and ".join(sorted({"mpn", CONTROL} - cores))
        return f"cannot be said without {missing} in the sweep"
    gaps = of_problem(tables.gaps, problem)
    row = gaps[(gaps["against"] == CONTROL) & (gaps["metric"] == metric)].iloc[0]
    number, value, low, high = int(row["n"]), row["value"], row["low"], row["high"]
    if number == 0:
        return "cannot be said: no seed completed with both mpn and mpn-frozen and answered"
    size = f"{interval_text(value, low, high, signed=True)} in {METRIC_LABELS[metric]}"
    against = f"against mpn-frozen, {counted(number, 'common seed')}"
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


def headline(tables: SummaryTables) -> str:
    """Say what was found: the verdict on a single problem, or on how many plasticity helped."""
    verdicts = [verdict(tables, problem) for problem in tables.problems()]
    if len(verdicts) == 1:
        first = verdicts[0]
        if first.startswith(("above", "below", "level")):
            return f"mpn is {first}"
        known = "Whether plasticity helps " if first.startswith("cannot") else ""
        return known + (first if known else first[0].upper() + first[1:])
    if all(v.startswith("cannot") for v in verdicts):
        return f"Whether plasticity helps cannot be said in any of {len(verdicts)} problems"
    kinds = {"helped": ("plasticity helped", "above"), "hurt": ("plasticity hurt", "below")}
    counts = {name: sum(v.startswith(kind) for v in verdicts) for name, kind in kinds.items()}
    said = [f"{name} in {counts[name]}" for name in kinds if counts[name]] or [
        "made no clear difference in any"
    ]
    return f"Plasticity {' and '.join(said)} of {len(verdicts)} problems"
