"""Whether a checkpoint is of the run that it lies with, before anything is made of what it says."""

from pathlib import Path

from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import read_config
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.foreign import sound_point
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved, run_id
from mpn_rl.sweep.layout import file_in
from mpn_rl.sweep.ledger.asked import asked_for

LENGTHS = frozenset(["num_steps", "num_episodes"])  # what `mpn-rl resume` may raise


class OtherRunError(ArtifactError):
    """A checkpoint that is not of the run that it lies with."""


def check_belongs(path: Path, home: Path, run: str | None) -> None:
    """Raise OtherRunError where a checkpoint's hyper-parameters are not those of the run it is for.

    `home` is its experiment directory, `run` the id of the run as the config of the sweep gives it,
    or config.json. A training may have been asked to go on for longer since. Raises ArtifactError
    where one of them cannot be read.
    """
    point = _point(path, read_checkpoint(path).hyperparameters)
    config = file_in(home, "config")
    if config.exists():
        wanted = _point(config, read_config(config)["hyperparameters"])
        if different := differing(point, wanted) - LENGTHS:
            names = ", ".join(sorted(different))
            raise OtherRunError(f"{path}: is of another run: config.json differs in {names}")
    in_sweep = home.name.startswith("seeds_") and home.parent.name == run
    asked = asked_for()
    named = asked.runs.get(run or "") if asked is not None else None
    task = named.task if named is not None else point.task
    if (in_sweep and run_id(point) != run) or point.task != task:
        raise OtherRunError(f"{path}: is of another run, {run_id(point)}")


def differing(one: Hyperparameters, other: Hyperparameters) -> set[str]:
    """Names of the hyper-parameters in which two runs differ."""
    a, b = resolved(one), resolved(other)
    return {name for name in a.keys() | b.keys() if a.get(name, b) != b.get(name, a)}


def _point(path: Path, values: object) -> Hyperparameters:
    try:
        return sound_point(values)
    except ConfigError as error:
        said = "; ".join(str(error).splitlines())
        raise ArtifactError(f"{path}: its hyper-parameters cannot be used: {said}") from None
