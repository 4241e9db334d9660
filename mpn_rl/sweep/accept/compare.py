"""Where two files, or one seed's parts of them, differ first; None where they do not."""

import json
from collections.abc import Container
from pathlib import Path
from typing import Any

import numpy as np

from mpn_rl.artifacts.arrays import read_arrays
from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.artifacts.history import read_history
from mpn_rl.sweep.layout import file_in


def difference(old: Path, new: Path) -> str | None:
    """The first field in which two files of one kind differ, after the file's name."""
    one, other = old.read_bytes(), new.read_bytes()
    if one == other:
        return None
    if old.suffix in _READERS:
        found = _values(_READERS[old.suffix](old), _READERS[old.suffix](new))
        return f"{old.name}: {found or 'the same content, written otherwise'}"
    length = min(len(one), len(other))
    first = next((i for i in range(length) if one[i] != other[i]), length)
    return f"{old.name}: byte {first} of {len(one)}, {len(other)}"


def seed_difference(old: Path, new: Path, seed: int) -> str | None:
    """The first field in which a seed's parts of two trained experiments differ.

    `old` and `new` are experiment directories; the old one may hold further seeds.
    """
    one, other = _of_seed(old, seed), _of_seed(new, seed)
    found = ((name, _values(one[name], other[name])) for name in one)
    return next((f"{name}: {told}" for name, told in found if told is not None), None)


def _of_seed(home: Path, seed: int) -> dict[str, dict[str, Any]]:
    history, best, final, config = (
        file_in(home, name) for name in ("history", "best", "final", "config")
    )
    return {
        history.name: {f"seed {seed}": read_history(history).get(seed)},
        best.name: _checkpoint(best, {seed}),
        final.name: _checkpoint(final, {seed}),
        config.name: {"hyperparameters": json.loads(config.read_bytes())["hyperparameters"]},
    }


def _checkpoint(path: Path, wanted: Container[int] | None = None) -> dict[str, Any]:
    """The content of a checkpoint by field and seed, of the seeds that are wanted (None: all)."""
    read = read_checkpoint(path)
    content: dict[str, Any] = {
        name: getattr(read, name)
        for name in ("hyperparameters", "observation_dim", "observation_form", "num_actions")
    }
    for seed in (seed for seed in read.seeds if wanted is None or seed in wanted):
        content[f"seed {seed}"] = {"failed": seed in read.failed, **read.seeds[seed]}
    return content


def _rows(path: Path) -> dict[str, Any]:
    """The lines of a table: the first as it is, the others by its columns."""
    header, *rows = path.read_text().splitlines() or [""]
    cells = (zip(header.split(","), row.split(","), strict=False) for row in rows)
    return {"line 1": header, **{f"line {n}": dict(row) for n, row in enumerate(cells, 2)}}


_READERS = {
    ".json": lambda path: {"content": json.loads(path.read_bytes())},
    ".npz": lambda path: {f"array {name}": a for name, a in sorted(read_arrays(path, ()).items())},
    ".csv": _rows,
    ".pt": _checkpoint,
}


def _values(one: Any, other: Any, place: str = "") -> str | None:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            here = f"{place}, {key}".removeprefix(", ")
            if key not in one or key not in other:
                return f"{here}: is in {'the old' if key in one else 'the new'} one alone"
            if (found := _values(one[key], other[key], here)) is not None:
                return found
        return None if list(one) == list(other) else f"{place}: has its fields in another order"
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return f"{place}: has {len(one)} and {len(other)} entries"
        items = (_values(one[i], other[i], f"{place}[{i}]") for i in range(len(one)))
        return next((each for each in items if each is not None), None)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return _arrays(one, other, place)
    # by repr, as 0.0 and -0.0 are other bytes
    return None if repr(one) == repr(other) else f"{place}: {one!r} and {other!r}"


def _arrays(one: np.ndarray, other: np.ndarray, place: str) -> str | None:
    if (one.dtype, one.shape) != (other.dtype, other.shape):
        return f"{place}: {one.dtype} {list(one.shape)} and {other.dtype} {list(other.shape)}"
    for index in np.ndindex(one.shape) if one.tobytes() != other.tobytes() else ():
        if one[index].tobytes() != other[index].tobytes():
            return f"{place}{[*index] or ''}: {one[index]!s} and {other[index]!s}"
    return None
