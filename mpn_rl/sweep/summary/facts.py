"""Who and what of a sweep: runs and their settings, versions, failures; nothing volatile."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.sweep.plan import yaml_text
from mpn_rl.sweep.summary.data import BlockData, SweepData


def run_table(blocks: Sequence[BlockData], task_parameters: frozenset[str]) -> pd.DataFrame:
    """Return a row per run: problem, core, label, seeds, failed (both numbers), parameters.

    setting has those of `task_parameters` that vary within the task, label the other
    hyper-parameters that vary within the sweep, but task and core.
    """
    points = _points(blocks)
    labels = [name for name in swept_axes(points.values()) if name not in ("task", "core")]
    varied = {}
    for task in {point["task"] for point in points.values()}:
        axes = swept_axes(point for point in points.values() if point["task"] == task)
        varied[task] = [name for name in axes if name in task_parameters]
    rows = []
    for run, point in points.items():
        own, of_task = [block for block in blocks if block.run == run], varied[point["task"]]
        label = _pairs(point, [name for name in labels if name not in of_task])
        head = (point["task"], _pairs(point, of_task), run, point["core"], label)
        seeds, failed = sum(len(block.seeds) for block in own), sum(map(_failed, own))
        rows.append((*head, seeds, failed, own[0].parameters))
    columns = ["task", "setting", "run", "core", "label", "seeds", "failed", "parameters"]
    return pd.DataFrame(rows, columns=columns)


def swept_axes(points: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Name → distinct values, of hyper-parameters that take more than one where present."""
    values: dict[str, list[Any]] = {}
    for point in points:
        for name, value in point.items():
            found = values.setdefault(name, [])
            if value not in found:
                found.append(value)
    return {name: found for name, found in values.items() if len(found) > 1}


def fact_table(blocks: Sequence[BlockData], sweep: SweepData) -> pd.DataFrame:
    """Return rows of statistic, value (a count), text (names, hashes, settings)."""
    points = list(_points(blocks).values())
    records = [record for block in blocks for record in block.records]
    seeds = sorted({seed for block in blocks for seed in block.seeds})
    rows: list[tuple[str, float, str]] = [
        ("sweep", np.nan, sweep.name),
        ("config_hash", np.nan, sweep.config_hash),
        ("tasks", len({point["task"] for point in points}), ""),
        ("cores", len({point["core"] for point in points}), ""),
        ("runs", len(points), ""),
        ("blocks", len(blocks), ""),
        ("seeds_per_run", len(seeds), _ranges(seeds)),
        ("trained_seeds", sum(len(block.seeds) for block in blocks), ""),
        ("failed_seeds", sum(map(_failed, blocks)), ""),
    ]
    for package, found in versions_of(records).items():
        rows.append((f"version {package}", len(found), ", ".join(found)))
    processors = distinct(record.get("processor") for record in records)
    if len(processors) > 1:  # one alone is volatile: another machine may give the same bytes
        rows.append(("processors", len(processors), "; ".join(processors)))
    rows += [("config message", np.nan, message) for message in sweep.messages]
    swept = swept_axes(points)
    for axis, values in swept.items():
        numbers = all(isinstance(value, int | float) for value in values)
        shown = sorted(values) if numbers else values
        rows.append((f"swept {axis}", len(values), ", ".join(map(yaml_text, shown))))
    fixed = {key: value for point in points for key, value in point.items() if key not in swept}
    rows += [(f"fixed {key}", np.nan, yaml_text(value)) for key, value in fixed.items()]
    rows += [(f"recipe {key}", np.nan, text) for key, text in _filled_in(blocks).items()]
    return pd.DataFrame(rows, columns=["statistic", "value", "text"])


def _filled_in(blocks: Sequence[BlockData]) -> dict[str, str]:
    """Name → what the recipe filled in, in any of the runs."""
    found: dict[str, dict[str, None]] = {}
    for block in blocks:
        for name, value in block.recipe.items():
            found.setdefault(name, {})[yaml_text(value)] = None
    return {name: ", ".join(texts) for name, texts in found.items()}


def failure_table(blocks: Sequence[BlockData], scores: pd.DataFrame) -> pd.DataFrame:
    """Return a row per seed that failed or never answered: run, core, seed, steps, text (why)."""
    silent = scores[scores["status"] == "unanswered"]
    unanswered = set(zip(silent["run"], silent["seed"], strict=True))
    said = "completed, but gave no answer in any evaluated episode"
    rows = [
        (
            *(block.run, block.hyperparameters["core"], seed, entry.get("steps")),
            said if (block.run, seed) in unanswered else entry.get("failure"),
        )
        for block in blocks
        for seed, entry in sorted(block.history.items())
        if (block.run, seed) in unanswered or entry.get("status") == "failed"
    ]
    return pd.DataFrame(rows, columns=["run", "core", "seed", "steps", "text"])


def distinct(values: Iterable[Any]) -> list[str]:
    """Return the values that are known, each once, as sorted texts."""
    return sorted({str(value) for value in values if value})


def versions_of(records: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return package → the versions that the records name."""
    named = [record.get("versions", {}) for record in records]
    packages = distinct(package for versions in named for package in versions)
    return {package: distinct(versions.get(package) for versions in named) for package in packages}


def _points(blocks: Sequence[BlockData]) -> dict[str, Mapping[str, Any]]:
    return {block.run: block.hyperparameters for block in blocks}


def _failed(block: BlockData) -> int:
    return sum(entry.get("status") == "failed" for entry in block.history.values())


def _pairs(point: Mapping[str, Any], names: Iterable[str]) -> str:
    return ", ".join(f"{name}={yaml_text(point[name])}" for name in names if name in point)


def _ranges(numbers: Sequence[int]) -> str:
    """Return rising integers as text: 0-3, 8."""
    stretches = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return ", ".join(f"{s[0]}-{s[-1]}" if len(s) > 1 else str(s[0]) for s in stretches)
