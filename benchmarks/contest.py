"""Keep what docs/results.md tells of a contest: `python -m benchmarks.contest DIRECTORY`.

Reads the runs, evaluations and baselines that the workflow left in DIRECTORY/results, and writes
small tables to docs/results/report, a row per seed, arm, problem or validation. Tables and figures
of the page are made of these alone (`make results`). Problems that not all main cores were trained
on are left out.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.contest_sizes import arm_of, core_operations, state_size
from benchmarks.results_data import MAIN, OF_ORACLE
from benchmarks.turns import ROOT
from mpn_rl.artifacts.baselines import read_baselines
from mpn_rl.artifacts.evaluation import read_evaluation
from mpn_rl.artifacts.experiment import read_config
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.artifacts.history import read_history
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.statistics.learning_measures import area_under_curve, final_window, first_reaching
from mpn_rl.sweep.config.sweep import block_name, load_sweep
from mpn_rl.sweep.ledger.records import read_record
from mpn_rl.sweep.plan import setting_id, task_setting

FOLDER = ROOT / "docs" / "results" / "report"
SETTINGS = {
    "k": "k",
    "memory_length": "length",
    "corridor_length": "length",
    "delay": "delay",
    "coherence": "coherence",
    "observation_noise": "noise",
}
PLAIN = {"observation_noise": 0.1}  # not said, as it is everywhere but in noisy problems
Row = dict[str, Any]


def problem_of(setting: Row) -> str:
    """A short name: RepeatPrevious, k 4."""
    given = [
        f"{said} {setting[name]:g}"
        for name, said in SETTINGS.items()
        if setting.get(name) is not None and PLAIN.get(name) != setting[name]
    ]
    return ", ".join([str(setting["task"]).rpartition("-v")[0], *given])


def levels(baselines: pd.DataFrame, metric: str) -> Row:
    """What agents reach that learn nothing."""
    values = dict(zip(baselines["agent"], baselines[metric], strict=True))
    return {name: values.get(name, np.nan) for name in ("random", "memoryless", "oracle")}


def run_rows(block: Path, level: Row, metric: str) -> tuple[list[Row], list[Row]]:
    """A row per seed, and a row per validation with the mean over seeds, of a run's block."""
    histories = read_history(block / "training_history.json")
    played = read_evaluation(block / "evaluation.csv").groupby("seed")[metric].mean()
    seeds: list[Row] = []
    curves = []
    for seed, history in sorted(histories.items()):
        steps, values = history["validation_step"], history[f"validation_{metric}"]
        failed = history["status"] != "completed"
        seeds.append(
            {
                "seed": seed,
                "score": level["random"] if failed else played[seed],
                "window": final_window(values),
                "area": area_under_curve(steps, values),
                "steps_to_solved": first_reaching(steps, values, OF_ORACLE * level["oracle"]),
                "failed": int(failed),
            }
        )
        curves.append(pd.Series(values, steps, dtype=np.float64))
    mean = pd.concat(curves, axis=1).mean(axis=1)
    steps = np.asarray(mean.index, np.int64)
    return seeds, [{"step": s, "mean": v} for s, v in zip(steps, mean.to_numpy(), strict=True)]


def arm_row(block: Path, point: Hyperparameters, budget: int, seeds: int) -> Row:
    """What is the same for all seeds of a run."""
    values = vars(point)
    trained, evaluated = (
        read_record(block / "records" / f"{name}.json") or {} for name in ("train", "evaluate")
    )
    return {
        "parameters": evaluated["facts"]["parameters"],
        "state": state_size(values),
        "operations": core_operations(values),
        "budget": budget,
        "seconds": trained["cpu_seconds"] / seeds,
        "commit": str(trained["commit"])[:12],
    }


def tables(directory: Path, config: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each table by its name."""
    sweep, results = load_sweep(config), directory / "results"
    found: dict[str, list[Row]] = {name: [] for name in ("seeds", "arms", "curves", "problems")}
    seen = set()
    for run, point in sweep.runs.items():
        block = results / "runs" / run / f"seeds_{block_name(sweep.blocks[0])}"
        setting = task_setting(point)
        baseline = results / "baselines" / f"{setting_id(setting)}.csv"
        if not (block / "evaluation.csv").exists() or not baseline.exists():
            continue  # not made yet
        baselines = read_baselines(baseline)
        metric = "return" if "CartPole" in point.task else "correct"
        level, problem = levels(baselines, metric), problem_of(setting)
        if problem not in seen:
            seen.add(problem)
            found["problems"].append({"problem": problem, "metric": metric, **level})
        name = {"problem": problem, "arm": arm_of(vars(point))}
        seeds, curve = run_rows(block, level, metric)
        found["seeds"] += [{**name, **row} for row in seeds]
        found["curves"] += [{**name, **row} for row in curve]
        budget = read_config(block / "config.json")["hyperparameters"]["num_steps"]
        found["arms"].append({**name, **arm_row(block, point, budget, len(seeds)), "run": run})
    trained = {(row["problem"], row["arm"]) for row in found["arms"]}
    whole = {p for p, _ in trained if all((p, arm) in trained for arm in MAIN)}
    return (
        (name, pd.DataFrame([row for row in rows if row["problem"] in whole]))
        for name, rows in found.items()
    )


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contest", description=__doc__)
    parser.add_argument("directory", type=Path, help="where the workflow ran")
    parser.add_argument("--config", type=Path, default=ROOT / "config" / "report.yaml")
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, table in tables(given.directory, given.config):
        text = table.to_csv(index=False, float_format="%.5g", lineterminator="\n")
        atomic_write_text(FOLDER / f"{name}.csv", text)
        print(f"{name}: {len(table)} rows")


if __name__ == "__main__":
    main()
