"""The tables of an experiment: what reads each, and learning curves as rows."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mpn_rl.artifacts.evaluation import read_evaluation
from mpn_rl.artifacts.pca import read_pca
from mpn_rl.artifacts.plasticity import read_plasticity

# What a seed's history has at every validation, update and end of an episode: its steps, by values.
_STEPS = {"validation_": "validation_step", "loss": "loss_step", "gradient_norm": "loss_step"}
_EPISODES = "episode_end_step"


def readers() -> dict[str, Callable[[Path], pd.DataFrame]]:
    """Table → its reader."""
    from mpn_rl.sweep.stages.summarise import MEMORY_READERS  # loads matplotlib and Typst

    found = {"evaluation": read_evaluation, "pca": read_pca, "plasticity": read_plasticity}
    return {**found, **MEMORY_READERS}


def learning_curves(history: Mapping[int, Mapping[str, Any]]) -> pd.DataFrame:
    """A row per seed, quantity and step, with a value, of entries of training_history.json."""
    parts = [
        pd.DataFrame({"seed": seed, "quantity": name, "step": steps, "value": values})
        for seed, entry in history.items()
        for name in entry
        if (curve := _curve(entry, name)) is not None
        for steps, values in [curve]
    ]
    columns = ["seed", "quantity", "step", "value"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _curve(entry: Mapping[str, Any], name: str) -> tuple[list[int], list[float]] | None:
    """Steps and values of a quantity; None for one that is no curve of numbers."""
    steps = next((own for start, own in _STEPS.items() if name.startswith(start)), _EPISODES)
    values = entry[name]
    if not isinstance(values, list) or not values or name == steps or steps not in entry:
        return None
    if name in _STEPS.values() or any(isinstance(value, list) for value in values):
        return None
    count = min(len(values), len(entry[steps]))
    return entry[steps][:count], [float("nan") if v is None else v for v in values[:count]]
