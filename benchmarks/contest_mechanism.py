"""How the memories of a contest work: `python -m benchmarks.contest_mechanism DIRECTORY`.

Reads what decode, lesion, generalise and fixed_points left of the runs of config/mechanism.yaml,
and writes docs/results/report/mechanism.csv: seeds together, with intervals.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from benchmarks.contest import FOLDER, problem_of
from benchmarks.contest_sizes import arm_of
from benchmarks.turns import ROOT
from mpn_rl.artifacts.decoding import read_decoding
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.artifacts.fixed_points import read_timescales
from mpn_rl.artifacts.generalisation import read_generalisation
from mpn_rl.artifacts.lesions import read_lesions
from mpn_rl.sweep.config.sweep import Sweep, block_name, load_sweep
from mpn_rl.sweep.plan import task_setting
from mpn_rl.sweep.summary.memory_tables import memory_tables

READERS: Mapping[str, Callable[[Path], pd.DataFrame]] = {
    "decoding": read_decoding,
    "lesions": read_lesions,
    "generalisation": read_generalisation,
    "timescales": read_timescales,
}
# what tells the rows of a table apart, joined to one text
KEYS = {
    "decoding": ["variable", "source", "statistic"],
    "lesions": ["lesion", "phase", "statistic"],
    "generalisation": ["statistic", "axis"],
    "timescales": ["phase", "quantity"],
}
COLUMNS = ["problem", "arm", "table", "quantity", "x", "value", "low", "high", "n"]


def mechanism(directory: Path, sweep: Sweep) -> pd.DataFrame:
    """One row per number."""
    runs, found = [], {name: [pd.DataFrame()] for name in READERS}
    for run, point in sweep.runs.items():
        home = directory / "results" / "runs" / run / f"seeds_{block_name(sweep.blocks[0])}"
        names = {"task": problem_of(task_setting(point)), "core": arm_of(vars(point))}
        runs.append({**names, "setting": "", "run": run, "chosen": True})
        for name, read in READERS.items():
            if (path := home / "analysis" / f"{name}.csv").exists():
                found[name].append(read(path).assign(run=run))
    whole = {name: pd.concat(parts, ignore_index=True) for name, parts in found.items()}
    tables = memory_tables(pd.DataFrame(runs), {k: v for k, v in whole.items() if len(v)})
    return pd.concat([_rows(name, tables[name]) for name in READERS], ignore_index=True)


def _rows(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table's rows with what tells them apart in one column; decoding as the mean over steps."""
    table = table.rename(columns={"task": "problem", "core": "arm"})
    table["quantity"] = table[KEYS[name]].astype(str).agg(" | ".join, axis=1)
    table["x"] = table["x"] if "x" in table else float("nan")
    if name == "decoding":
        table = mean_over_steps(table)
    return table.assign(table=name)[COLUMNS]


def mean_over_steps(table: pd.DataFrame) -> pd.DataFrame:
    """The mean of values and bounds, which are the value at steps where all seeds are alike."""
    bounds, keys = ["low", "high"], ["problem", "arm", "quantity"]
    table[bounds] = table[bounds].apply(lambda bound: bound.fillna(table["value"]))
    means = table.groupby(keys, sort=False)[["value", *bounds, "n"]].mean().reset_index()
    means.loc[means["low"] == means["high"], bounds] = float("nan")
    return means.assign(x=float("nan"))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.contest_mechanism", description=__doc__
    )
    parser.add_argument("directory", type=Path, help="where the workflow ran")
    parser.add_argument("--config", type=Path, default=ROOT / "config" / "mechanism.yaml")
    given = parser.parse_args()
    table = mechanism(given.directory, load_sweep(given.config))
    text = table.to_csv(index=False, float_format="%.4g", lineterminator="\n")
    atomic_write_text(FOLDER / "mechanism.csv", text)
    print(f"mechanism: {len(table)} rows")


if __name__ == "__main__":
    main()
