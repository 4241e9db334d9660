"""Checkpoints: the weights of every seed of a block, loaded without executing any code."""

import io
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_bytes, read_whole
from mpn_rl.artifacts.tensors import load_arrays

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1

_LARGEST = 2**64
_MOST_ENTRIES = 256


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint file holds.

    `seeds` maps a seed to its network's weights, arrays named as in its state dict (tensors may be
    written too); `failed` lists the seeds among them that did not complete (theirs are the last
    finite weights). `observation_form` is what `ObservationForm.as_dict` gives; None where
    observations are `observation_dim` plain numbers.
    """

    hyperparameters: dict[str, Any]
    observation_dim: int
    num_actions: int
    seeds: Mapping[int, Mapping[str, Any]]
    failed: tuple[int, ...] = ()
    observation_form: dict[str, Any] | None = None

    @property
    def completed(self) -> list[int]:
        """The seeds whose training completed."""
        return [seed for seed in self.seeds if seed not in self.failed]


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; equal content gives equal bytes."""
    import torch

    buffer = io.BytesIO()
    content = {"format": FORMAT, **vars(checkpoint)}
    content["seeds"] = {
        seed: {name: torch.as_tensor(weight) for name, weight in weights.items()}
        for seed, weights in checkpoint.seeds.items()
    }
    if checkpoint.observation_form is None:
        del content["observation_form"]
    torch.save(_interned(content), buffer)
    atomic_write_bytes(path, buffer.getvalue())


def _interned(value: Any) -> Any:
    """Equal texts as one object: pickle writes an object's second occurrence as a reference.

    Without it the bytes would depend on where the texts came from, flags or files.
    """
    if isinstance(value, str):
        return sys.intern(value)
    if isinstance(value, dict):
        return {_interned(key): _interned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_interned(item) for item in value)
    return value


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint; ArtifactError if it is missing, damaged or of another format."""
    try:
        content = load_arrays(read_whole(path))
    except ValueError as error:
        raise ArtifactError(f"{path}: is damaged or not a checkpoint of this project") from error
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise ArtifactError(f"{path}: is not a checkpoint of format {FORMAT}")
    given = content.keys() | {"failed", "observation_form"}
    if given != {declared.name for declared in fields(Checkpoint)}:
        raise ArtifactError(f"{path}: is damaged: it has other fields than a checkpoint")
    if (wrong := next(_wrong(content), None)) is not None:
        raise ArtifactError(f"{path}: is damaged: {wrong} is not what it should be")
    checkpoint = Checkpoint(**content)
    for seed in checkpoint.completed:
        if any(map(_has_nan, checkpoint.seeds[seed].values())):
            raise ArtifactError(f"{path}: is damaged: weights of seed {seed} are nan")
    return checkpoint


def _wrong(content: dict[str, Any]) -> Iterator[str]:
    """The fields that hold something else than they should."""
    for name in ("observation_dim", "num_actions"):
        if not _is_whole(content[name]) or content[name] < 1:
            yield name
    point, form = content["hyperparameters"], content.get("observation_form")
    if not isinstance(point, dict) or not _is_plain(point, 2):
        yield "hyperparameters"
    if form is not None and not (isinstance(form, dict) and _is_plain(form, 5)):
        yield "observation_form"
    if not _is_networks(content["seeds"]):
        yield "seeds"
    failed = content.get("failed", ())
    if not isinstance(failed, list | tuple) or not all(map(_is_whole, failed)):
        yield "failed"


def _is_networks(seeds: Any) -> bool:
    return (
        isinstance(seeds, dict)
        and all(_is_whole(seed) and isinstance(weights, dict) for seed, weights in seeds.items())
        and all(
            isinstance(name, str) and isinstance(weight, np.ndarray)
            for weights in seeds.values()
            for name, weight in weights.items()
        )
    )


def _has_nan(weight: NDArray[Any]) -> bool:
    return weight.dtype.kind in "fc" and bool(np.isnan(weight).any())


def _is_whole(value: Any) -> bool:
    return type(value) is int and abs(value) < _LARGEST


def _is_plain(value: Any, depth: int) -> bool:
    """Whether these are plain values, in containers of at most `depth` levels and few entries.

    A few bytes of pickle can stand for lists of lists that no loop comes to the end of.
    """
    if value is None or isinstance(value, bool | float | str):
        return True
    if not isinstance(value, dict | list | tuple):
        return _is_whole(value)
    keys = value if isinstance(value, dict) else ()
    inner = value.values() if isinstance(value, dict) else value
    return (
        depth > 0
        and len(value) <= _MOST_ENTRIES
        and all(isinstance(key, str) for key in keys)
        and all(_is_plain(item, depth - 1) for item in inner)
    )
