"""training_history.json: learning curves and the fate of every seed of a block."""

import json
from pathlib import Path
from typing import Any

import orjson

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1


def write_history(path: Path, seeds: dict[int, dict[str, Any]]) -> None:
    """Write the histories, seed by seed; nan and infinity have no place in JSON and become null."""
    content = {"seeds": {str(seed): _finite(entry) for seed, entry in seeds.items()}}
    atomic_write_text(path, json.dumps(content, allow_nan=False) + "\n")


def read_history(path: Path) -> dict[int, dict[str, Any]]:
    """Read the histories, seed by seed; a number that was not finite is None."""
    try:
        content = orjson.loads(path.read_bytes())  # megabytes, in a quarter of json's time
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ArtifactError(f"{path}: is damaged: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("seeds"), dict):
        raise ArtifactError(f"{path}: is damaged: it has no seeds")
    return {int(seed): entry for seed, entry in content["seeds"].items()}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
