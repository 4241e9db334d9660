"""Record hidden states, M matrices and behaviour of greedy episodes."""

import argparse

from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.parameters.fields import declared_fields
from mpn_rl.sweep.cli.experiments import add_checkpoint, add_experiment, directory_of, load
from mpn_rl.sweep.cli.flags import Parser, add_setting
from mpn_rl.sweep.cli.machine import add_device, chosen_device, logged
from mpn_rl.sweep.config.settings import AnalysisSettings
from mpn_rl.sweep.ledger.in_force import code_in_force


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl analyze collect`."""
    add_experiment(parser)
    add_setting(parser, "--num-episodes", declared_fields(AnalysisSettings)["num_episodes"])
    add_setting(parser, "--max-recorded-mb", declared_fields(AnalysisSettings)["max_recorded_mb"])
    add_checkpoint(parser)
    add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Record, and say where the recording is."""
    directory = directory_of(arguments)
    point, _, run_name = load(directory)
    device = chosen_device(arguments.device)
    with logged(directory, "collect"):
        from mpn_rl.sweep.stages.collect import collect

        collect(
            directory,
            run=run_name,
            num_episodes=arguments.num_episodes,
            checkpoint=arguments.checkpoint,
            max_recorded_mb=arguments.max_recorded_mb,
            code=code_in_force("collect", point),
            device=device,
        )
    print(Experiment(directory).activity)
    return 0
