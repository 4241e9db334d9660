"""Who and what of a sweep: runs and their settings, versions, failures; nothing volatile."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.sweep.summary.data import BlockData, SweepData


def run_table(blocks: Sequence[BlockData], task_parameters: frozenset[str]) -> pd.DataFrame:
    """Return a row per run: problem, core, label (what distinguishes it), size, seeds.

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


def fact_table(blocks: Sequence[BlockData], sweep: SweepData) -> pd.DataFrame:
    """Return rows of statistic, value (a count or seconds), text (names, hashes, settings)."""
    points = list({block.run: block.hyperparameters for block in blocks}.values())
    records = [record for block in blocks for record in block.records]
    seeds = sorted({seed for block in blocks for seed in block.seeds})
    failed = sum(
        entry.get("status") == "failed" for block in blocks for entry in block.history.values()
    )
    rows: list[dict[str, Any]] = [
        _fact("sweep", text=sweep.name),
        _fact("config_hash", text=sweep.config_hash),
        _fact("tasks", len({point["task"] for point in points})),
        _fact("cores", len({point["core"] for point in points})),
        _fact("runs", len(points)),
        _fact("blocks", len(blocks)),
        _fact("seeds_per_run", len(seeds), _ranges(seeds)),
        _fact("trained_seeds", sum(len(block.seeds) for block in blocks)),
        _fact("failed_seeds", failed),
    ]
    for package in sorted({name for record in records for name in record.get("versions", {})}):
        found = distinct(record.get("versions", {}).get(package) for record in records)
        rows.append(_fact(f"version {package}", len(found), ", ".join(found)))
    processors = distinct(record.get("processor") for record in records)
    if len(processors) > 1:  # one alone is volatile: another machine may give the same bytes
        rows.append(_fact("processors", len(processors), "; ".join(processors)))
    rows += [_fact("config message", text=message) for message in sweep.messages]
    swept = swept_axes(points)
    rows += [
        _fact(f"swept {axis}", len(values), ", ".join(map(str, _in_order(values))))
        for axis, values in swept.items()
    ]
    fixed = {key: value for point in points for key, value in point.items() if key not in swept}
    return pd.DataFrame(rows + [_fact(f"fixed {key}", text=str(fixed[key])) for key in fixed])


def failure_table(blocks: Sequence[BlockData], scores: pd.DataFrame) -> pd.DataFrame:
    """Return a row per seed that failed or never answered: run, core, seed, steps, text (why).

    scores: those of seeds, by whose status `unanswered` the latter are known.
    """
    silent = scores[scores["status"] == "unanswered"]
    unanswered = set(zip(silent["run"], silent["seed"], strict=True))
    rows = []
    for block in blocks:
        for seed, entry in sorted(block.history.items()):
            head = (block.run, block.hyperparameters["core"], seed, entry.get("steps"))
            if entry.get("status") == "failed":
                rows.append((*head, entry.get("failure")))
            elif (block.run, seed) in unanswered:
                rows.append((*head, "completed, but gave no answer in any evaluated episode"))
    return pd.DataFrame(rows, columns=["run", "core", "seed", "steps", "text"])


def _totals(blocks: Sequence[BlockData]) -> pd.DataFrame:
    """Return run → seeds, failed, parameters, the last nan where no table says it."""
    rows = [
        (
            block.run,
            len(block.seeds),
            sum(entry.get("status") == "failed" for entry in block.history.values()),
        )
        for block in blocks
    ]
    table = pd.DataFrame(rows, columns=["run", "seeds", "failed"])
    totals = table.groupby("run", sort=False).sum().reset_index()
    sizes = {block.run: _parameters(block) for block in blocks}
    return totals.assign(parameters=totals["run"].map(sizes).astype(float))


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


def distinct(values: Iterable[Any]) -> list[str]:
    """Return the values that are known, each once, as sorted texts."""
    return sorted({str(value) for value in values if value})


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
