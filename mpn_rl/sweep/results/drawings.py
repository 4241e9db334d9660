"""Curves and scores of a results folder, drawn into axes that are given."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes

from mpn_rl.canvas import new_figure
from mpn_rl.errors import UserError
from mpn_rl.figures.comparison import Line, draw_lines, draw_points
from mpn_rl.figures.style import applied, panels
from mpn_rl.parameters.hyperparameters import FIELDS
from mpn_rl.parameters.points import core_of
from mpn_rl.parameters.values import unknown_key
from mpn_rl.sweep.plan import yaml_text
from mpn_rl.sweep.results.experiment import Experiment
from mpn_rl.sweep.summary.curves import pooled_curve
from mpn_rl.sweep.summary.histories import QUANTITIES, curve_of
from mpn_rl.sweep.summary.scores import ANYTHING, BOUNDS
from mpn_rl.sweep.summary.texts import METRIC_LABELS

if TYPE_CHECKING:
    from mpn_rl.sweep.results.sweep import Sweep

QUANTITY_LABELS = {
    "validation_correct": "greedy validation, fraction correct",
    "validation_return": "greedy validation, return",
    "episode_return": "training return (running mean)",
}


@applied()
def draw_sweep_curves(sweep: "Sweep", ax: Axes | None, quantity: str, by: str) -> Axes:
    """As `Sweep.draw_curves`; UserError for a quantity that is none or was not recorded."""
    quantity = quantity or recorded_quantity(sweep.blocks)
    if quantity not in QUANTITIES:
        raise UserError(f"{quantity!r} is no curve; there are {', '.join(QUANTITIES)}")
    ax = _axes(ax)
    groups = _grouped(sweep, by)
    draw_lines(ax, [_line(name, runs, sweep, quantity) for name, runs in groups.items()])
    ax.set_ylabel(QUANTITY_LABELS[quantity])
    ax.legend(loc="best")
    return ax


@applied()
def draw_sweep_scores(sweep: "Sweep", ax: Axes | None, metric: str, by: str) -> Axes:
    """As `Sweep.draw_scores`; UserError for a metric that the runs do not have."""
    scores = sweep.scores
    known = [name for name in METRIC_LABELS if (scores["metric"] == name).any()]
    metric = metric or known[0]
    if metric not in known:
        raise UserError(f"{metric!r} is no score of these runs; there are {', '.join(known)}")
    ax, own = _axes(ax), scores[scores["metric"] == metric]
    groups = _grouped(sweep, by)
    columns = {
        name: own.loc[own["run"].isin(runs), "value"].dropna().tolist()
        for name, runs in groups.items()
    }
    draw_points(ax, columns, {name: core_of(runs[0]) for name, runs in groups.items()})
    ax.set_ylabel(METRIC_LABELS[metric])
    return ax


def recorded_quantity(blocks: Sequence[Experiment]) -> str:
    """The first of the summary's curves that any seed has; UserError without any."""
    for name in QUANTITIES:
        entries = (entry for block in blocks for entry in block.history.values())
        if any(len(curve_of(entry, name)[0]) for entry in entries):
            return name
    raise UserError("no seed has a learning curve")


def curve_table(blocks: Sequence[Experiment], quantity: str) -> pd.DataFrame:
    """x (environment steps), value (IQM), low, high, n over the seeds that did not fail.

    Blocks of one run are a stratum.
    """
    strata: dict[str, list[Any]] = {}
    for block in blocks:
        entries = (e for e in block.history.values() if e.get("status") != "failed")
        found = [curve for e in entries if len((curve := curve_of(e, quantity))[0])]
        strata.setdefault(block.run, []).extend(found)
    bounds = BOUNDS.get(quantity.removeprefix("validation_"), ANYTHING)
    return pooled_curve([own for own in strata.values() if own], bounds)


def _line(name: str, runs: Sequence[str], sweep: "Sweep", quantity: str) -> Line:
    blocks = [block for block in sweep.blocks if block.run in runs]
    return Line(name, core_of(runs[0]), curve_table(blocks, quantity))


def _grouped(sweep: "Sweep", by: str) -> Mapping[str, list[str]]:
    """Name of a line → its runs: one each, or those with the same value of `by`."""
    from mpn_rl.sweep.results.sweep import labels

    if by and by not in FIELDS:
        raise UserError(unknown_key("", by, FIELDS))
    if not by:
        return {label: [run] for run, label in labels(sweep).items()}
    found: dict[str, list[str]] = {}
    for run, point in sweep.points.items():
        text = yaml_text(point[by]) if by in point else f"without {by}"
        found.setdefault(text if by == "core" else f"{by}: {text}", []).append(run)
    return found


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    found: Axes = panels(new_figure(5.0, 3.4), 1, 1, left=0.75, bottom=0.6)[0, 0]
    return found
