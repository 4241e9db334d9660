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
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.analysis.summary_curves import (
    explained_variance,
    learning_curves,
    participation_ratios,
)
from mpn_rl.analysis.summary_facts import fact_table, failure_table, run_table, stage_table
from mpn_rl.analysis.summary_scores import (
    Resampler,
    choose_runs,
    core_scores,
    paired_gaps,
    run_scores,
    seed_scores,
    sensitivity,
)

LONG_COLUMNS = (
    "section",
    "task",
    "setting",
    "run",
    "core",
    "seed",
    "metric",
    "x_name",
    "x",
    "statistic",
    "value",
    "low",
    "high",
    "n",
    "text",
)


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


def long_table(tables: SummaryTables) -> pd.DataFrame:
    """Return all tables as one with LONG_COLUMNS: the content of summary.csv.

    What a number is about stands in `statistic` (such as iqm, mean, fraction), what it is plotted
    over in x_name and x; low and high bound its 95 % interval, n counts what went into it.
    """
    parts = []
    for item in fields(tables):
        table = getattr(tables, item.name)
        if isinstance(table, pd.DataFrame) and len(table):
            parts.append(_LONG.get(item.name, _plain)(table).assign(section=item.name))
    whole = pd.concat([part.reindex(columns=LONG_COLUMNS) for part in parts], ignore_index=True)
    return whole.astype({"seed": "Int64", "n": "Int64"})


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    return table


def _long_stages(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"stage": "text"}).melt(id_vars="text", var_name="statistic")


def _long_failures(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"steps": "value"}).assign(statistic="failed_at_step")


def _long_runs(table: pd.DataFrame) -> pd.DataFrame:
    names = ["task", "setting", "run", "core", "label"]
    numbers = table.astype({"chosen": int})
    return numbers.melt(id_vars=names, var_name="statistic").rename(columns={"label": "text"})


def _long_scores(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"status": "text"}).assign(statistic="mean_of_episodes")


def _long_run_scores(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table.assign(statistic="iqm_of_seeds"), _failed(table)])


def _long_core_scores(table: pd.DataFrame) -> pd.DataFrame:
    named = table.rename(columns={"scope": "text"})
    return pd.concat([named.assign(statistic="iqm_of_seeds"), _failed(named)])


def _failed(table: pd.DataFrame) -> pd.DataFrame:
    counts = table.drop(columns=["value", "low", "high", "n"])
    return counts.rename(columns={"failed": "value"}).assign(statistic="failed_seeds")


def _long_gaps(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(statistic="iqm_of_paired_differences", text="minus " + table["against"])


def _long_curves(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"quantity": "metric", "scope": "text"}).assign(
        statistic="iqm_of_seeds", x_name="environment_steps"
    )


def _long_sensitivity(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"axis": "x_name"}).assign(statistic="iqm_of_seeds")


def _long_points(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"axis": "x_name"}).assign(statistic="mean_of_episodes")


def _long_variance(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"variable": "metric"}).assign(
        statistic="iqm_of_cumulative_variance_fraction", x_name="principal_components"
    )


def _long_participation(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"variable": "metric"}).assign(statistic="participation_ratio")


_LONG = {
    "stages": _long_stages,
    "failures": _long_failures,
    "runs": _long_runs,
    "seed_scores": _long_scores,
    "run_scores": _long_run_scores,
    "core_scores": _long_core_scores,
    "gaps": _long_gaps,
    "curves": _long_curves,
    "sensitivity": _long_sensitivity,
    "axis_points": _long_points,
    "variance": _long_variance,
    "participation": _long_participation,
}
