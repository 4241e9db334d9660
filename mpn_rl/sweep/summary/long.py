"""summary.csv: all tables of a summary as one, a number per row."""

from dataclasses import fields

import pandas as pd

from mpn_rl.sweep.summary.data import SummaryTables

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


def _long_failures(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"steps": "value"}).assign(statistic="steps")


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


def _long_references(table: pd.DataFrame) -> pd.DataFrame:
    named = table.rename(columns={"agent": "text"})
    scale = named[named["normalised"].notna()].drop(columns=["value", "n"])
    scale = scale.rename(columns={"normalised": "value"}).assign(statistic="normalised")
    return pd.concat([named.assign(statistic="mean_of_episodes"), scale])


def _long_normalised(table: pd.DataFrame) -> pd.DataFrame:
    named = table.rename(columns={"scope": "text"}).assign(metric="return")
    counts = named.drop(columns=["value", "low", "high", "n"])
    problems = counts.rename(columns={"problems": "value"}).assign(statistic="problems")
    scores = named.assign(statistic="iqm_of_normalised_seeds")
    return pd.concat([scores, problems, _failed(named.drop(columns="problems"))])


def _failed(table: pd.DataFrame) -> pd.DataFrame:
    counts = table.drop(columns=["value", "low", "high", "n"])
    return pd.concat(
        counts.rename(columns={name: "value"}).assign(statistic=f"{name}_seeds")
        for name in ("failed", "unanswered")
    )


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
    "failures": _long_failures,
    "runs": _long_runs,
    "seed_scores": _long_scores,
    "run_scores": _long_run_scores,
    "core_scores": _long_core_scores,
    "references": _long_references,
    "normalised": _long_normalised,
    "gaps": _long_gaps,
    "curves": _long_curves,
    "sensitivity": _long_sensitivity,
    "axis_points": _long_points,
    "variance": _long_variance,
    "participation": _long_participation,
}
