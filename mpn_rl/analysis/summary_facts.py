"""Who, what and when of a sweep: runs and their settings, stages and their times, failures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.analysis.summary_data import BlockData

_TIMES = ("wall_seconds", "cpu_seconds")
STAGES = ("train", "evaluate", "render", "collect", "analyse", "plot", "plot_plasticity")


def run_table(blocks: Sequence[BlockData], task_parameters: frozenset[str]) -> pd.DataFrame:
    """Return a row per run: problem, core, label (what distinguishes it), size, seeds, cost.

    label has the hyper-parameters that vary within the sweep, but task, core and the setting;
    setting those of `task_parameters` that vary within the task; the further columns are those of
    `_totals`.
    """
    points: dict[str, Mapping[str, Any]] = {b.run: b.hyperparameters for b in blocks}
    of_task: dict[str, list[Mapping[str, Any]]] = {}
    for point in points.values():
        of_task.setdefault(str(point["task"]), []).append(point)
    varied = {
        task: [name for name in _varying(of_task[task]) if name in task_parameters]
        for task in of_task
    }
    labels = [name for name in _varying(points.values()) if name not in ("task", "core")]
    rows = []
    for run, point in points.items():
        task = str(point["task"])
        rows.append(
            {
                "task": task,
                "setting": _pairs(point, varied[task]),
                "run": run,
                "core": str(point["core"]),
                "label": _pairs(point, [name for name in labels if name not in varied[task]]),
            }
        )
    return pd.DataFrame(rows).merge(_totals(blocks), on="run", how="left")


def swept_axes(points: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return name → distinct values, of hyper-parameters that take more than one where present."""
    values: dict[str, list[Any]] = {}
    for point in points:
        for name, value in point.items():
            found = values.setdefault(name, [])
            if value not in found:
                found.append(value)
    return {name: found for name, found in values.items() if len(found) > 1}


def fact_table(blocks: Sequence[BlockData], name: str, config_hash: str) -> pd.DataFrame:
    """Return rows of statistic, value (a count or seconds), text (names, hashes, settings)."""
    points = list({block.run: block.hyperparameters for block in blocks}.values())
    records = [record for block in blocks for record in block.records]
    seeds = sorted({seed for block in blocks for seed in block.seeds})
    failed = len(failure_table(blocks))
    rows: list[dict[str, Any]] = [
        _fact("sweep", text=name),
        _fact("config_hash", text=config_hash),
        _fact("tasks", len({point["task"] for point in points})),
        _fact("cores", len({point["core"] for point in points})),
        _fact("runs", len(points)),
        _fact("blocks", len(blocks)),
        _fact("seeds_per_run", len(seeds), _ranges(seeds)),
        _fact("trained_seeds", sum(len(block.seeds) for block in blocks)),
        _fact("failed_seeds", failed),
        _fact("commits", text=_several(record.get("commit") for record in records)),
        _fact("hosts", text=_several(record.get("host") for record in records)),
        _fact("first_started", text=min((str(r["started"]) for r in records), default="")),
        _fact("last_finished", text=max((str(r["finished"]) for r in records), default="")),
    ]
    packages = sorted({package for record in records for package in record.get("versions", {})})
    for package in packages:
        found = _several(record.get("versions", {}).get(package) for record in records)
        rows.append(_fact(f"version {package}", text=found))
    swept = swept_axes(points)
    rows += [
        _fact(f"swept {axis}", len(values), ", ".join(map(str, _in_order(values))))
        for axis, values in swept.items()
    ]
    fixed = {key: value for point in points for key, value in point.items() if key not in swept}
    return pd.DataFrame(rows + [_fact(f"fixed {key}", text=str(fixed[key])) for key in fixed])


def stage_table(blocks: Sequence[BlockData]) -> pd.DataFrame:
    """Return per stage: number of jobs, their wall-clock summed and the longest, in seconds."""
    rows = [
        (str(record["stage"]), float(record["wall_seconds"]))
        for block in blocks
        for record in block.records
    ]
    table = pd.DataFrame(rows, columns=["stage", "seconds"])
    grouped = table.groupby("stage")["seconds"]
    result = grouped.agg(jobs="count", wall_seconds="sum", longest_seconds="max").reset_index()
    place = {stage: number for number, stage in enumerate(STAGES)}
    order = result["stage"].map(lambda stage: (place.get(stage, len(place)), stage))
    return result.iloc[np.argsort(order.to_numpy(), kind="stable")] if len(result) else result


def failure_table(blocks: Sequence[BlockData]) -> pd.DataFrame:
    """Return a row per seed that failed: run, core, seed, steps it reached, text (why)."""
    rows = [
        (block.run, block.hyperparameters["core"], seed, entry.get("steps"), entry.get("failure"))
        for block in blocks
        for seed, entry in sorted(block.history.items())
        if entry.get("status") == "failed"
    ]
    return pd.DataFrame(rows, columns=["run", "core", "seed", "steps", "text"])


def _totals(blocks: Sequence[BlockData]) -> pd.DataFrame:
    """Return run → seeds, failed, parameters, and wall_seconds and cpu_seconds of its training.

    The seconds are summed over blocks; of a training that was cut off a record has its last part.
    What no record or table says is nan.
    """
    rows = [
        (
            block.run,
            len(block.seeds),
            sum(entry.get("status") == "failed" for entry in block.history.values()),
            *(_seconds(block, name) for name in _TIMES),
        )
        for block in blocks
    ]
    table = pd.DataFrame(rows, columns=["run", "seeds", "failed", *_TIMES])
    totals = table.groupby("run", sort=False).sum(min_count=1).reset_index()
    for name in _TIMES:
        totals[f"{name}_per_seed"] = totals[name] / totals["seeds"]
    sizes = {block.run: _parameters(block) for block in blocks}
    totals.insert(3, "parameters", totals["run"].map(sizes).astype(float))
    return totals


def _seconds(block: BlockData, name: str) -> float:
    trained = [record for record in block.records if record["stage"] == "train"]
    return float(trained[-1].get(name, np.nan)) if trained else np.nan


def _parameters(block: BlockData) -> float:
    """Return the number of trained parameters; nan where no table says it."""
    if block.references is None:
        return np.nan
    return float(block.references["parameters"].dropna().astype(float).max())


def _varying(points: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(swept_axes(points))


def _pairs(point: Mapping[str, Any], names: Iterable[str]) -> str:
    return ", ".join(f"{name}={_short(point[name])}" for name in names if name in point)


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _in_order(values: list[Any]) -> list[Any]:
    numbers = all(isinstance(value, int | float) for value in values)
    return sorted(values) if numbers else values


def _fact(statistic: str, value: float = np.nan, text: str = "") -> dict[str, Any]:
    return {"statistic": statistic, "value": value, "text": text}


def _several(values: Iterable[Any]) -> str:
    return ", ".join(sorted({str(value) for value in values if value}))


def _ranges(numbers: Sequence[int]) -> str:
    """Return rising integers as text: 0-3, 8."""
    text: list[str] = []
    start = 0
    for place in range(1, len(numbers) + 1):
        if place == len(numbers) or numbers[place] != numbers[place - 1] + 1:
            first, last = numbers[start], numbers[place - 1]
            text.append(f"{first}" if first == last else f"{first}-{last}")
            start = place
    return ", ".join(text)
