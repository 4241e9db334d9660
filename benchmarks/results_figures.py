"""The figures of docs/results.md, from a sweep's summary.csv alone."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mpn_rl.artifacts.files import atomic_write_bytes
from mpn_rl.canvas import new_figure
from mpn_rl.figures.style import (
    applied,
    core_style,
    figure_to_png_bytes,
    foot_legend,
    ordered_cores,
    panels,
    step_axis,
)
from mpn_rl.sweep.summary.drawings import core_handles, draw_bands, draw_level, draw_seeds

COLUMNS = 3


def write_figures(summary: pd.DataFrame, folder: Path, sweep: str) -> list[Path]:
    """Write {sweep}_returns.png and {sweep}_curves.png, a panel per problem, and return them."""
    paths = []
    for name, draw in FIGURES.items():
        paths.append(folder / f"{sweep}_{name}.png")
        atomic_write_bytes(paths[-1], figure_to_png_bytes(results_figure(summary, draw)))
    return paths


@applied()
def results_figure(summary: pd.DataFrame, draw: Callable[[Axes, pd.DataFrame], None]) -> Figure:
    """Draw a panel per problem, three to a row, over a legend of cores.

    `draw` takes the axes and the problem's rows of summary.csv.
    """
    groups = list(
        summary[summary["section"] == "core_scores"].groupby(["task", "setting"], sort=False)
    )
    rows = -(-len(groups) // COLUMNS)
    figure = new_figure(9.0, 2.5 * rows + 0.4)
    grid = panels(figure, rows, COLUMNS, bottom=1.0, hspace=0.95)
    for ax in grid.flat[len(groups) :]:
        ax.remove()
    for ax, ((task, setting), _) in zip(grid.flat, groups, strict=False):
        draw(ax, summary[(summary["task"] == task) & (summary["setting"] == setting)])
        ax.set_title(f"{task} ({setting})" if setting else task, fontsize=8)
    foot_legend(figure, core_handles(set(summary["core"]) - {""}), 6)
    return figure


def _draw_returns(ax: Axes, own: pd.DataFrame) -> None:
    of_return = own[own["metric"] == "return"]
    scores = of_return[of_return["section"] == "core_scores"]
    scores = scores[(scores["text"] == "chosen") & (scores["statistic"] == "iqm_of_seeds")]
    seeds = of_return[of_return["section"] == "seed_scores"]
    by_run = dict(tuple(seeds.groupby("run")["value"]))
    by_core = dict(zip(scores["core"], scores["run"], strict=True))
    _draw_levels(ax, of_return)
    cores = ordered_cores(by_core)
    draw_seeds(ax, [(core, core, by_run[by_core[core]]) for core in cores])
    for place, core in enumerate(cores):
        found, color = scores[scores["core"] == core].iloc[0], core_style(core).color
        ax.plot([place + 0.3] * 2, [found["low"], found["high"]], color=color, linewidth=2.2)
        ax.plot(place + 0.3, found["value"], marker=core_style(core).marker, color=color)
    ax.set_ylabel("return")


def _draw_curves(ax: Axes, own: pd.DataFrame) -> None:
    curves = own[(own["section"] == "curves") & (own["metric"] == "validation_return")]
    _draw_levels(ax, own[own["metric"] == "return"])
    draw_bands(ax, curves[curves["text"] == "chosen"])
    step_axis(ax)
    ax.set_ylabel("greedy validation return")


def _draw_levels(ax: Axes, of_return: pd.DataFrame) -> None:
    levels = of_return[of_return["section"] == "baselines"]
    levels = levels[levels["statistic"] == "mean_of_episodes"]
    for agent, value in zip(levels["text"], levels["value"], strict=True):
        draw_level(ax, agent, value)


FIGURES = {"returns": _draw_returns, "curves": _draw_curves}
