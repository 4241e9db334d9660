"""What the guard's table says of a cell, from what came of its seeds. All is pure."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mpn_rl.statistics.intervals import exact_interval, trimmed_interval
from mpn_rl.statistics.learning_measures import first_reaching, median_time

Row = dict[str, Any]
WITHIN = 1 / 20
LEAST_SOLVED, POOLED_SOLVED, POOLED_STAY = 0.7, 0.9, 0.9
# where answers are judged, and on the cart-poles
MOST_STEPS = {"correct": 100_000, "return": 300_000}
TEXTS = ("task", "core", "learner", "metric", "code", "recipe")
COLUMNS = (
    *("task", "core", "learner", "budget", "metric", "threshold", "seeds", "failed"),
    *("solved", "solved_low", "solved_high", "passed", "stay", "within", "median_steps"),
    *("final", "final_low", "final_high", "best", "best_low", "best_high"),
    *("random", "random_high", "seconds", "cell_seconds", "code", "recipe"),
)


@dataclass(frozen=True)
class Outcome:
    """What came of a seed: (step, score) of its validations, scores of its networks, seconds.

    Scores are of fresh episodes and nan where the seed failed; `failure` says why.
    """

    metric: str
    curve: Sequence[tuple[int, float]]
    final: float
    best: float
    seconds: float
    failure: str | None = None

    def said(self) -> str:
        """In a line."""
        return self.failure or f"{self.final:.3g} (best {self.best:.3g}), {self.seconds:.1f} s"


def within_best(curve: Sequence[tuple[int, float]], random: float) -> float:
    """The share of the last third's validations that lie near the best: nan without any.

    Near is within a twentieth of (best − random); the last third are those of the last third of
    the steps.
    """
    if not curve:
        return np.nan
    steps, scores = np.array(curve, np.float64).T
    best = scores.max()
    late = scores[steps > 2 / 3 * steps[-1]]
    return float((late >= best - WITHIN * (best - random) - 1e-9).mean())


def row_of(
    outcomes: Sequence[Outcome],
    threshold: float | None,
    random: float,
    random_episodes: Sequence[float],
) -> Row:
    """The numbers of a cell; see `COLUMNS`.

    solved: seeds whose final network reaches the threshold; passed: those of which a validation
    did; stay: those of them with every validation of the last third near the best; within: the
    mean share of these.
    """
    row: Row = {"metric": outcomes[0].metric, "threshold": threshold, "seeds": len(outcomes)}
    row |= {"failed": sum(one.failure is not None for one in outcomes)}
    if threshold is not None:
        row |= _solving(outcomes, threshold, random)
    for name in ("final", "best"):
        scores = np.array([getattr(one, name) for one in outcomes])
        known = scores[np.isfinite(scores)]
        low, high = trimmed_interval([scores], cut=0.0)
        row |= {name: float(known.mean()) if len(known) else np.nan}
        row |= {f"{name}_low": low, f"{name}_high": high}
    high = trimmed_interval([random_episodes], cut=0.0)[1] if len(random_episodes) else random
    row |= {"random": random, "random_high": random if np.isnan(high) else high}
    return {**row, "seconds": float(np.median([one.seconds for one in outcomes]))}


def _solving(outcomes: Sequence[Outcome], threshold: float, random: float) -> Row:
    solved = sum(one.final >= threshold for one in outcomes)
    low, high = exact_interval(solved, len(outcomes))
    firsts = [first_reaching(*_apart(one.curve), threshold) for one in outcomes]
    reached = [bool(np.isfinite(first)) for first in firsts]
    ends = [one.curve[-1][0] if one.curve else 0 for one in outcomes]
    times = [first if got else end for first, got, end in zip(firsts, reached, ends, strict=True)]
    near = [
        within_best(one.curve, random) for one, got in zip(outcomes, reached, strict=True) if got
    ]
    return {
        **{"solved": solved, "solved_low": low, "solved_high": high},
        **{"passed": sum(reached), "stay": sum(share == 1.0 for share in near)},
        "within": float(np.mean(near)) if near else np.nan,
        "median_steps": median_time(times, reached),
    }


def _apart(curve: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [step for step, _ in curve], [score for _, score in curve]


def clear_of_random(row: Row) -> bool:
    """Whether the final networks' interval lies above the random agent's.

    Seeds that are all alike have no interval: then their score does.
    """
    low = row["final"] if np.isnan(row["final_low"]) else row["final_low"]
    return bool(low > row["random_high"])


def holds(row: Row) -> bool:
    """Whether a cell's mark holds: 7 of 10 seeds solved, or clear of random without a threshold.

    Within the steps of `MOST_STEPS`, where there is a threshold.
    """
    if np.isnan(row["solved"]):
        return clear_of_random(row)
    in_time = row["budget"] <= MOST_STEPS[row["metric"]]
    return bool(in_time and row["solved"] >= LEAST_SOLVED * row["seeds"])


def text_of(rows: Sequence[Row]) -> str:
    """The rows as CSV, numbers with six digits."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_text(row.get(name)) for name in COLUMNS])
    return lines.getvalue()


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def rows_of(text: str) -> list[Row]:
    """The rows that a CSV holds; nan where it says nothing."""
    return [
        {
            name: value if name in TEXTS else float(value) if value else np.nan
            for name, value in row.items()
        }
        for row in csv.DictReader(io.StringIO(text))
    ]
