"""Figures of one block: learning curves, spectra, trajectories, modulations."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mpn_rl.artifacts.activity import Activity, read_activity
from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.artifacts.files import atomic_write_bytes
from mpn_rl.artifacts.history import read_history
from mpn_rl.artifacts.pca import read_pca, read_projection
from mpn_rl.figures.m_matrix import m_matrix
from mpn_rl.figures.pca_variance import pca_variance
from mpn_rl.figures.plasticity_course import plasticity_course
from mpn_rl.figures.style import figure_to_png_bytes
from mpn_rl.figures.training_curves import training_curves
from mpn_rl.figures.trajectories import Coloring, trajectories
from mpn_rl.sweep.ledger import recording

log = logging.getLogger(__name__)


def plot(
    directory: Path,
    *,
    run: str,
    stage: str,
    figures: Sequence[str],
    color_by: str,
    code: str,
) -> None:
    """Draw the named figures (keys of FIGURES) into the block's analysis folder.

    `color_by` colours the trajectories: phase, time, action, reward or a variable of the task.
    """
    experiment = Experiment(directory)
    core = run.rsplit("_", 2)[1]
    inputs = [path for path in _inputs(experiment, figures) if path.exists()]
    outputs = [experiment.figure(name) for name in figures]
    with recording(
        directory,
        stage,
        run=run,
        code=code,
        params={"color_by": color_by},
        inputs=inputs,
        outputs=outputs,
    ):
        title = f"{run}, seeds {directory.name.removeprefix('seeds_')}"
        for name, path in zip(figures, outputs, strict=True):
            figure = FIGURES[name](experiment, core, title, color_by)
            atomic_write_bytes(path, figure_to_png_bytes(figure))


def _inputs(experiment: Experiment, figures: Sequence[str]) -> list[Path]:
    needed = {
        "training_curves": [experiment.history],
        "pca_variance": [experiment.pca],
        "trajectories_hidden": [experiment.activity, experiment.projection, experiment.pca],
        "trajectories_M": [experiment.activity, experiment.projection, experiment.pca],
        "m_matrix": [experiment.activity],
        "plasticity_course": [experiment.history],
    }
    return sorted({path for name in figures for path in needed[name]})


def _training_curves(experiment: Experiment, core: str, title: str, color_by: str) -> Figure:
    del color_by
    return training_curves(read_history(experiment.history), core, title)


def _plasticity_course(experiment: Experiment, core: str, title: str, color_by: str) -> Figure:
    del color_by
    return plasticity_course(read_history(experiment.history), core, title)


def _pca_variance(experiment: Experiment, core: str, title: str, color_by: str) -> Figure:
    del color_by
    return pca_variance(read_pca(experiment.pca), core, title)


def _trajectories(variable: str) -> Callable[[Experiment, str, str, str], Figure]:
    def draw(experiment: Experiment, core: str, title: str, color_by: str) -> Figure:
        del core
        activity = read_activity(experiment.activity)
        # Where no seed completed there is no M; the figure then says so.
        nothing = np.zeros((0, 0, 0, 3))
        projection = read_projection(experiment.projection).get(variable, nothing)
        table = read_pca(experiment.pca)
        symbol = "h" if variable == "hidden" else "M"
        return trajectories(
            projection,
            activity.lengths[:, : projection.shape[1]],
            _coloring(activity, color_by, projection.shape[1]),
            activity.seeds.tolist(),
            f"Trajectories of {symbol}: {title}",
            _variance_ratio(table[table["variable"] == variable], activity.seeds),
        )

    return draw


def _m_matrix(experiment: Experiment, core: str, title: str, color_by: str) -> Figure:
    del color_by
    activity = read_activity(experiment.activity)
    if activity.M is None or not activity.M.size:
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
        activity.M[0, 0, :length],
        activity.phases[0, 0, :length],
        activity.phase_names,
        activity.q_values[0, 0, :length],
        activity.actions[0, 0, :length],
        f"First recorded episode of seed {activity.seeds[0]}: {title}",
        core=core,
    )


def _coloring(activity: Activity, color_by: str, episodes: int) -> Coloring:
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


def _variance_ratio(table: pd.DataFrame, seeds: np.ndarray) -> np.ndarray:
    """Share of the variance of the first three components, (seed, component), 0 beyond the last."""
    ratios = np.zeros((len(seeds), 3))
    for index, seed in enumerate(seeds):
        found = table.loc[table["seed"] == seed, "variance_ratio"].to_numpy()[:3]
        ratios[index, : len(found)] = found
    return ratios


FIGURES: dict[str, Callable[[Experiment, str, str, str], Figure]] = {
    "training_curves": _training_curves,
    "pca_variance": _pca_variance,
    "trajectories_hidden": _trajectories("hidden"),
    "trajectories_M": _trajectories("M"),
    "m_matrix": _m_matrix,
    "plasticity_course": _plasticity_course,
}
