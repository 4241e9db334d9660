"""All that a summary shows, as tables: from what blocks left behind to `summary.csv`.

Pure: the stage reads the files, hands in `BlockData` and `SweepData`, and writes what comes back.
Figures draw these tables and compute nothing, so that summary.csv holds every number shown.

A *problem* is a task in one setting of its own parameters (as `delay`), if these are swept: cores
are compared within a problem, never across. Of each core one run is *chosen* per problem, that
with the highest last greedy validation during training; its score comes from the evaluation, which
plays other episodes. With several runs to choose from, the choice was made on the same seeds that
are reported, and flatters: the pooled score of all runs stands beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.analysis.summary_curves import (
    explained_variance,
    learning_curves,
    participation_ratios,
)
from mpn_rl.analysis.summary_facts import fact_table, failure_table, run_table, stage_table
from mpn_rl.analysis.summary_long import LONG_COLUMNS, long_table
from mpn_rl.analysis.summary_scores import (
    Resampler,
    choose_runs,
    core_scores,
    paired_gaps,
    run_scores,
    seed_scores,
    sensitivity,
)

__all__ = [
    "LONG_COLUMNS",
    "BlockData",
    "SummaryTables",
    "SweepData",
    "build_tables",
    "long_table",
]


@dataclass(frozen=True)
class BlockData:
    """What one block left behind.

    hyperparameters: the resolved ones, flat, with task and core; history: seed → its entry of
    training_history.json; evaluation: the columns of evaluation.csv; pca: those of pca.csv, or
    None; records: all of the block's.
    """

    run: str
    seeds: tuple[int, ...]
    hyperparameters: Mapping[str, Any]
    history: Mapping[int, Mapping[str, Any]]
    evaluation: pd.DataFrame
    pca: pd.DataFrame | None = None
    records: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class SweepData:
    """What was asked for: name, hash of the config, which hyper-parameters belong to the task.

    task_parameters: names of hyper-parameters that make a task another problem; units: name →
    unit, for labels.
    """

    name: str
    config_hash: str
    task_parameters: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SummaryTables:
    """The tables of a summary. `task`, `setting` name the problem; intervals (low, high) are 95 %.

    facts         statistic, value, text: counts, versions, commits, times
    stages        stage, jobs, wall_seconds, longest_seconds
    failures      run, seed, steps, text: seeds that diverged
    runs          task, setting, run, core, label, seeds, failed, wall_seconds, chosen
    seed_scores   task, setting, run, core, seed, metric, value, status
    run_scores    task, setting, run, core, metric, value, low, high, n, failed
    core_scores   task, setting, core, scope (all, chosen), runs, run, metric, value, low, high, n,
                  failed
    gaps          task, setting, core, against, metric, value, low, high, n: core − against, paired
    curves        task, setting, core, scope, quantity, x (environment steps), value, low, high, n
    sensitivity   task, axis, core, metric, x, value, low, high, n; x nan: a core without the axis
    axis_points   task, axis, core, metric, x, run, seed, value
    variance      task, setting, core, variable (hidden, M), x (component), value, low, high, n
    participation task, setting, core, run, variable, seed, value
    """

    sweep: SweepData
    facts: pd.DataFrame
    stages: pd.DataFrame
    failures: pd.DataFrame
    runs: pd.DataFrame
    seed_scores: pd.DataFrame
    run_scores: pd.DataFrame
    core_scores: pd.DataFrame
    gaps: pd.DataFrame
    curves: pd.DataFrame
    sensitivity: pd.DataFrame
    axis_points: pd.DataFrame
    variance: pd.DataFrame
    participation: pd.DataFrame

    def primary(self, task: str) -> str:
        """What a task is judged by: `correct` where it has a right answer, else `return`."""
        scores = self.seed_scores
        judged = ((scores["task"] == task) & (scores["metric"] == "correct")).any()
        return "correct" if judged else "return"

    def problems(self) -> list[tuple[str, str]]:
        """(task, setting) in the order of the sweep."""
        return list(dict.fromkeys(zip(self.runs["task"], self.runs["setting"], strict=True)))


def build_tables(
    blocks: Sequence[BlockData], sweep: SweepData, generator: np.random.Generator
) -> SummaryTables:
    """Return every table of the summary of these blocks.

    One number is drawn from the generator; each interval has a stream of its own from it and its
    name, so that one more run changes no other interval. Raises ValueError without blocks.
    """
    if not blocks:
        raise ValueError("a summary needs at least one block")
    resampler = Resampler(int(generator.integers(2**32)))
    runs = run_table(blocks, sweep.task_parameters)
    scores = seed_scores(blocks, runs)
    by_run = run_scores(scores, resampler)
    runs = choose_runs(runs, blocks, by_run)
    points, lines = sensitivity(scores, blocks, resampler)
    return SummaryTables(
        sweep=sweep,
        facts=fact_table(blocks, sweep.name, sweep.config_hash),
        stages=stage_table(blocks),
        failures=failure_table(blocks),
        runs=runs,
        seed_scores=scores,
        run_scores=by_run,
        core_scores=core_scores(scores, runs, resampler),
        gaps=paired_gaps(scores, runs, resampler),
        curves=learning_curves(blocks, runs, resampler),
        sensitivity=lines,
        axis_points=points,
        variance=explained_variance(blocks, runs, resampler),
        participation=participation_ratios(blocks, runs),
    )
