"""Experiments that are begun: a directory is claimed, or an interrupted one is gone on with."""

from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import read_config, write_config
from mpn_rl.artifacts.json_files import read_object
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import recipe_of, resolved, rewritten, run_id
from mpn_rl.parameters.values import show
from mpn_rl.sweep.layout import file_in


def begin(
    directory: Path,
    hyperparameters: Hyperparameters,
    seeds: list[int],
    refuse_finished: bool = True,
) -> bool:
    """Claim a directory for an experiment; an interrupted one is continued.

    Returns whether it is finished. Raises ConfigError if it has another config, or if it is
    finished and that is refused.
    """
    config, wanted = file_in(directory, "config"), resolved(hyperparameters)
    if not config.exists():
        if directory.exists() and any(directory.iterdir()):
            raise ConfigError(f"{directory} exists and is not an experiment")
        write_asked(config, hyperparameters, seeds)
        return False
    found = read_config(config)
    known = {**rewritten(found["hyperparameters"]), "seeds": found["seeds"]}
    differing = _differences(known, {**wanted, "seeds": seeds})
    if differing:
        raise ConfigError(f"{directory} exists with {differing}; choose another name")
    finished = is_finished(directory)
    if finished and refuse_finished:
        raise ConfigError(
            f"{directory} is finished; choose another name, or extend it "
            f"with `mpn-rl resume --experiment-name {directory.name} --num-steps …`"
        )
    return finished


def write_asked(config: Path, point: Hyperparameters, seeds: list[int]) -> None:
    """Write config.json as the training that it asks for will."""
    from mpn_rl.tasks.build import filled_in  # imports gymnasium, which not every command needs

    recipe = recipe_of(point, filled_in(point))
    write_config(
        config, run=run_id(point), hyperparameters=resolved(point), seeds=seeds, recipe=recipe
    )


def is_finished(directory: Path) -> bool:
    """Whether the training that config.json asks for has come to its end."""
    try:
        record = read_object(directory / "records" / "train.json")
        found = read_config(file_in(directory, "config"))
    except ArtifactError:
        return False
    return (record.get("params"), record.get("seeds")) == (found["hyperparameters"], found["seeds"])


def _differences(known: dict[str, Any], wanted: dict[str, Any]) -> str:
    names = [name for name in {**known, **wanted} if known.get(name) != wanted.get(name)]
    return ", ".join(f"{name}: {show(known.get(name))}" for name in names)
