"""How far the training of a block is, from its metrics.jsonl."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.metrics import read_metrics
from mpn_rl.errors import printable

# Of a file that tells of a training of days.
_MOST_BYTES = 2**24
POINTS = 12


@dataclass(frozen=True)
class Training:
    """steps: of all seeds so far, of `planned` (None: not known); rate [steps/s] of those at work;

    left: seconds at this rate; returns: the greedy return on the way (mean of the seeds), from
    first to last, where there was a validation, else the return of training; failures: seed → why.
    """

    steps: int = 0
    planned: int | None = None
    rate: float = 0.0
    left: float | None = None
    returns: tuple[float, ...] = ()
    failures: tuple[tuple[int, str], ...] = ()


def read_training(path: Path, seeds: Sequence[int]) -> Training | None:
    """What is told of these seeds; None where nothing is."""
    events = [event for event in read_metrics(path, _MOST_BYTES) if event["seed"] in seeds]
    if not events:
        return None
    last = {event["seed"]: event for event in events}
    steps = sum(event["step"] for event in last.values())
    each = next((e["num_steps"] for e in last.values() if "num_steps" in e), None)
    planned = None if each is None else int(each) * len(seeds)
    at_work = [e for e in last.values() if e["status"] in ("begun", "training")]
    rate = sum(float(event.get("steps_per_second", 0.0)) for event in at_work)
    missing = planned - steps if planned is not None else None
    left = 0.0 if missing == 0 else missing / rate if missing is not None and rate > 0 else None
    failures = [(seed, printable(e.get("failure", ""))) for seed, e in last.items() if _failed(e)]
    return Training(steps, planned, rate, left, _returns(events), tuple(failures))


def _failed(event: Mapping[str, Any]) -> bool:
    return event["status"] == "failed"


def _returns(events: Sequence[Mapping[str, Any]]) -> tuple[float, ...]:
    """Means of the returns in up to `POINTS` equal stretches of steps, empty ones left out."""
    name = "validation_return" if any("validation_return" in e for e in events) else "return"
    points = sorted((e["step"], float(e[name])) for e in events if name in e)
    if not points:
        return ()
    width = max(1, -(-(points[-1][0] + 1) // POINTS))
    stretches = groupby(points, key=lambda point: point[0] // width)
    found = [[value for _, value in stretch] for _, stretch in stretches]
    return tuple(sum(values) / len(values) for values in found)


def sparkline(values: Sequence[float]) -> str:
    """A line of blocks, from the lowest to the highest of the values; equal ones are half high."""
    if not values:
        return ""
    low, high = min(values), max(values)
    if high == low:
        return "▄" * len(values)
    return "".join("▁▂▃▄▅▆▇█"[round((value - low) / (high - low) * 7)] for value in values)
