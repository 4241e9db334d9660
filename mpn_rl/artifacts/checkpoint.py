"""Checkpoints: the weights of every seed of a block, loaded without executing any code."""

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_bytes
from mpn_rl.artifacts.tensors import load_arrays

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1


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
    """Read a checkpoint; ArtifactError if it is missing, cut short or of another format."""
    try:
        content = load_arrays(path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ArtifactError(f"{path}: is damaged or not a checkpoint of this project") from error
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise ArtifactError(f"{path}: is not a checkpoint of format {FORMAT}")
    try:
        return Checkpoint(**content)
    except TypeError as error:
        raise ArtifactError(f"{path}: is damaged: its fields are {', '.join(content)}") from error
