"""How the memory of chosen runs works, as tables: seeds together, with intervals.

Pure, as `tables` is. `found` is what each chosen run's tables hold (the stages' CSV files, rows of
all its seeds together): name of the table → its rows, with a column `run`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.statistics.intervals import trimmed_interval
from mpn_rl.statistics.statistics import interquartile_mean
from mpn_rl.sweep.summary.data import PROBLEM
from mpn_rl.sweep.summary.scores import ANYTHING, BOUNDS

Found = Mapping[str, pd.DataFrame]

KEYS = [*PROBLEM, "core", "run"]
UNTOUCHED = "none"  # the intervention of agents as they are
_NUMBERS = ["value", "low", "high", "n"]
_AT_MOST_ONE = (-np.inf, 1.0)  # fractions correct, and R²
_RATES = ("eta", "lambda", "tau", "effective_tau", "growth_per_step", "bistable_units")
_HELD = ("holding_units", "swinging_units", "swinging_holding_units", "stable_points")
_HORIZONS = ("horizon", "horizon_without_writing")
_LESION_TEXTS = ("intervention", "phase", "variable", "control")


def memory_tables(runs: pd.DataFrame, found: Found) -> dict[str, pd.DataFrame]:
    """Every table of how the memory works, by the names of fields of `SummaryTables`."""
    made = {
        "decoding": (_decoding, ["variable", "source", "statistic", "x"]),
        "lesions": (_lesions, ["lesion", "phase", "control", "x", "metric", "statistic"]),
        "lesion_seeds": (_lesion_seeds, ["lesion", "phase", "x", "metric", "seed"]),
        "generalisation": (_generalisation, ["statistic", "axis", "x", "metric"]),
        "timescales": (_timescales, ["phase", "quantity"]),
        "fixed_points": (_fixed_points, ["seed", "phase", "x", "kind"]),
        "paths": (_paths, ["seed", "state", "label", "x", "quantity"]),
    }
    chosen = runs.loc[runs["chosen"], KEYS]
    tables = {}
    for name, (rows_of, keys) in made.items():
        source = found.get("lesions" if name == "lesion_seeds" else name, pd.DataFrame())
        groups = dict(tuple(source.groupby("run", sort=False))) if len(source) else {}
        rows = [
            (*head, *row)
            for head in chosen.itertuples(index=False, name=None)
            if head[-1] in groups
            for row in rows_of(groups[head[-1]])
        ]
        tables[name] = pd.DataFrame(rows, columns=[*KEYS, *keys, *_NUMBERS])
    return tables


def _decoding(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """At each test time: by the decoder of that time, by those of others, with shuffled labels."""
    same = rows["train_time"] == rows["test_time"]
    parts = {
        "same_time": (rows[same], "score"),
        "other_times": (rows[~same], "score"),
        "shuffled": (rows[same], "control"),
    }
    means: Any = rows[same].groupby(["variable", "source"], sort=False)["score"].mean()
    for variable, source in sorted(means.index, key=lambda key: -_gain(means, key[0])):
        for statistic, (part, value) in parts.items():
            own = part[(part["variable"] == variable) & (part["source"] == source)]
            wide = own.pivot_table(index="seed", columns="test_time", values=value)
            for x in wide.columns:
                yield variable, source, statistic, x, *over_seeds(wide[x], _AT_MOST_ONE)


def _gain(means: Any, variable: str) -> float:
    """How much better a variable is read from M or h than from the input: what is remembered."""
    inside = max(float(means.get((variable, source), 0.0)) for source in ("M", "h"))
    return inside - max(0.0, float(means.get((variable, "x"), 0.0)))


def _lesions(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """After each lesion: the score, how often the donor was followed, what the control leaves."""
    metric = _metric(rows)
    by_lesion = dict(_by_lesion(rows))
    for (lesion, phase, x), own in by_lesion.items():
        control = str(own["control"].iloc[0] or "")
        head = (lesion, phase, control, x)
        scores = own.groupby("seed")[metric].mean()
        yield *head, metric, "score", *over_seeds(scores, BOUNDS.get(metric, ANYTHING))
        followed = own.groupby("seed")["follows_donor"].mean()
        if followed.notna().any():
            yield *head, metric, "follows_donor", *over_seeds(followed, (0.0, 1.0))
        beside = by_lesion.get((control, phase, x))
        if beside is not None:
            gaps = scores - beside.groupby("seed")[metric].mean()
            yield *head, metric, "minus_control", *over_seeds(gaps, ANYTHING)


def _lesion_seeds(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """The score of each seed after each lesion."""
    metric = _metric(rows)
    for key, own in _by_lesion(rows):
        for seed, value in own.groupby("seed")[metric].mean().items():
            yield *key, metric, seed, value, np.nan, np.nan, 1


def _by_lesion(rows: pd.DataFrame) -> Iterator[tuple[tuple[str, str, float], pd.DataFrame]]:
    """Name, with the variable that it is about, phase and strength, and the rows of each lesion."""
    texts = rows.assign(**{n: rows[n].fillna("").astype(str) for n in _LESION_TEXTS})
    units = ~texts["intervention"].str.contains("axis")
    texts["variable"] = texts["variable"].mask(units, "")
    groups: Any = texts.groupby([*_LESION_TEXTS[:3], "strength"], sort=False)
    for (name, phase, variable, strength), own in groups:
        # units are those of the variable that each seed holds best
        about = f" ({variable})" if "axis" in name and variable not in name else ""
        yield (f"{name}{about}", phase, float(strength)), own


def _generalisation(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """The score at each value of a parameter, by condition."""
    metric = _metric(rows)
    keys = ["condition", "parameter", "value"]
    groups: Any = rows.groupby(keys, sort=False)
    for (condition, parameter, x), own in groups:
        scores = own.groupby("seed")[metric].mean()
        bounds = BOUNDS.get(metric, ANYTHING)
        yield condition, parameter, float(x), metric, *over_seeds(scores, bounds)


def _timescales(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Rates and time constants of each phase; of horizons, which may be infinite, the median."""
    for phase, own in rows.fillna({"phase": ""}).groupby("phase", sort=False):
        for name in (name for name in (*_RATES, *_HELD, *_HORIZONS) if name in own):
            values = own.groupby("seed")[name].mean().dropna()
            if name in _HORIZONS and len(values):
                yield phase, name, float(np.median(values)), np.nan, np.nan, len(values)
            elif len(values):
                yield phase, name, *over_seeds(values, ANYTHING)


def _fixed_points(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Those of the first seed's units, in the phase in which most have several."""
    rows = rows[rows["unit"] >= 0]  # others are of a whole core
    own = rows[rows["seed"] == rows["seed"].iloc[0]] if len(rows) else rows
    several = {
        phase: int((of_phase["unit"].value_counts() > 1).sum())
        for phase, of_phase in own.groupby("phase", sort=False)
    }
    phase = max(several, key=lambda name: several[name], default="")
    for row in own[own["phase"] == phase].itertuples():
        kind = "stable" if row.stable else "unstable"
        yield row.seed, phase, row.unit, kind, row.h, np.nan, np.nan, 1


def _paths(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Mean paths of the first seed through principal components, by the first variable's values."""
    first = rows[["seed", "variable"]].iloc[0]
    own = rows[(rows["seed"] == first["seed"]) & (rows["variable"] == first["variable"])]
    for row in own.to_dict("records"):
        label = f"{row['variable']} = {row['level']:g}"
        for name in ("pc_1", "pc_2"):
            head = (row["seed"], row["state"], label, row["time"], name)
            yield *head, row[name], np.nan, np.nan, row["n"]


def over_seeds(values: pd.Series, bounds: tuple[float, float]) -> tuple[float, float, float, int]:
    """Value (IQM), low, high and n of one value a seed."""
    known = values.to_numpy(float)
    low, high = trimmed_interval([known], bounds=bounds)
    return float(interquartile_mean(known)), low, high, int(np.isfinite(known).sum())


def _metric(rows: pd.DataFrame) -> str:
    return "correct" if rows["correct"].notna().any() else "return"
