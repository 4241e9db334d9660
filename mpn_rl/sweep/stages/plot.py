"""Figures of one block: learning curves, spectra, trajectories, modulations."""

import logging
from collections.abc import Callable
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from mpn_rl.artifacts.activity import Activity, read_activity
from mpn_rl.artifacts.files import atomic_write_bytes, atomic_write_text
from mpn_rl.artifacts.history import read_history
from mpn_rl.artifacts.pca import read_projection, read_spectra
from mpn_rl.figures.m_matrix import m_matrix
from mpn_rl.figures.pca_variance import pca_variance
from mpn_rl.figures.plasticity_course import plasticity_course
from mpn_rl.figures.style import figure_to_png_bytes, figure_to_svg
from mpn_rl.figures.training_curves import training_curves
from mpn_rl.figures.trajectories import Coloring, trajectories
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.points import core_of
from mpn_rl.sweep.stages.runner import Given

log = logging.getLogger(__name__)


def plot(given: Given) -> None:
    """Draw the figures that are the outputs, each as pixels and as vectors.

    `color_by` colours the trajectories: phase, time, action, reward or a variable of the task.
    """
    core = core_of(str(given.run))
    title = f"{given.run}, seeds {given.home.name.removeprefix('seeds_')}"
    for name in (name for name in FIGURES if name in given.outputs):
        figure = FIGURES[name](given, core, title)
        atomic_write_bytes(given.outputs[name], figure_to_png_bytes(figure))
        atomic_write_text(given.outputs[f"{name}_vectors"], figure_to_svg(figure))


def _training_curves(given: Given, core: str, title: str) -> Figure:
    return training_curves(read_history(given.inputs["history"]), core, title)


def _plasticity_course(given: Given, core: str, title: str) -> Figure:
    return plasticity_course(read_history(given.inputs["history"]), core, title)


def _pca_variance(given: Given, core: str, title: str) -> Figure:
    return pca_variance(read_spectra(given.inputs["pca"]), core, title)


def _trajectories(variable: str, given: Given, core: str, title: str) -> Figure:
    del core
    activity = read_activity(given.inputs["activity"])
    # Where no seed completed there is no M; the figure then says so.
    nothing = np.zeros((0, 0, 0, 3))
    projection = read_projection(given.inputs["projection"]).get(variable, nothing)
    table = read_spectra(given.inputs["pca"])
    symbol = "h" if variable == "hidden" else "M"
    return trajectories(
        projection,
        activity.lengths[:, : projection.shape[1]],
        coloring_by(activity, given.settings["color_by"], projection.shape[1]),
        activity.seeds.tolist(),
        f"Trajectories of {symbol}: {title}",
        variance_ratio(table[table["variable"] == variable], activity.seeds),
    )


def _m_matrix(given: Given, core: str, title: str) -> Figure:
    from mpn_rl.sweep.stages.recomputed import recomputed  # loads numba, which not all need

    activity = read_activity(given.inputs["activity"])
    of_seeds = recomputed(activity, given.inputs["checkpoint"], given.device)
    _, memory = next(of_seeds, (None, None))
    if memory is None:
        return m_matrix(
            np.zeros((0, 1, 1)),
            np.zeros(0, int),
            (),
            np.zeros((0, 1)),
            np.zeros(0, int),
            f"{title}: no seed completed",
            core=core,
        )
    length = int(activity.lengths[0, 0])
    return m_matrix(
        memory.first(1).whole()[0, :length],
        activity.phases[0, 0, :length],
        activity.phase_names,
        activity.q_values[0, 0, :length],
        activity.actions[0, 0, :length],
        f"First recorded episode of seed {activity.seeds[0]}: {title}",
        core=core,
        recurrent=CORES[core].recurrent,
    )


def coloring_by(activity: Activity, color_by: str, episodes: int) -> Coloring:
    """What colours the first `episodes` of a recording: phase, time, action, reward, a variable."""
    choices: dict[str, tuple[np.ndarray, str]] = {
        "phase": (activity.phases, "phase"),
        "action": (activity.actions, "action"),
        "reward": (activity.rewards, "reward"),
        "time": (_time(activity), "time within the episode (steps)"),
        **{name: (values, name) for name, values in activity.variables.items()},
    }
    if color_by not in choices:
        log.warning(
            "analysis.color_by: this task has no %r, only %s; phase is used instead",
            color_by,
            ", ".join(choices),
        )
        color_by = "phase"
    values, label = choices[color_by]
    floats = np.where(values == -1, np.nan, values) if color_by in ("phase", "action") else values
    names = activity.phase_names if color_by == "phase" else None
    return Coloring(np.asarray(floats, float)[:, :episodes], label, names)


def _time(activity: Activity) -> np.ndarray:
    return np.broadcast_to(np.arange(activity.rewards.shape[2]), activity.rewards.shape)


def variance_ratio(table: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Share of the variance of the first three components, (seed, component), 0 beyond the last."""
    ratios = np.zeros((len(seeds), 3))
    for index, seed in enumerate(seeds):
        found = table["variance_ratio"][table["seed"] == seed][:3]
        ratios[index, : len(found)] = found
    return ratios


FIGURES: dict[str, Callable[[Given, str, str], Figure]] = {
    "training_curves": _training_curves,
    "pca_variance": _pca_variance,
    "trajectories_hidden": partial(_trajectories, "hidden"),
    "trajectories_M": partial(_trajectories, "M"),
    "m_matrix": _m_matrix,
    "plasticity_course": _plasticity_course,
}
