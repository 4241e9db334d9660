"""Experiments that are begun: a directory is claimed, or an interrupted one is gone on with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import read_config, write_config
from mpn_rl.artifacts.json_files import read_object
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import recipe_of, resolved, rewritten, run_id
from mpn_rl.parameters.values import show
from mpn_rl.sweep.layout import Job, file_in
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.ledger.named import note_named
from mpn_rl.sweep.ledger.probe import look_at_tasks


def looked_at(point: Hyperparameters) -> list[str]:
    """What is to be said of a task, whose modules count as named by the user from here on.

    Raises TaskError for one that cannot be trained on: before there is a folder.
    """
    advice = list(look_at_tasks([point]))
    note_named([point])
    return advice


def claim(
    directory: Path, point: Hyperparameters, seeds: list[int], refuse_finished: bool = True
) -> bool:
    """As `begin`; a new one that memory has no room for is refused before it has a folder."""
    if not directory.exists():
        from mpn_rl.sweep.stages.demands import refuse_beyond  # imports torch

        refuse_beyond(point)
    return begin(directory, point, seeds, refuse_finished)


def train_claimed(
    directory: Path,
    point: Hyperparameters,
    seeds: Sequence[int],
    device: str,
    **machine: Any,
) -> None:
    """Train the experiment that has been begun, or go on with it; `machine`: `MachineSettings`.

    Its states are kept, so that it can be extended.
    """
    from mpn_rl.sweep.stages.resuming import MachineSettings, train_block
    from mpn_rl.sweep.stages.runner import given_at

    given = given_at(
        directory, "train", run_id(point), resolved(point), seeds=list(seeds), device=device
    )
    train_block(given, code_in_force("train", point), MachineSettings(**machine, keep_state=True))


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
        if directory.exists() and not (directory.is_dir() and not any(directory.iterdir())):
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
        record = read_object(directory / Job("train", {}).record)
        found = read_config(file_in(directory, "config"))
    except ArtifactError:
        return False
    return (record.get("params"), record.get("seeds")) == (found["hyperparameters"], found["seeds"])


def _differences(known: dict[str, Any], wanted: dict[str, Any]) -> str:
    names = [name for name in {**known, **wanted} if known.get(name) != wanted.get(name)]
    # where these differ, so do the names of what they have
    if kinds := [name for name in names if name in ("task", "core", "learner")]:
        names = [name for name in names if name in kinds or (name in known and name in wanted)]
    return ", ".join(f"{name}: {show(known.get(name))}" for name in names)
