"""training_history.json: learning curves and the fate of every seed of a block."""

import json
import re
from pathlib import Path
from typing import Any

import orjson

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text, read_whole

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1

_NUMBER = int | float | None
_SEED = re.compile(r"-?\d{1,20}", re.ASCII)


def write_history(path: Path, seeds: dict[int, dict[str, Any]]) -> None:
    """Write the histories, seed by seed; nan and infinity have no place in JSON and become null."""
    content = {"seeds": {str(seed): _finite(entry) for seed, entry in seeds.items()}}
    atomic_write_text(path, json.dumps(content, allow_nan=False) + "\n")


def read_history(path: Path) -> dict[int, dict[str, Any]]:
    """Read the histories, seed by seed; a number that was not finite is None."""
    try:
        content = orjson.loads(read_whole(path))  # megabytes, in a quarter of json's time
    except ValueError as error:
        raise ArtifactError(f"{path}: is damaged: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("seeds"), dict):
        raise ArtifactError(f"{path}: is damaged: it has no seeds")
    seeds = content["seeds"]
    if not all(_SEED.fullmatch(seed) and _is_entry(entry) for seed, entry in seeds.items()):
        raise ArtifactError(f"{path}: is damaged: a seed's entry is not what it should be")
    return {int(seed): entry for seed, entry in seeds.items()}


def _is_entry(entry: Any) -> bool:
    """Whether a seed has single values, and curves of numbers or of lists of them."""
    return isinstance(entry, dict) and all(
        _is_curve(value, 3) if isinstance(value, list) else isinstance(value, str | _NUMBER)
        for value in entry.values()
    )


def _is_curve(values: list[Any], depth: int) -> bool:
    kinds = {*map(type, values)}
    if kinds == {list}:
        return depth > 1 and all(_is_curve(inner, depth - 1) for inner in values)
    return all(issubclass(kind, _NUMBER) for kind in kinds)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
