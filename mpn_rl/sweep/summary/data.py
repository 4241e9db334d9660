"""What a summary is made from, and the tables that it is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import pandas as pd

ALL = "all"  # as a task: every problem of the sweep
PROBLEM = ["task", "setting"]
Problem = tuple[str, str]  # a task in one setting of those of its parameters that are swept
COLUMNS = (
    *("section", "task", "setting", "run", "core", "seed", "metric", "x_name", "x", "statistic"),
    *("value", "low", "high", "n", "failed", "unanswered", "text"),
)
# Of a section: what its numbers are, and what they are over; where no column of it says so.
_MEANINGS: dict[str, tuple[str | None, str | None]] = {
    "failures": ("steps", None),
    "seed_scores": ("mean_of_episodes", None),
    "run_scores": ("iqm_of_seeds", None),
    "core_scores": ("iqm_of_seeds", "runs"),
    "normalised": ("iqm_of_normalised_seeds", "problems"),
    "gaps": ("iqm_of_paired_differences", None),
    "improvement": ("probability_of_improvement", None),
    "profiles": ("share_of_seeds_at_or_above", "normalised_score"),
    "optimality": ("optimality_gap", None),
    "curves": ("iqm_of_seeds", "environment_steps"),
    "sensitivity": ("iqm_of_seeds", None),
    "axis_points": ("mean_of_episodes", None),
    "variance": ("iqm_of_cumulative_variance_fraction", "principal_components"),
    "participation": ("participation_ratio", None),
    "decoding": (None, "step_of_the_episode"),
    "lesions": (None, "strength"),
    "lesion_seeds": ("mean_of_episodes", "strength"),
    "generalisation": (None, None),
    "timescales": ("iqm_of_seeds", None),
    "fixed_points": ("hidden_activity", "unit"),
    "paths": (None, "step_of_the_episode"),
    "measured": (None, None),
}
# Columns under the names that all sections share.
_NAMES = {
    **{"steps": "value", "runs": "x", "problems": "x", "axis": "x_name"},
    **{"quantity": "metric", "variable": "metric"},
    **dict.fromkeys(("label", "status", "scope", "agent", "against"), "text"),
    **dict.fromkeys(("source", "lesion", "phase"), "text"),
    **{"kind": "metric", "state": "statistic", "analysis": "statistic", "told": "text"},
}


@dataclass(frozen=True)
class BlockData:
    """What one block left behind.

    hyperparameters: the resolved ones, flat, with task and core; history: seed → its entry of
    training_history.json; evaluation: seed, return, correct of its episodes or their means; pca:
    `SPECTRA` of pca.csv, or None; records: all of the block's; parameters: trained numbers of the
    network, nan if unknown; recipe: what was filled in for hyper-parameters that are null.
    """

    run: str
    seeds: tuple[int, ...]
    hyperparameters: Mapping[str, Any]
    history: Mapping[int, Mapping[str, Any]]
    evaluation: pd.DataFrame
    pca: pd.DataFrame | None = None
    records: Sequence[Mapping[str, Any]] = ()
    parameters: float = float("nan")
    recipe: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SweepData:
    """What was asked for: name, hash of the config, and what the config says without effect.

    task_parameters: names of hyper-parameters that make a task another problem; left_out: sections
    of the config with `enabled: false`; analyses: what those of the user's own say of themselves.
    """

    name: str
    config_hash: str
    task_parameters: frozenset[str] = frozenset()
    messages: Sequence[str] = ()
    left_out: Sequence[str] = ()
    analyses: Mapping[str, str] = field(default_factory=dict)


def no_rows() -> pd.DataFrame:
    """A table of how memory works without rows."""
    return pd.DataFrame(columns=[*PROBLEM, "core", "run"])


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
    baselines     task, setting, agent (random, memoryless, oracle), metric, statistic
                  (mean_of_episodes, normalised), value, n
    normalised    task, setting (both ALL over all problems), core, scope, problems, value, low,
                  high, n, failed, unanswered: 0 is random, 1 the oracle
    gaps          task, setting, core, against, metric, value, low, high, n: core − against, paired
    seed_learning task, setting, run, core, seed, metric, statistic (area_under_validation,
                  final_window, solved, steps_to_solved), value, x_name, x, text
    run_learning  the same per run, with low, high, n
    improvement   task, setting (both ALL over all problems), core, metric, value, low, high, n,
                  against (the core that mpn is compared with)
    profiles      task, setting, core, x (normalised score), value (share of seeds), low, high, n
    optimality    task, setting, core, value, low, high, n
    curves        task, setting, core, scope, quantity, x (environment steps), value, low, high, n
    sensitivity   task, axis, core, metric, x, value, low, high, n; x nan: a core without the axis
    axis_points   task, axis, core, metric, x, run, seed, value
    variance      task, setting, core, variable (hidden, M), x (component), value, low, high, n
    participation task, setting, core, run, variable, seed, value

    How the memory of chosen runs works (`memory_tables`), each with task, setting, core, run:
    decoding      variable, source (M, h, x), statistic (same_time, other_times, shuffled),
                  x (step), value, low, high, n
    lesions       lesion, phase, control, x (strength, 0 without), metric, statistic (score,
                  minus_control, follows_donor), value, low, high, n
    lesion_seeds  lesion, phase, x, metric, seed, value
    generalisation  statistic (the condition), axis, x, metric, value, low, high, n
    timescales    phase, quantity, value, low, high, n
    fixed_points  seed, phase, x (unit), kind (stable, unstable), value: of one seed
    paths         seed, state (hidden, M), label, x (step), quantity (pc_1, pc_2), value, of one
                  seed
    measured      analysis (of the user's own), told (its texts), quantity, value, low, high, n
    """

    sweep: SweepData
    facts: pd.DataFrame
    failures: pd.DataFrame
    runs: pd.DataFrame
    seed_scores: pd.DataFrame
    run_scores: pd.DataFrame
    core_scores: pd.DataFrame
    baselines: pd.DataFrame
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
    decoding: pd.DataFrame = field(default_factory=no_rows)
    lesions: pd.DataFrame = field(default_factory=no_rows)
    lesion_seeds: pd.DataFrame = field(default_factory=no_rows)
    generalisation: pd.DataFrame = field(default_factory=no_rows)
    timescales: pd.DataFrame = field(default_factory=no_rows)
    fixed_points: pd.DataFrame = field(default_factory=no_rows)
    paths: pd.DataFrame = field(default_factory=no_rows)
    measured: pd.DataFrame = field(default_factory=no_rows)

    def primary(self, task: str) -> str:
        """What a task is judged by: `correct` where it has a right answer, else `return`."""
        return primary_metric(where(self.run_scores, task=task))

    def problems(self) -> list[Problem]:
        """The problems in the order of the sweep."""
        return list(dict.fromkeys(zip(self.runs["task"], self.runs["setting"], strict=True)))

    def long(self) -> pd.DataFrame:
        """All tables as one with COLUMNS, a number per row: the content of summary.csv.

        What a number is stands in `statistic`, what it is plotted over in x_name and x; low and
        high bound its 95 % interval, n counts what went into it.
        """
        parts = []
        for name in (item.name for item in fields(self) if item.name != "sweep"):
            found = getattr(self, name)
            if name == "runs":
                own = [*PROBLEM, "run", "core", "label"]
                found = found.astype({"chosen": int}).melt(id_vars=own, var_name="statistic")
            if {"lesion", "phase"} <= set(found):
                named = found["lesion"] + ", " + found["phase"]
                found = found.assign(lesion=named).drop(columns="phase")
            found = found.rename(columns=_NAMES).assign(section=name)
            meaning = zip(("statistic", "x_name"), _MEANINGS.get(name, ()), strict=False)
            found = found.assign(**{column: text for column, text in meaning if text})
            parts.append(found.reindex(columns=COLUMNS))
        whole = pd.concat([part for part in parts if len(part)], ignore_index=True)
        return whole.astype(dict.fromkeys(("seed", "n", "failed", "unanswered"), "Int64"))


def where(table: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """A table's rows whose columns have these values."""
    for name, value in values.items():
        table = table[table[name] == value]
    return table


def of_problem(table: pd.DataFrame, problem: Any, **values: Any) -> pd.DataFrame:
    """A table's rows of one problem, whose columns have these values."""
    return where(table, task=problem[0], setting=problem[1], **values)


def of_chosen(table: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """A table's rows of the chosen runs."""
    return table[table["run"].isin(set(runs.loc[runs["chosen"], "run"]))]


def rows_by(table: pd.DataFrame, name: str) -> dict[str, Any]:
    """Each row by its value of a column, which no other row has."""
    return table.set_index(name, drop=False).to_dict("index")  # type: ignore[return-value]


def levels_of(baselines: pd.DataFrame, problem: Any, metric: str) -> dict[str, float]:
    """Agent that learns nothing → its score in a problem, where that is known."""
    own = of_problem(baselines, problem, metric=metric, statistic="mean_of_episodes")
    return dict(zip(own["agent"], own["value"], strict=True))


def primary_metric(scores: pd.DataFrame) -> str:
    """What the task of these scores is judged by: `correct` if it has right answers or `return`."""
    return "correct" if (scores["metric"] == "correct").any() else "return"
