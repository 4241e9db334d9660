"""Tune every core alike: `python -m benchmarks.tuning CONFIG [--keep N] [--pooled]`.

The runs of the config are trained by its first seed on every task, the best of each arm's
configurations by the others too (successive halving). docs/results/NAME.csv keeps every training,
and what is there is not trained again; the ranking is printed. The trainings are those of the
workflow, without its stages: here they last a second each.
"""

import argparse
import csv
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.guard_cells import random_scores
from benchmarks.tuning_scores import (
    COLUMNS,
    TUNED,
    Trial,
    named,
    ranking,
    row_of,
    survivors,
    trial_of,
)
from benchmarks.turns import ROOT
from mpn_rl.interruption import check, obeyed
from mpn_rl.learning.training import make_training
from mpn_rl.parameters.catalogue import task_entry
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import applicable
from mpn_rl.statistics.learning_measures import area_under_curve, final_window
from mpn_rl.sweep.config.sweep import Sweep, load_sweep, sweep_axes

BEST = {"correct": 1.0, "return": 500.0}  # the cart-poles are all that is judged by returns here
ADVICE = "trainings that are done are kept: the same command goes on"


class Tuning:
    """The trainings of a config, kept in a table."""

    def __init__(self, sweep: Sweep, table: Path) -> None:
        self.sweep, self.table = sweep, table
        self._axes = sweep_axes(sweep.runs)
        self.trials: list[Trial] = []
        if table.exists():
            with table.open(newline="") as lines:
                kept = [trial_of(row) for row in csv.DictReader(lines)]
            # axes that were added since are in the names of all
            self.trials = [self._renamed(one) for one in kept if one.run in sweep.runs]

    def _renamed(self, trial: Trial) -> Trial:
        arm, configuration, problem = self.names_of(self.sweep.runs[trial.run])
        return replace(trial, arm=arm, configuration=configuration, problem=problem)

    def names_of(self, point: Hyperparameters) -> tuple[str, str, str]:
        """arm, configuration, problem of a run."""
        values = {name: getattr(point, name) for name in applicable(vars(point))}
        tasks = ("task", *task_entry(point.task).parameters)
        others = [name for name in self._axes if name not in (*TUNED, *tasks, "core")]
        arm = ", ".join(filter(None, (point.core, named(values, others))))
        tuned = [name for name in self._axes if name in TUNED]
        return arm, named(values, tuned), named(values, [n for n in tasks if n in self._axes])

    def rung(self, seeds: tuple[int, ...], wanted: set[tuple[str, str]] | None) -> None:
        """Train what is wanted by these seeds, all runs where nothing is said."""
        done = {(one.run, one.seed) for one in self.trials}
        named_runs = [(run, point, self.names_of(point)) for run, point in self.sweep.runs.items()]
        todo = [
            (run, point, names, seed)
            for seed in seeds
            for run, point, names in named_runs
            if (wanted is None or names[:2] in wanted) and (run, seed) not in done
        ]
        for place, (run, point, names, seed) in enumerate(todo):
            trial = _trained(run, point, names, seed)
            self._keep(trial)
            print(f"{place + 1} of {len(todo)}: {', '.join(row_of(trial)[:-1])}", flush=True)

    def _keep(self, trial: Trial) -> None:
        new = not self.table.exists()
        with self.table.open("a", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if new:
                writer.writerow(COLUMNS)
            writer.writerow(row_of(trial))
        self.trials.append(trial)


def _trained(run: str, point: Hyperparameters, names: tuple[str, str, str], seed: int) -> Trial:
    training = make_training(point, seed)
    training.prepare()
    began = os.times()
    history = training.run(check).history
    ended = os.times()
    metric = "correct" if training.task.has_answer else "return"
    values = np.array(getattr(history, f"validation_{metric}"), np.float64)
    random = random_scores(point)[0]
    scaled = (values - random) / (BEST[metric] - random)
    area = area_under_curve(history.validation_step, scaled)
    return Trial(*names, seed, area, final_window(scaled), ended.user - began.user, run)


def lines(tuning: Tuning, pooled: bool) -> Iterator[str]:
    """What was found, an arm a paragraph: only configurations with every seed of the sweep."""
    count = tuning.sweep.seeds.count
    whole = survivors(tuning.trials, (_seeds(tuning.sweep)[-1],), 10**6, pooled)
    full = [one for one in tuning.trials if (one.arm, one.configuration) in whole]
    for arm, ranked in ranking(full, pooled).items():
        yield f"{arm}: {count} seeds"
        yield from (f"  {score:.3f}  {name}" for name, score in ranked[:4])


def _seeds(sweep: Sweep) -> tuple[int, ...]:
    return tuple(range(sweep.seeds.first, sweep.seeds.first + sweep.seeds.count))


def main() -> None:
    """Train what is missing, and print the ranking."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tuning", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--pooled", action="store_true", help="one choice for all arms together")
    parser.add_argument("--keep", type=int, default=4, help="configurations that go on")
    given = parser.parse_args()
    sweep = load_sweep(given.config)
    tuning = Tuning(sweep, ROOT / "docs" / "results" / f"{sweep.name}.csv")
    first, *others = _seeds(sweep)
    with obeyed(ADVICE):
        tuning.rung((first,), None)
        best = survivors(tuning.trials, (first,), given.keep, given.pooled)
        tuning.rung(tuple(others), best)
    print("\n".join(lines(tuning, given.pooled)))


if __name__ == "__main__":
    main()
