"""Scores on one scale for all tasks: 0 is what random actions reach, 1 what the oracle does."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.statistics.statistics import normalised
from mpn_rl.sweep.summary.data import ALL, PROBLEM, levels_of, where
from mpn_rl.sweep.summary.scores import METRICS, pooled, scoped

AGENTS = ("random", "memoryless", "oracle")
# Known of every episode, also of one that ended before a judged action.
NORMALISED_METRIC = "return"


def baseline_scores(baselines: Mapping[str, pd.DataFrame], runs: pd.DataFrame) -> pd.DataFrame:
    """Return task, setting, agent, metric, statistic, value, n of agents that learn nothing.

    baselines: run → the table of its problem, alike for all runs of one. n is 0 where the value is
    known without playing; what is not known is left out. The statistic is mean_of_episodes, and,
    of returns of problems that have a scale, normalised.
    """
    rows: list[tuple[Any, ...]] = []
    for (task, setting), names in runs.groupby(PROBLEM, sort=False)["run"]:
        known = [baselines[run] for run in names if run in baselines]
        agents = known[0].set_index("agent") if known else pd.DataFrame(columns=METRICS)
        for agent in (agent for agent in AGENTS if agent in agents.index):
            for metric in METRICS:
                if pd.notna(value := agents[metric][agent]):
                    number = int(agents["num_episodes"][agent])
                    head = (task, setting, agent, metric)
                    rows.append((*head, "mean_of_episodes", float(value), number))
    columns = [*PROBLEM, "agent", "metric", "statistic", "value", "n"]
    table = pd.DataFrame(rows, columns=columns)
    scaled = normalised_returns(table, table).assign(statistic="normalised", n=np.nan)
    return pd.concat([table, scaled], ignore_index=True)


def normalised_returns(table: pd.DataFrame, baselines: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of returns with `value` as a fraction of the way from random to oracle.

    Problems without random or oracle, or with no way between them, are left out.
    """
    own = where(table, metric=NORMALISED_METRIC)
    parts = [own.head(0)]
    for problem, group in own.groupby(PROBLEM, sort=False):
        level = levels_of(baselines, problem, NORMALISED_METRIC)
        if level.get("oracle", -np.inf) > level.get("random", np.inf):
            value = normalised(group["value"], level["random"], level["oracle"])
            parts.append(group.assign(value=value))
    return pd.concat(parts, ignore_index=True)


def normalised_scores(table: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the IQM of seeds' normalised returns per core and scope, with its interval.

    Per problem the strata are runs, as in `core_scores`; over ALL problems, given where there are
    several, the strata are problems: how these differ makes nothing uncertain. Scopes are all and
    chosen. `table` is that of `normalised_returns` of seeds.
    """

    def of_one(own: pd.DataFrame) -> dict[str, Any]:
        return {"problems": 1, **pooled(own, bounded=False)}

    def of_all(own: pd.DataFrame) -> dict[str, Any]:
        return {"problems": own.groupby(PROBLEM).ngroups, **pooled(own, PROBLEM, bounded=False)}

    found = scoped(table, runs, [*PROBLEM, "core"], of_one)
    if runs.groupby(PROBLEM).ngroups > 1:
        over_all = scoped(table, runs, ["core"], of_all).assign(task=ALL, setting=ALL)
        found = pd.concat([found, over_all], ignore_index=True)
    return found
