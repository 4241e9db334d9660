"""An analysis of the user's own: its table of a block, and its figure."""

import logging
from dataclasses import fields, replace
from functools import partial
from typing import Any

import numpy as np

from mpn_rl.analysis.base import Analysis, Recorded, load_analysis, measured, table_type
from mpn_rl.artifacts.activity import Activity, read_activity
from mpn_rl.artifacts.files import atomic_write_bytes, atomic_write_text
from mpn_rl.artifacts.measured import write_measured
from mpn_rl.errors import PluginError, UserError
from mpn_rl.interruption import check
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.playing.memory import Memory
from mpn_rl.sweep.stages.agents import Trained, load_trained
from mpn_rl.sweep.stages.runner import Given

log = logging.getLogger(__name__)


def measure(given: Given) -> dict[str, Any]:
    """Write the table of the analysis that the settings name, seed by seed, and its figure.

    The first line of what the analysis says of itself goes into the record, and which columns are
    texts, which may look like numbers.
    """
    analysis = load_analysis(given.settings["analysis"])
    path = given.inputs["checkpoint"]
    activity = read_activity(given.inputs["activity"])
    trained = load_trained(path, activity.seeds.tolist(), given.device)
    parts = [np.empty(0, table_type(analysis))]
    for place, seed in enumerate(trained.seeds):
        check()
        parts.append(_told(given, partial(measured, analysis, recorded(trained, activity, place))))
        log.info("seed %d: %d rows", seed, len(parts[-1]))
    table = np.concatenate(parts)
    write_measured(given.outputs["measured"], table)
    _draw(given, analysis, table)
    about = (type(analysis).__doc__ or "").strip().partition("\n")[0][:300]
    return {"about": about, "texts": [n for n, kind in analysis.columns.items() if kind is str]}


def recorded(trained: Trained, activity: Activity, place: int) -> Recorded:
    """What an analysis is given of the seed that stands at `place`."""
    seed = int(activity.seeds[place])
    alone = replace(trained, seeds=(seed,))
    return Recorded.of(
        activity,
        place,
        hyperparameters=trained.hyperparameters,
        weights={name: np.asarray(weight) for name, weight in trained.weights[seed].items()},
        memory=partial(_memory, trained, activity, place),
        agent=lambda num_envs: next(alone.agents(num_envs))[1],
        task=trained.task,
    )


def _memory(trained: Trained, activity: Activity, place: int) -> Memory | None:
    """The modulations of one seed; None where its core has none, or x was too wide to be kept."""
    if not CORES[trained.hyperparameters.core].plastic:
        return None
    from mpn_rl.sweep.stages.recomputed import recomputed  # loads numba, which not all need

    arrays = {field.name: getattr(activity, field.name) for field in fields(activity)}
    own: dict[str, Any] = {
        name: array[place : place + 1]
        for name, array in arrays.items()
        if isinstance(array, np.ndarray)
    }
    found = recomputed(replace(activity, **own), trained.path, trained.device)
    return next((memory for _, memory in found), None)


def _draw(given: Given, analysis: Analysis[Any], table: Any) -> None:
    from mpn_rl.canvas import new_figure
    from mpn_rl.figures.style import applied, figure_to_png_bytes, figure_to_svg, panels

    with applied():
        figure = new_figure(4.6, 3.2)
        ax = panels(figure, 1, 1)[0, 0]
        _told(given, lambda: analysis.draw(ax, table))
        png, svg = _told(given, lambda: (figure_to_png_bytes(figure), figure_to_svg(figure)))
    atomic_write_bytes(given.outputs["measured_figure"], png)
    atomic_write_text(given.outputs["measured_vectors"], svg)


def _told(given: Given, call: Any) -> Any:
    """What a call of the user's code gives; UserError with file and line where it fails."""
    try:
        return call()
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        from mpn_rl.tasks.breakage import told  # loads Gymnasium, which not all need

        raise PluginError(f"analysis {given.settings['analysis']!r}: {told(error)}") from error
