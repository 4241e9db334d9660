"""Whole figures of an experiment, drawn anew from what lies there."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.tables import read_rows
from mpn_rl.figures.memory import memory
from mpn_rl.parameters.points import core_of
from mpn_rl.parameters.values import nearest
from mpn_rl.sweep.layout import RULES, file_in
from mpn_rl.sweep.stages.plot import FIGURES
from mpn_rl.sweep.stages.plot_memory import KINDS
from mpn_rl.sweep.stages.runner import given_at

if TYPE_CHECKING:
    from mpn_rl.sweep.results.experiment import Experiment

NAMES = (*FIGURES, "memory")


def figure_of(experiment: "Experiment", name: str, color_by: str = "phase") -> Figure:
    """The figure of this name; ArtifactError for an unknown one, or without what it shows."""
    if name not in NAMES:
        hint = nearest(name, NAMES) or f"; there are {', '.join(NAMES)}"
        raise ArtifactError(f"{experiment.directory}: {name!r} is no figure{hint}")
    core, title = core_of(experiment.run), experiment.name
    if name == "memory":
        return memory(memory_tables(experiment), core, title)
    rule = next(rule for rule, row in RULES.items() if name in row.makes)
    settings = {"color_by": color_by, "checkpoint": experiment.recorded_checkpoint}
    given = given_at(experiment.directory, rule, experiment.run, settings)
    return FIGURES[name](given, core, title)


def memory_tables(experiment: "Experiment") -> Mapping[str, Any]:
    """The tables of how the memory works that there are, as rows; ArtifactError without any."""
    paths = {name: file_in(experiment.directory, name) for name in KINDS}
    found = {name: read_rows(path, KINDS[name]) for name, path in paths.items() if path.exists()}
    if not found:
        raise ArtifactError(
            f"{experiment.directory}: has none of {', '.join(KINDS)}; `mpn-rl analyze` makes them"
        )
    return found
