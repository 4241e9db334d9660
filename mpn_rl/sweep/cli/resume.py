"""Resume an interrupted training, or extend a finished one.

With --num-steps or --num-episodes the result is the same as if that length had been asked for at
the start.
"""

import argparse
import logging
from pathlib import Path

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.points import applicable
from mpn_rl.parameters.values import show
from mpn_rl.sweep.cli.experiments import (
    add_experiment,
    add_trust,
    directory_of,
    failures,
    load,
)
from mpn_rl.sweep.cli.flags import (
    Parser,
    add_hyperparameters,
    flag_of,
    given_hyperparameters,
    read_hyperparameters,
)
from mpn_rl.sweep.cli.live import shown
from mpn_rl.sweep.cli.machine import chosen_device
from mpn_rl.sweep.cli.train import add_machine, train_experiment
from mpn_rl.sweep.layout import file_in
from mpn_rl.sweep.results.beginning import is_finished, write_asked

_LENGTH = ("num_steps", "num_episodes")


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl resume`."""
    add_experiment(parser)
    add_trust(parser)
    add_machine(parser)
    add_hyperparameters(parser, _LENGTH)


def run(arguments: argparse.Namespace) -> int:
    """Train on, and say where the results are; UserError if every seed failed, which is kept."""
    directory = directory_of(arguments)
    with shown("resume: getting ready", arguments.quiet) as terminal:
        _go_on(arguments, directory, terminal)
    print(f"experiment {directory.name}: {directory}")
    failures(directory)
    return 0


def _go_on(arguments: argparse.Namespace, directory: Path, terminal: logging.Handler) -> None:
    """Train on; ConfigError where there is nothing to do."""
    point, seeds, _ = load(directory, needs_training=False, trusted=arguments.trust)
    given = given_hyperparameters(arguments)
    from mpn_rl.tasks.build import filled_in  # imports gymnasium, which --help does not need

    before = filled_in(point)
    for name, value in given.items():
        old = getattr(before, name)
        if value is not None and old is not None and value < old:
            raise ConfigError(f"{flag_of(name)}: {value} is less than the {show(old)} asked before")
    # whole, not as `resolved` writes it: what that leaves out is at its first default
    whole = {name: getattr(point, name) for name in applicable(vars(point))}
    longer, unused = read_hyperparameters({**whole, **given})
    if longer == point and is_finished(directory):
        raise ConfigError(
            f"--experiment-name: {directory.name} is finished; --num-steps or --num-episodes "
            "extends it"
        )
    device = chosen_device(arguments.device)
    if longer != point:
        write_asked(file_in(directory, "config"), longer, seeds)
    train_experiment(arguments, longer, seeds, device, terminal, unused)
