"""Where two files, or one seed's parts of them, differ first; None where they do not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mpn_rl.artifacts.arrays import read_arrays
from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.artifacts.history import read_history


def difference(old: Path, new: Path) -> str | None:
    """The first field in which two files of one kind differ, after the file's name."""
    one, other = old.read_bytes(), new.read_bytes()
    if one == other:
        return None
    return f"{old.name}: {_field(old, new, one, other)}"


def seed_difference(old: Path, new: Path, seed: int) -> str | None:
    """The first field in which a seed's parts of two trained experiments differ.

    `old` and `new` are experiment directories; the old one may hold further seeds.
    """
    one = read_history(old / "training_history.json").get(seed)
    other = read_history(new / "training_history.json").get(seed)
    if (found := _values(one, other, f"seed {seed}")) is not None:
        return f"training_history.json: {found}"
    for name in ("best_model.pt", "final_model.pt"):
        found = _weights(old / "checkpoints" / name, new / "checkpoints" / name, seed)
        if found is not None:
            return f"{name}: {found}"
    one, other = (_hyperparameters(folder / "config.json") for folder in (old, new))
    found = _values(one, other, "hyperparameters")
    return None if found is None else f"config.json: {found}"


def _hyperparameters(path: Path) -> Any:
    return json.loads(path.read_bytes())["hyperparameters"]


def _weights(old: Path, new: Path, seed: int) -> str | None:
    one, other = read_checkpoint(old), read_checkpoint(new)
    for name in ("hyperparameters", "observation_dim", "num_actions"):
        found = _values(getattr(one, name), getattr(other, name), name)
        if found is not None:
            return found
    if (seed in one.failed) != (seed in other.failed):
        return f"seed {seed}: failed in one of them alone"
    weights = [checkpoint.seeds.get(seed) or {} for checkpoint in (one, other)]
    for key in sorted({*weights[0], *weights[1]}):
        if not all(key in named for named in weights):
            return f"seed {seed}, {key}: is in one of them alone"
        place = _arrays(_as_array(weights[0][key]), _as_array(weights[1][key]))
        if place is not None:
            return f"seed {seed}, {key}{place}"
    if list(weights[0]) != list(weights[1]):
        return f"seed {seed}: has its tensors in another order"
    return None


def _as_array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().contiguous().numpy()


def _arrays(one: np.ndarray, other: np.ndarray) -> str | None:
    if (one.dtype, one.shape) != (other.dtype, other.shape):
        return f": {one.dtype} {list(one.shape)} and {other.dtype} {list(other.shape)}"
    if one.tobytes() == other.tobytes():
        return None
    flat = [np.ascontiguousarray(a).reshape(-1) for a in (one, other)]
    where = next(i for i in range(one.size) if flat[0][i].tobytes() != flat[1][i].tobytes())
    index = [int(i) for i in np.unravel_index(where, one.shape)] if one.shape else []
    return f"{index}: {flat[0][where]!s} and {flat[1][where]!s}"


def _values(one: Any, other: Any, place: str) -> str | None:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            if key not in one or key not in other:
                return f"{place}, {key}: is in {'the old' if key in one else 'the new'} one alone"
            if (found := _values(one[key], other[key], f"{place}, {key}")) is not None:
                return found
        return None if list(one) == list(other) else f"{place}: has its fields in another order"
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        items = (_values(a, b, f"{place}[{index}]") for index, (a, b) in pairs)
        return next((each for each in items if each is not None), None)
    if isinstance(one, list) and isinstance(other, list):
        return f"{place}: has {len(one)} and {len(other)} entries"
    # by repr, as 0.0 and -0.0 are other bytes
    return None if repr(one) == repr(other) else f"{place}: {one!r} and {other!r}"


def _field(old: Path, new: Path, one: bytes, other: bytes) -> str:
    if old.suffix == ".json":
        return _values(json.loads(one), json.loads(other), "content") or "written otherwise"
    if old.suffix == ".npz":
        arrays = read_arrays(old, ()), read_arrays(new, ())
        for name in sorted({*arrays[0], *arrays[1]}):
            if name not in arrays[0] or name not in arrays[1]:
                return f"array {name}: is in one of them alone"
            if (place := _arrays(arrays[0][name], arrays[1][name])) is not None:
                return f"array {name}{place}"
        return "the same arrays, stored otherwise"
    if old.suffix == ".csv":
        return _row(one.decode().splitlines(), other.decode().splitlines())
    if old.suffix == ".pt":
        seeds = read_checkpoint(old).seeds
        found = (_weights(old, new, seed) for seed in seeds)
        return next((f for f in found if f is not None), "the same weights, stored otherwise")
    length = min(len(one), len(other))
    first = next((i for i in range(length) if one[i] != other[i]), length)
    return f"byte {first} of {len(one)}, {len(other)}"


def _row(one: list[str], other: list[str]) -> str:
    columns = one[0].split(",") if one else []
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            cells = zip(columns, a.split(","), b.split(","), strict=False)
            name, x, y = next(
                ((name, x, y) for name, x, y in cells if x != y), ("the columns", a, b)
            )
            return f"line {number + 1}, {name}: {x} and {y}"
    return f"has {len(one)} and {len(other)} lines"
