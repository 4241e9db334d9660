"""Find principal components of what was recorded, and draw the figures."""

import argparse

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.fields import declared_fields
from mpn_rl.sweep.cli.experiments import add_experiment, directory_of, load
from mpn_rl.sweep.cli.flags import Parser, add_setting
from mpn_rl.sweep.cli.machine import logged
from mpn_rl.sweep.config.settings import AnalysisSettings
from mpn_rl.sweep.layout import FIGURES, PLASTIC_FIGURES
from mpn_rl.sweep.ledger.in_force import code_in_force


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl analyze plot`."""
    add_experiment(parser)
    add_setting(parser, "--color-by", declared_fields(AnalysisSettings)["color_by"])


def run(arguments: argparse.Namespace) -> int:
    """Analyse and draw, and say where the figures are."""
    directory = directory_of(arguments)
    point, _, run_name = load(directory)
    experiment = Experiment(directory)
    if not experiment.activity.exists():
        raise ArtifactError(
            f"{experiment.activity}: is missing; `mpn-rl analyze collect --experiment-name "
            f"{directory.name}` records it"
        )
    sets: dict[str, tuple[str, ...]] = {"plot": FIGURES}
    if CORES[point.core].plastic:
        sets["plot_plasticity"] = PLASTIC_FIGURES
    with logged(directory, "plot"):
        from mpn_rl.sweep.stages.analyse import analyse
        from mpn_rl.sweep.stages.plot import plot

        analyse(directory, run=run_name, code=code_in_force("analyse", point))
        for stage, names in sets.items():
            plot(
                directory,
                run=run_name,
                stage=stage,
                figures=names,
                color_by=arguments.color_by,
                code=code_in_force("plot", point),
            )
    for names in sets.values():
        for name in names:
            print(experiment.figure(name))
    return 0
