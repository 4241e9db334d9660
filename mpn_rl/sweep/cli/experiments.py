"""Experiments by name: made, found, and never overwritten."""

import argparse
import re
from collections.abc import Collection
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.history import read_history
from mpn_rl.errors import UserError
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.fields import declared_fields
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.values import show
from mpn_rl.sweep.cli.flags import Parser, add_path, add_setting, converter
from mpn_rl.sweep.config.settings import EvaluationSettings
from mpn_rl.sweep.layout import Job, file_in
from mpn_rl.sweep.ledger.named import refuse_unnamed
from mpn_rl.sweep.results.experiment import Experiment

_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
_TOLD = 3
_FORM = "use up to 80 letters, digits, '.', '_' or '-', starting with a letter or digit"


def add_experiment(parser: Parser, made_up: bool = False) -> None:
    """What says which experiment is meant; `made_up`: it is a new one, which a flag alone names."""
    without = "; without it a readable one is made up" if made_up else ""
    if not made_up:
        parser.add_argument(
            "experiment", nargs="?", metavar="NAME", type=_checked_name, help="name of it"
        )
    parser.add_argument(
        "--experiment-name",
        metavar="NAME",
        type=_checked_name,
        help=f"name of the experiment{without}",
    )
    add_path(parser, "--experiments", "experiments", "folder of the experiments")


def add_checkpoint(parser: Parser) -> None:
    """The flag that says which of an experiment's checkpoints is used."""
    declared = declared_fields(EvaluationSettings)["checkpoint"]
    read = converter(declared)

    def convert(text: str) -> str:
        return read(text.removesuffix(".pt").removesuffix("_model"))

    add_setting(parser, "--checkpoint", declared, type=convert, help="final (default) or best")


def directory_of(arguments: argparse.Namespace) -> Path:
    """The experiment's directory; ConfigError if none is named, or two are."""
    names = {arguments.experiment_name, getattr(arguments, "experiment", None)} - {None}
    if len(names) > 1:
        raise ConfigError(f"--experiment-name: {' and '.join(sorted(names))} are two experiments")
    if not names:
        raise ConfigError(f"--experiment-name is required{_known(arguments.experiments)}")
    (name,) = names
    return Path(arguments.experiments / name)


def add_trust(parser: Parser) -> None:
    """The flag that names modules which an experiment may have imported."""
    parser.add_argument(
        "--trust",
        nargs="+",
        default=[],
        metavar="MODULE",
        help="modules of the experiment's task to import that you have not named here before",
    )


def load(
    directory: Path, needs_training: bool = True, trusted: Collection[str] = ()
) -> tuple[Hyperparameters, list[int], str]:
    """Hyper-parameters, seeds and run id of an experiment.

    Raises ArtifactError if there is none, or if its training has not come to its end yet;
    UserError if it alone names modules that are not `trusted`.
    """
    config = file_in(directory, "config")
    if not config.exists():
        raise ArtifactError(f"{directory}: no experiment is here{_known(directory.parent)}")
    found = Experiment(directory)
    refuse_unnamed(found.hyperparameters, config, trusted)
    if needs_training and not (directory / Job("train", {}).record).exists():
        raise ArtifactError(
            f"{directory}: its training is not complete; resume it with `mpn-rl resume "
            f"--experiment-name {directory.name}`"
        )
    return found.hyperparameters, found.seeds, found.run


def failures(directory: Path) -> dict[int, str | None]:
    """Why each seed failed in training, None for one that completed; UserError if all failed."""
    path = file_in(directory, "history")
    entries = read_history(path) if path.exists() else {}
    found = {seed: entry.get("failure") for seed, entry in entries.items()}
    if found and None not in found.values():
        told = "; ".join(f"seed {seed}: {why}" for seed, why in [*found.items()][:_TOLD])
        more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
        raise UserError(f"{directory}: every seed failed in training: {told}{more}")
    return found


def _known(experiments: Path) -> str:
    names = sorted(path.parent.name for path in experiments.glob("[!.]*/config.json"))
    return f"; available: {', '.join(names[:10])}{' …' if len(names) > 10 else ''}" if names else ""


def _checked_name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(f"{show(text)} is not a valid name: {_FORM}")
    return text
