"""Whether what a saved state holds has the form of a training's state, before any of it is used.

A checksum says that a file is what was written, not that a training wrote it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from mpn_rl.artifacts.streamed import Stored

# Arrays (row, …) that grow with the training.
_GROWING = frozenset({"bank", "answers"})
# What a task saves is its own: only that it is there is looked at.
_OWN = "task"


def state_fault(found: Any, example: Any, name: str = "") -> str | None:
    """Name the first part of a state that is not as in `example`, that of the same training anew.

    None where all is: the same names, types, and shapes of arrays.
    """
    if isinstance(example, Mapping) and isinstance(found, Mapping):
        inside = _of_mapping(found, example)
        return inside if inside is None or not name else f"{name}: {inside}"
    if isinstance(example, tuple) and isinstance(found, tuple) and len(found) == len(example):
        faults = (state_fault(*both, name) for both in zip(found, example, strict=True))
        return next((fault for fault in faults if fault is not None), None)
    return None if _alike(found, example, name) else f"{name} is not what it should be"


def _of_mapping(found: Mapping[str, Any], example: Mapping[str, Any]) -> str | None:
    for name in {**example, **found}:
        if name not in found:
            return f"{name} is missing"
        if name not in example:
            return f"{name} is no part of it"
        if name == _OWN and isinstance(found[name], Mapping):
            continue
        if (fault := state_fault(found[name], example[name], str(name))) is not None:
            return fault
    return None


def _alike(found: Any, example: Any, name: str) -> bool:
    """Whether two values that hold no others by name are of one kind."""
    if example is None:  # a failure
        return found is None or isinstance(found, str)
    if isinstance(example, Stored):
        return isinstance(found, Stored)  # compared with its target where it is read
    if type(found) is not type(example) or isinstance(example, Mapping | tuple):
        return False
    if isinstance(example, np.ndarray | torch.Tensor):
        rows = 1 if name in _GROWING else 0
        same = found.dtype == example.dtype and found.ndim == example.ndim
        return same and found.shape[rows:] == example.shape[rows:]
    if isinstance(example, list):
        return len(found) == (len(example) or len(found)) and all(map(_is_number, found))
    return True


def _is_number(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_number, value))
    return value is None or type(value) in (int, float)
