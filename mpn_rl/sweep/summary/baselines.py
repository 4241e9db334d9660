"""Scores on one scale for all tasks: 0 is what random actions reach, 1 what the oracle does."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.statistics.statistics import normalised
from mpn_rl.sweep.summary.data import ALL, BlockData
from mpn_rl.sweep.summary.scores import METRICS, pooled

AGENTS = ("random", "memoryless", "oracle")
# Known of every episode, also of one that ended before a judged action.
NORMALISED_METRIC = "return"
_COLUMNS = ["task", "setting", "core", "scope", "problems", "value", "low", "high", "n"]
_COLUMNS += ["failed", "unanswered"]


def reference_scores(blocks: Sequence[BlockData], runs: pd.DataFrame) -> pd.DataFrame:
    """Return task, setting, agent, metric, value, n, normalised: means over all blocks' episodes.

    Blocks of the same seeds play the same episodes of a problem and count once. n is 0 where the
    value is known without playing; what is not known is left out. `normalised` is given for returns
    of problems that have a scale.
    """
    tables: dict[tuple[str, str], dict[tuple[int, ...], pd.DataFrame]] = {}
    problems = dict(zip(runs["run"], zip(runs["task"], runs["setting"], strict=True), strict=True))
    for block in blocks:
        if block.references is not None:
            of_problem = tables.setdefault(problems[block.run], {})
            of_problem.setdefault(block.seeds, block.references)
    rows = [
        (*problem, agent, metric, *found)
        for problem, by_seeds in tables.items()
        for agent in AGENTS
        for metric in METRICS
        if (found := _mean(pd.concat(by_seeds.values()), agent, metric)) is not None
    ]
    columns = ["task", "setting", "agent", "metric", "value", "n"]
    table = pd.DataFrame(rows, columns=columns).assign(normalised=np.nan)
    for problem in tables:
        if (ends := _ends(table, problem)) is not None:
            own = (table["task"] == problem[0]) & (table["setting"] == problem[1])
            own &= table["metric"] == NORMALISED_METRIC
            table.loc[own, "normalised"] = normalised(table.loc[own, "value"], *ends)
    return table


def _mean(table: pd.DataFrame, agent: str, metric: str) -> tuple[float, int] | None:
    """Return the mean of one agent, weighted by episodes, and their number; None if unknown."""
    known = table[(table["agent"] == agent) & table[metric].notna()]
    if not len(known):
        return None
    episodes = known["num_episodes"].to_numpy(float)
    weights = episodes if episodes.sum() else None
    return float(np.average(known[metric].to_numpy(float), weights=weights)), int(episodes.sum())


def normalised_seeds(scores: pd.DataFrame, references: pd.DataFrame) -> pd.DataFrame:
    """Return the seeds' scores in NORMALISED_METRIC as fractions of the way random → oracle.

    Problems without random or oracle, or with no way between them, are left out.
    """
    own = scores[scores["metric"] == NORMALISED_METRIC]
    parts = [
        group.assign(value=normalised(group["value"], *ends))
        for problem, group in own.groupby(["task", "setting"], sort=False)
        if (ends := _ends(references, problem)) is not None
    ]
    return pd.concat(parts, ignore_index=True) if parts else own.head(0)


def normalised_scores(table: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the IQM of seeds' normalised returns per core and scope, with its interval.

    Per problem the strata are runs, as in `core_scores`; over ALL problems, given where there are
    several, the strata are problems: how these differ makes nothing uncertain. Scopes are all and
    chosen. `table` is that of `normalised_seeds`.
    """
    chosen = table[table["run"].isin(set(runs.loc[runs["chosen"], "run"]))]
    several = runs.groupby(["task", "setting"]).ngroups > 1
    rows: list[dict[str, Any]] = []
    for scope, scores_of in (("all", table), ("chosen", chosen)):
        for key, group in scores_of.groupby(["task", "setting", "core"], sort=False):
            task, setting, core = key
            strata = [stratum for _, stratum in group.groupby("run", sort=False)]
            found = pooled(strata)
            head = {"task": task, "setting": setting, "core": core, "scope": scope, "problems": 1}
            rows.append({**head, **found})
        for core, group in scores_of.groupby("core", sort=False) if several else ():
            strata = [part for _, part in group.groupby(["task", "setting"], sort=False)]
            found = pooled(strata)
            head = {"task": ALL, "setting": ALL, "core": core, "scope": scope}
            rows.append({**head, "problems": len(strata), **found})
    return pd.DataFrame(rows, columns=_COLUMNS)


def _ends(references: pd.DataFrame, problem: Any) -> tuple[float, float] | None:
    """Return the returns of random and oracle; None where they do not span a scale."""
    task, setting = problem
    own = references[(references["task"] == task) & (references["setting"] == setting)]
    values = own[own["metric"] == NORMALISED_METRIC].set_index("agent")["value"]
    if not {"random", "oracle"} <= set(values.index) or values["oracle"] <= values["random"]:
        return None
    return float(values["random"]), float(values["oracle"])
