"""Train an agent.

An interrupted experiment of that name is resumed; a finished one, or one with another config, is
an error.
"""

import argparse
import logging
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mpn_rl.interruption import advise
from mpn_rl.parameters.fields import declared_fields
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.cli.experiments import add_experiment, directory_of, failures
from mpn_rl.sweep.cli.flags import (
    FlagError,
    Parser,
    add_hyperparameters,
    add_setting,
    flag_of,
    given_hyperparameters,
    read_hyperparameters,
    whole_number,
)
from mpn_rl.sweep.cli.live import add_quiet, shown
from mpn_rl.sweep.cli.machine import add_device, chosen_device, logged
from mpn_rl.sweep.cli.names import new_name
from mpn_rl.sweep.config.settings import RunningSettings
from mpn_rl.sweep.results.beginning import claim, looked_at, train_claimed


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl train`."""
    add_experiment(parser, made_up=True)
    seeds = parser.add_mutually_exclusive_group()
    seed: dict[str, Any] = {"type": whole_number(0), "metavar": "N"}
    seeds.add_argument("--seed", **seed, help="seed (default 0)")
    seeds.add_argument("--seeds", **seed, nargs="+", help="several seeds (--seeds-at-once)")
    parser.add_argument(
        "--skip-finished",
        action="store_true",
        help="a finished experiment of this very config is success: for jobs that may start twice",
    )
    add_machine(parser)
    add_hyperparameters(parser)


def add_machine(parser: Parser) -> None:
    """The flags that change how training runs and not what it gives."""
    add_quiet(parser)
    group = parser.add_argument_group("machine")
    add_device(group)
    for name, declared in declared_fields(RunningSettings).items():
        add_setting(group, flag_of(name), declared)


def run(arguments: argparse.Namespace) -> int:
    """Train, and say where the results are; UserError if every seed failed, which is kept."""
    with shown("train: getting ready", arguments.quiet) as terminal:
        directory = _train(arguments, terminal)
    if directory is None:
        print(f"experiment {arguments.experiment_name}: finished already")
        return 0
    print(f"experiment {arguments.experiment_name}: {directory}")
    if not arguments.skip_finished:  # a pool would start a job that has nothing left to do again
        failures(directory)
    return 0


def _train(arguments: argparse.Namespace, terminal: logging.Handler) -> Path | None:
    """Train what the flags ask for; its directory, None where it is finished already."""
    point, unused = read_hyperparameters(given_hyperparameters(arguments))
    seeds = _seeds(arguments)
    device = chosen_device(arguments.device)
    advice = looked_at(point)
    if arguments.experiment_name is None:
        arguments.experiment_name = new_name(arguments.experiments)
    finished = claim(
        directory_of(arguments), point, seeds, refuse_finished=not arguments.skip_finished
    )
    if finished:
        return None
    warnings = [*unused, *advice[1:]]
    return train_experiment(arguments, point, seeds, device, terminal, warnings)


def train_experiment(
    arguments: argparse.Namespace,
    point: Hyperparameters,
    seeds: Sequence[int],
    device: str,
    terminal: logging.Handler,
    warnings: Sequence[str] = (),
) -> Path:
    """Train the experiment that the flags name, or go on with it; return its directory.

    `terminal` shows its log.
    """
    directory = directory_of(arguments)
    folder = shlex.quote(str(arguments.experiments))
    place = "" if folder == "experiments" else f" --experiments {folder}"
    advise(f"`mpn-rl resume --experiment-name {directory.name}{place}` goes on where it was")
    with logged(directory, "train", terminal):
        for warning in warnings:
            logging.warning("%s", warning)
        running = {name: getattr(arguments, name) for name in declared_fields(RunningSettings)}
        train_claimed(directory, point, seeds, device, **running)
    return directory


def _seeds(arguments: argparse.Namespace) -> list[int]:
    seeds = arguments.seeds or [arguments.seed or 0]
    if len(set(seeds)) < len(seeds):
        raise FlagError(f"--seeds: {' '.join(map(str, seeds))} has a seed twice")
    return sorted(seeds)
