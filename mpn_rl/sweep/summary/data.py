"""What a summary is made from, and the tables that it is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

ALL = "all"  # as a task: every problem of the sweep


@dataclass(frozen=True)
class BlockData:
    """What one block left behind.

    hyperparameters: the resolved ones, flat, with task and core; history: seed → its entry of
    training_history.json; evaluation: the columns of evaluation.csv; pca: those of pca.csv, or
    None; records: all of the block's; references: the columns of references.csv, or None.
    """

    run: str
    seeds: tuple[int, ...]
    hyperparameters: Mapping[str, Any]
    history: Mapping[int, Mapping[str, Any]]
    evaluation: pd.DataFrame
    pca: pd.DataFrame | None = None
    records: Sequence[Mapping[str, Any]] = ()
    references: pd.DataFrame | None = None


@dataclass(frozen=True)
class SweepData:
    """What was asked for: name, hash of the config, which hyper-parameters belong to the task.

    task_parameters: names of hyper-parameters that make a task another problem; units: name →
    unit, for labels; messages: what the config says without effect.
    """

    name: str
    config_hash: str
    task_parameters: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict)
    messages: Sequence[str] = ()


@dataclass(frozen=True)
class SummaryTables:
    """The tables of a summary. `task`, `setting` name the problem; intervals (low, high) are 95 %.

    facts         statistic, value, text: counts, versions, what is swept and what is fixed
    failures      run, seed, steps, text: seeds that diverged
    runs          task, setting, run, core, label, seeds, failed, parameters, chosen
    seed_scores   task, setting, run, core, seed, metric, value, status
    run_scores    task, setting, run, core, metric, value, low, high, n, failed, unanswered
    core_scores   task, setting, core, scope (all, chosen), runs, run, metric, value, low, high, n,
                  failed, unanswered
    references    task, setting, agent (random, memoryless, oracle), metric, value, n, normalised
                  (of returns alone)
    normalised    task, setting (both ALL over all problems), core, scope, problems, value, low,
                  high, n, failed, unanswered: 0 is random, 1 the oracle
    gaps          task, setting, core, against, metric, value, low, high, n: core − against, paired
    seed_learning task, setting, run, core, seed, metric, statistic (area_under_validation,
                  final_window, solved, steps_to_solved), value, x_name, x, text
    run_learning  the same per run, with low, high, n
    improvement   task, setting (both ALL over all problems), core, metric, value, low, high, n,
                  text (the core that mpn is compared with)
    profiles      task, setting, core, x (normalised score), value (share of seeds), low, high, n
    optimality    task, setting, core, value, low, high, n
    curves        task, setting, core, scope, quantity, x (environment steps), value, low, high, n
    sensitivity   task, axis, core, metric, x, value, low, high, n; x nan: a core without the axis
    axis_points   task, axis, core, metric, x, run, seed, value
    variance      task, setting, core, variable (hidden, M), x (component), value, low, high, n
    participation task, setting, core, run, variable, seed, value
    """

    sweep: SweepData
    facts: pd.DataFrame
    failures: pd.DataFrame
    runs: pd.DataFrame
    seed_scores: pd.DataFrame
    run_scores: pd.DataFrame
    core_scores: pd.DataFrame
    references: pd.DataFrame
    normalised: pd.DataFrame
    gaps: pd.DataFrame
    seed_learning: pd.DataFrame
    run_learning: pd.DataFrame
    improvement: pd.DataFrame
    profiles: pd.DataFrame
    optimality: pd.DataFrame
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
