"""The figures of docs/results.md, from the committed numbers alone."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from PIL import Image

from benchmarks.contest_statistics import mean_over_problems
from benchmarks.results_data import MAIN, Contest
from mpn_rl.artifacts.files import atomic_write_bytes
from mpn_rl.canvas import new_figure
from mpn_rl.figures.style import (
    applied,
    core_style,
    figure_to_png_bytes,
    foot_legend,
    panels,
    short_count,
    step_axis,
)
from mpn_rl.sweep.summary.drawings import core_handles

COLUMNS = 3
COSTS = {
    "share": "steps to 0.95 of the oracle / budget",
    "seconds": "seconds for 100,000 steps",
    "parameters": "parameters",
    "state": "numbers of state",
    "operations": "operations a step",
}


def write_figures(contest: Contest, folder: Path, sweep: str) -> list[Path]:
    """Write {sweep}_curves.png and {sweep}_cost.png, and return them."""
    paths = []
    for name, draw in FIGURES.items():
        paths.append(folder / f"{sweep}_{name}.png")
        atomic_write_bytes(paths[-1], _few_colors(figure_to_png_bytes(draw(contest))))
    return paths


def _few_colors(png: bytes) -> bytes:
    """The image in 128 colours, a third as large: these are committed."""
    buffer = io.BytesIO()
    plain = Image.open(io.BytesIO(png)).convert("RGB")
    plain.quantize(128, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


@applied()
def curves(contest: Contest) -> Figure:
    """Mean validation scores over steps, a panel per problem, with the levels of agents."""
    rows = -(-len(contest.names) // COLUMNS)
    figure = new_figure(9.0, 2.2 * rows + 0.4)
    grid = panels(figure, rows, COLUMNS, bottom=0.9, hspace=0.9)
    for ax in grid.flat[len(contest.names) :]:
        ax.remove()
    arms = contest.present(MAIN)
    for ax, problem in zip(grid.flat, contest.names, strict=False):
        own = contest.curves[contest.curves["problem"] == problem]
        for arm in arms:
            rows_of_arm, style = own[own["arm"] == arm], core_style(arm)
            ax.plot(rows_of_arm["step"], rows_of_arm["mean"], color=style.color, ls=style.linestyle)
        level = contest.levels(problem)
        for agent in ("random", "oracle"):
            ax.axhline(level[agent], color="0.6", linewidth=0.8, zorder=0)
        step_axis(ax)
        ax.set_title(problem, fontsize=8)
        ax.set_ylabel("fraction correct" if level["metric"] == "correct" else "return", fontsize=8)
    foot_legend(figure, core_handles(set(arms)), 6)
    return figure


@applied()
def cost(contest: Contest) -> Figure:
    """The mean score of the cores that are equally wide, against what each costs."""
    arms = contest.present(MAIN)
    shared = [problem for problem in contest.primary if problem in contest.having(arms)]
    figure = new_figure(9.0, 5.4)
    grid = panels(figure, 2, COLUMNS, bottom=0.6, hspace=0.6)
    for ax in grid.flat[len(COSTS) :]:
        ax.remove()
    for ax, (name, label) in zip(grid.flat, COSTS.items(), strict=False):
        for place, arm in enumerate(arms):
            scores = {problem: contest.scaled(problem, arm) for problem in shared}
            value, low, high = mean_over_problems(scores, place)
            _point(ax, arm, _cost_of(contest, arm, name, shared), (value, low, high))
        if name == "state":
            ax.set_xscale("symlog")
        elif name in ("parameters", "operations"):
            ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_count(value)))
        ax.margins(x=0.2)
        ax.set_xlabel(label)
        ax.set_ylabel("mean score", fontsize=8)
    return figure


def _cost_of(contest: Contest, arm: str, name: str, shared: list[str]) -> float:
    rows = contest.arms[(contest.arms["arm"] == arm) & contest.arms["problem"].isin(shared)]
    if name == "seconds":
        return float((rows["seconds"] / rows["budget"]).median() * 100_000)
    if name == "share":
        return float(np.mean([_share(contest, problem, arm) for problem in shared]))
    return float(rows[name].median())


def _share(contest: Contest, problem: str, arm: str) -> float:
    """Mean steps to solved as a share of the budget, which stands for seeds that never did."""
    size = contest.size(problem, arm)
    assert size is not None
    steps = contest.column(problem, arm, "steps_to_solved") / size["budget"]
    return float(np.where(np.isfinite(steps), steps, 1.0).mean())


def _point(ax: Axes, arm: str, x: float, score: tuple[float, float, float]) -> None:
    style, (value, low, high) = core_style(arm), score
    ax.plot([x, x], [low, high], color=style.color, linewidth=1.2)
    ax.plot(x, value, marker=style.marker, color=style.color, markersize=5)
    ax.annotate(arm, (x, value), xytext=(4, 3), textcoords="offset points", fontsize=6)


FIGURES: dict[str, Callable[[Contest], Figure]] = {"curves": curves, "cost": cost}
