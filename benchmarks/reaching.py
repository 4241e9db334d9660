"""At equal score: seconds and steps of one core until a validation passes a threshold.

Ours by the default flags and the jitted PQN are trained here; RecurrentPPO's runs are those that
`kept_runs` has made and kept, by the best of five settings on each task.
"""

import json
import statistics
import subprocess
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import kept_runs
from benchmarks.marks import Mark, Missing
from benchmarks.parts import Part
from benchmarks.peers import PYTHON
from benchmarks.reached import THRESHOLDS
from benchmarks.turns import ROOT, number, one_thread
from mpn_rl.statistics.learning_measures import median_time

CORES = ("mpn", "gru")
SEEDS = range(2000, 2005)
MARK, SECONDS, WAIT = 20.0, 120.0, 3600
CANDIDATES = {f"mpn-rl, {core}": ("own_reached", core) for core in CORES}
CANDIDATES["one jitted program, gru"] = ("jax_reached", "gru")
PPO = "RecurrentPPO"
Run = dict[str, Any]


def measure(quick: bool) -> Part:
    """Train ours and the jitted program; tables of all, and the marks."""
    part = Part({"reached": [["task", "", "reached", "seconds", "steps"]]})
    for task in THRESHOLDS:
        theirs = kept(task)
        found = {name: trained(*of, task, SEEDS[:1] if quick else SEEDS) for name, of in _all()}
        for name, runs in found.items():
            part.tables["reached"].append([task, name, *cells(runs)])
            if name.startswith("mpn-rl"):
                part.marks.append(mark(f"seconds to {_said(task)}, {name}", runs, theirs))
        part.tables["reached"].append([task, PPO, *cells(theirs)])
    part.tables["screened"] = screened()
    return part


def _all() -> list[tuple[str, tuple[str, str]]]:
    return list(CANDIDATES.items())


def _said(task: str) -> str:
    return f"{THRESHOLDS[task]:g} on {task.removeprefix('popgym-')}"


def trained(module: str, core: str, task: str, seeds: Sequence[int]) -> list[Run]:
    """Runs in a process of the peers' Python, on one thread.

    Raises RuntimeError if it fails.
    """
    named = ",".join(map(str, seeds))
    command = [str(PYTHON), "-m", "benchmarks.reached", module, task, core, named, str(SECONDS)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=one_thread(),
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or "no message").splitlines()[-1])
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def kept(task: str) -> list[Run]:
    """RecurrentPPO's runs by its best setting."""
    rows = kept_runs.read()
    best = kept_runs.best_setting(rows, task)
    own = [row for row in rows if row["task"] == task and row["setting"] == best]
    return [row for row in own if row["seed"] != kept_runs.SCREENED_BY]


def median(runs: Sequence[Run], name: str) -> float:
    """The median of all runs, of which some did not get there; nan if that is beyond what ran."""
    values = [float(run[name]) for run in runs]
    reached = [bool(run["reached"]) for run in runs]
    return statistics.median(values) if all(reached) else median_time(values, reached)


def cells(runs: Sequence[Run]) -> list[str]:
    """How many got there, and the median of seconds and of steps, with the smallest and largest."""
    if not runs:
        return ["not measured", "", ""]
    got_there = sum(bool(run["reached"]) for run in runs)
    return [f"{got_there} of {len(runs)}", *(_spread(runs, name) for name in ("seconds", "steps"))]


def _spread(runs: Sequence[Run], name: str) -> str:
    values = [float(run[name]) for run in runs]
    middle = median(runs, name)
    if np.isnan(middle):
        return f"not in {number(max(values))}"
    return f"{number(middle)} [{number(min(values))}–{number(max(values))}]"


def mark(what: str, ours: Sequence[Run], theirs: Sequence[Run]) -> Mark | Missing:
    """Their median seconds over ours; where most of theirs did not get there, what they took."""
    if not theirs:
        return Missing(what, f"no runs of {PPO} are kept: python -m benchmarks.kept_runs")
    middle = median(ours, "seconds")
    if np.isnan(middle):
        return Missing(what, f"{cells(ours)[0]} got there")
    other = median(theirs, "seconds")
    more = np.isnan(other)
    other = statistics.median(run["seconds"] for run in theirs) if more else other
    texts = f"{number(middle)} s", f"{'> ' if more else ''}{number(other)} s"
    return Mark(what, *texts, other / middle, MARK)


def screened() -> list[list[str]]:
    """One run of each of RecurrentPPO's settings: seconds to the threshold, or the best score."""
    rows = kept_runs.read()
    table = [["setting", *THRESHOLDS]]
    for setting in kept_runs.SETTINGS:
        line = [setting]
        for task in THRESHOLDS:
            line.append(_screened(rows, task, setting))
        table.append(line)
    return table


def _screened(rows: Sequence[Run], task: str, setting: str) -> str:
    by = kept_runs.SCREENED_BY, task, setting
    for row in rows:
        if (row["seed"], row["task"], row["setting"]) == by:
            taken = f"{row['seconds']:.0f} s"
            return taken if row["reached"] else f"{number(row['best'])} after {taken}"
    return "–"
