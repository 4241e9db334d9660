"""config.json: hyper-parameters and seeds of an experiment directory, and what was filled in."""

import json
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.artifacts.json_files import read_object

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
    content = read_object(path)
    missing = {"run", "hyperparameters", "seeds"} - set(content)
    if missing:
        raise ArtifactError(f"{path}: has no {', '.join(sorted(missing))}")
    kinds = {"run": str, "hyperparameters": dict, "seeds": list, "recipe": dict}
    for name in kinds.keys() & content.keys():
        if not isinstance(content[name], kinds[name]):
            raise ArtifactError(f"{path}: is damaged: {name} is not what it should be")
    if not all(type(seed) is int for seed in content["seeds"]):
        raise ArtifactError(f"{path}: is damaged: its seeds are not whole numbers")
    return content
