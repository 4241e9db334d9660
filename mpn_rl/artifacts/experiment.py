"""config.json: hyper-parameters and seeds of an experiment directory, and what was filled in."""

import json
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1


def write_config(
    path: Path,
    *,
    run: str,
    hyperparameters: dict[str, Any],
    seeds: list[int],
    recipe: dict[str, Any] | None = None,
) -> None:
    """Write config.json; nothing volatile goes in, so equal configs give equal bytes.

    `recipe` is what was filled in for hyper-parameters that are null, left out if nothing was.
    """
    content = {"run": run, "hyperparameters": hyperparameters, "seeds": seeds}
    if recipe:
        content["recipe"] = recipe
    atomic_write_text(path, json.dumps(content, indent=2) + "\n")


def read_config(path: Path) -> dict[str, Any]:
    """Read config.json: `run`, `hyperparameters`, `seeds`, perhaps `recipe`; else ArtifactError."""
    content = read_json(path)
    missing = {"run", "hyperparameters", "seeds"} - set(content)
    if missing:
        raise ArtifactError(f"{path}: has no {', '.join(sorted(missing))}")
    return content


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; ArtifactError says what is wrong with the file."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ArtifactError(f"{path}: is damaged: {error}") from error
    if not isinstance(content, dict):
        raise ArtifactError(f"{path}: is damaged: it is not a JSON object")
    return content
