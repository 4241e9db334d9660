"""RecurrentPPO's runs to a threshold, which take the better part of an hour: made once and kept.

    python -m benchmarks.kept_runs

adds what is missing to docs/results/recurrent_ppo.csv: on each task a run of each setting by one
seed, each with no more seconds than the quickest so far has taken, then five seeds of the best.
"""

import csv
import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.peers import PYTHON
from benchmarks.reached import THRESHOLDS
from benchmarks.turns import ROOT, one_thread
from mpn_rl.artifacts.files import atomic_write_text

KEPT = ROOT / "docs" / "results" / "recurrent_ppo.csv"
SETTINGS = (
    "LSTM 64, 4 epochs",
    "LSTM 64, large batch",
    "zoo, LSTM 64, 10 epochs",
    "library",
    "zoo",
)
SEEDS, SCREENED_BY = range(2000, 2005), 1999
SCREEN_SECONDS, MOST_SECONDS = 90.0, 600.0
# where the first so many seeds have not got there, neither has the median of five
ENOUGH = 3
COLUMNS = ("task", "setting", "seed", "allowed", "reached", "seconds", "steps", "best")
Row = dict[str, Any]


def read() -> list[Row]:
    """The runs that are kept."""
    if not KEPT.exists():
        return []
    with KEPT.open(newline="") as lines:
        return [_typed(row) for row in csv.DictReader(lines)]


def _typed(row: dict[str, str]) -> Row:
    numbers = {name: float(row[name]) for name in ("allowed", "seconds", "best")}
    whole = {name: int(row[name]) for name in ("seed", "reached", "steps")}
    return {**row, **numbers, **whole}


def best_setting(rows: list[Row], task: str) -> str | None:
    """The setting of the quickest screening run that got there, or of the best score."""
    screened = [row for row in rows if row["task"] == task and row["seed"] == SCREENED_BY]
    if len(screened) < len(SETTINGS):
        return None
    got_there = [row for row in screened if row["reached"]]
    if got_there:
        return str(min(got_there, key=lambda row: row["seconds"])["setting"])
    return str(max(screened, key=lambda row: row["best"])["setting"])


def missing(rows: list[Row]) -> tuple[str, str, int, float] | None:
    """The next run: task, setting, seed, the seconds it may take; None when all are there."""
    return next(_missing(rows), None)


def _missing(rows: list[Row]) -> Iterator[tuple[str, str, int, float]]:
    done = {(row["task"], row["setting"], row["seed"]): row for row in rows}
    for task in THRESHOLDS:
        for setting in SETTINGS:
            if (task, setting, SCREENED_BY) not in done:
                yield task, setting, SCREENED_BY, allowed(rows, task)
        best = best_setting(rows, task) or ""
        late = [row for row in rows if row["task"] == task and row["allowed"] == MOST_SECONDS]
        if sum(not row["reached"] for row in late) >= ENOUGH:
            continue
        for seed in SEEDS:
            if (task, best, seed) not in done:
                yield task, best, seed, MOST_SECONDS


def allowed(rows: list[Row], task: str) -> float:
    """The seconds that a screening run may take."""
    taken = [row["seconds"] for row in rows if row["task"] == task and row["reached"]]
    return math.ceil(min([SCREEN_SECONDS, *taken]))


def _measured(task: str, setting: str, seed: int, seconds: float) -> Row:
    command = [str(PYTHON), "-m", "benchmarks.reached", "recurrent_ppo", task, setting, str(seed)]
    done = subprocess.run(
        [*command, str(seconds)], cwd=ROOT, env=one_thread(), stdout=subprocess.PIPE, check=True
    )
    said = json.loads(done.stdout.splitlines()[-1])
    row = {"task": task, "setting": setting, "seed": seed, "allowed": seconds}
    reached = int(bool(said["reached"]))
    return {
        **row,
        "reached": reached,
        **{name: said[name] for name in ("seconds", "steps", "best")},
    }


def write(rows: list[Row], path: Path = KEPT) -> None:
    """Write them all."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        shown = {"seconds": f"{row['seconds']:.1f}", "best": f"{row['best']:.3f}"}
        writer.writerow({**row, **shown})
    atomic_write_text(path, text.getvalue())


def main() -> None:
    """Make what is missing, one after the other."""
    os.nice(10)
    rows = read()
    while (wanted := missing(rows)) is not None:
        print(*wanted, "…", file=sys.stderr, flush=True)
        rows.append(_measured(*wanted))
        print(rows[-1], file=sys.stderr, flush=True)
        write(rows)


if __name__ == "__main__":
    main()
