"""The panels of an experiment's figures, each drawn into axes that are given."""

from collections.abc import Callable
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.pca import read_projection, read_spectra
from mpn_rl.artifacts.tables import read_rows
from mpn_rl.canvas import new_figure, symmetric_limit
from mpn_rl.errors import UserError
from mpn_rl.figures import training_curves as curves
from mpn_rl.figures.m_matrix import draw_matrix, draw_norm, draw_q_values
from mpn_rl.figures.memory import most_telling
from mpn_rl.figures.memory_panels import (
    draw_decoding,
    draw_fixed_points,
    draw_generalisation,
    draw_lesions,
    remembered,
)
from mpn_rl.figures.pca_variance import VARIABLE_TITLES, draw_cumulative
from mpn_rl.figures.plasticity_course import RATES, draw_rate
from mpn_rl.figures.style import applied, panels
from mpn_rl.figures.trajectories import color_scale, draw_pair
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.points import core_of
from mpn_rl.parameters.values import nearest, unknown_key
from mpn_rl.sweep.stages.plot import coloring_by, variance_ratio
from mpn_rl.sweep.stages.plot_memory import KINDS

if TYPE_CHECKING:
    from mpn_rl.playing.memory import Memory
    from mpn_rl.sweep.results.experiment import Experiment


@applied()
def draw(experiment: "Experiment", name: str, ax: Axes | None = None, **options: Any) -> Axes:
    """Draw the panel of this name into `ax`; None: into a new figure's. Returns the axes.

    Raises UserError for an unknown panel or option, ArtifactError where what it shows was not made.
    """
    if name not in PANELS:
        hint = nearest(name, PANELS) or f"; there are {', '.join(PANELS)}"
        raise UserError(f"{name!r} is no panel{hint}")
    known = [*signature(PANELS[name]).parameters][2:]
    for option in options:
        if option not in known:
            raise UserError(f"panel {name!r}: {unknown_key('', option, known)}")
    if ax is None:
        ax = panels(new_figure(4.0, 3.0), 1, 1, left=0.8)[0, 0]
    PANELS[name](experiment, ax, **options)
    return ax


def _training(panel: curves.Panel, experiment: "Experiment", ax: Axes) -> None:
    curves.draw_panel(ax, experiment.history, panel, core_of(experiment.run))


def _rate(key: str, experiment: "Experiment", ax: Axes, layer: int = 1) -> None:
    title, symbol = RATES[key]
    panel = curves.Panel(key, "validation_step", title, symbol)
    draw_rate(ax, experiment.history, panel, layer - 1, core_of(experiment.run))


def _variance(experiment: "Experiment", ax: Axes, variable: str = "hidden") -> None:
    table = read_spectra(experiment.file("pca"))
    draw_cumulative(ax, table[table["variable"] == variable], core_of(experiment.run))
    ax.set_title(VARIABLE_TITLES[variable])


def _trajectory(
    experiment: "Experiment",
    ax: Axes,
    variable: str = "hidden",
    seed: int | None = None,
    components: tuple[int, int] = (1, 2),
    color_by: str = "phase",
) -> None:
    activity = experiment.activity
    place, seed = _place(experiment, activity.seeds, seed)
    projection = read_projection(experiment.file("projection"))[variable]
    episodes = projection.shape[1]
    coloring = coloring_by(activity, color_by, episodes)
    inside = np.arange(projection.shape[2]) < activity.lengths[place, :episodes, None]
    values = np.where(inside, coloring.values[place], np.nan)
    path = np.where(inside[..., None], projection[place].astype(float), np.nan)
    spectra = read_spectra(experiment.file("pca"))
    ratio = variance_ratio(spectra[spectra["variable"] == variable], activity.seeds)[place]
    first, second = components
    cmap, norm = color_scale(values, coloring)
    draw_pair(ax, path, values, (first - 1, second - 1), cmap, norm, ratio)
    ax.set_title(f"seed {seed}, coloured by {coloring.label}")


def _matrix(
    experiment: "Experiment", ax: Axes, seed: int | None = None, episode: int = 0, time: int = -1
) -> None:
    M = _modulations(experiment, seed, episode)
    draw_matrix(ax, M[time], symmetric_limit(M), CORES[core_of(experiment.run)].recurrent)
    ax.set(title=f"M at t = {range(len(M))[time]}", ylabel="hidden unit")


def _norm(experiment: "Experiment", ax: Axes, seed: int | None = None, episode: int = 0) -> None:
    draw_norm(ax, _modulations(experiment, seed, episode), core_of(experiment.run))
    _time_axis(ax)


def _q_values(
    experiment: "Experiment", ax: Axes, seed: int | None = None, episode: int = 0
) -> None:
    activity = experiment.activity
    place, _ = _place(experiment, activity.seeds, seed)
    steps = slice(int(activity.lengths[place, episode]))
    draw_q_values(
        ax, activity.q_values[place, episode, steps], activity.actions[place, episode, steps]
    )
    _time_axis(ax)


def _decoding(experiment: "Experiment", ax: Axes, variable: str | None = None) -> None:
    rows = _rows(experiment, "decoding")
    variable = variable or remembered(rows)[0]
    draw_decoding(ax, rows[rows["variable"] == variable])


def _fixed_points(experiment: "Experiment", ax: Axes) -> None:
    rows = _rows(experiment, "fixed_points")
    rows = rows[rows["unit"] >= 0]  # others are of the whole core
    if not len(rows):
        raise ArtifactError(f"{experiment.directory}: no unit has fixed points of its own")
    draw_fixed_points(ax, most_telling(rows), core_of(experiment.run))


def _memory(name: str, panel: Callable[..., None], experiment: "Experiment", ax: Axes) -> None:
    panel(ax, _rows(experiment, name), core_of(experiment.run))


def _rows(experiment: "Experiment", name: str) -> Any:
    rows = read_rows(experiment.file(name), KINDS[name])
    if not len(rows):
        raise ArtifactError(f"{experiment.file(name)}: has no rows to draw")
    return rows


def _modulations(experiment: "Experiment", seed: int | None, episode: int) -> Any:
    """M (time, hidden, input) of a recorded episode, played again."""
    from mpn_rl.sweep.stages.recomputed import recomputed

    activity = experiment.activity
    place, seed = _place(experiment, activity.seeds, seed)
    checkpoint = experiment.file(experiment.recorded_checkpoint)
    found: dict[int, Memory] = dict(recomputed(activity, checkpoint))
    if seed not in found:
        raise ArtifactError(f"{experiment.directory}: its core has no modulations M")
    whole = found[seed].first(episode + 1).whole()
    return whole[episode, : int(activity.lengths[place, episode])]


def _place(experiment: "Experiment", seeds: Any, seed: int | None) -> tuple[int, int]:
    """Where a seed stands in a recording, and the seed; None: the first."""
    known = [int(one) for one in seeds]
    if not known or (seed is not None and seed not in known):
        raise ArtifactError(f"{experiment.directory}: recorded seeds are {known}, not {seed}")
    return (0, known[0]) if seed is None else (known.index(seed), seed)


def _time_axis(ax: Axes) -> None:
    ax.set_xlabel("time t (steps)")
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))


# Panel → what draws it. Options: `layer` (from 1) of eta and lambda; `variable` (hidden or M) of
# variance and trajectory, and (of the task) of decoding; `seed` and `episode` of M, M_norm and
# q_values, with `time` of M; `seed`, `components` and `color_by` of trajectory.
PANELS: dict[str, Callable[..., None]] = {
    "return": partial(_training, curves.RETURN),
    "length": partial(_training, curves.LENGTH),
    "validation": partial(_training, curves.VALIDATION),
    "correct": partial(_training, curves.CORRECT),
    "loss": partial(_training, curves.LOSS),
    "gradient": partial(_training, curves.GRADIENT),
    "epsilon": partial(_training, curves.EPSILON),
    "eta": partial(_rate, "validation_eta"),
    "lambda": partial(_rate, "validation_lambda"),
    "variance": _variance,
    "trajectory": _trajectory,
    "M": _matrix,
    "M_norm": _norm,
    "q_values": _q_values,
    "decoding": _decoding,
    "generalisation": partial(_memory, "generalisation", draw_generalisation),
    "fixed_points": _fixed_points,
    "lesions": partial(_memory, "lesions", draw_lesions),
}
