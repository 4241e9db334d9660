"""How a block's seeds learned: returns, greedy validation, loss and exploration over steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mpn_rl.canvas import new_figure
from mpn_rl.figures.style import applied, core_style, foot_legend, heading, panels, say, step_axis
from mpn_rl.statistics.statistics import (
    Floats,
    common_grid,
    known_mean,
    on_grid,
    recorded_curve,
    running_mean,
)

History = Mapping[str, Any]


@dataclass(frozen=True)
class Panel:
    """What one panel shows: keys of the history, labels, and by what `smooth` averages."""

    values: str
    steps: str
    title: str
    label: str
    smooth: str | None = None
    logarithmic: bool = False
    limits: tuple[float, float] | None = None


RETURN = Panel("episode_return", "episode_end_step", "Training return", "return", "episodes")
LENGTH = Panel("episode_length", "episode_end_step", "Episode length", "steps", "episodes")
VALIDATION = Panel("validation_return", "validation_step", "Greedy validation", "mean return")
CORRECT = Panel(
    "validation_correct",
    "validation_step",
    "Greedy validation, right answers",
    "fraction correct",
    limits=(-0.03, 1.03),
)
LOSS = Panel("loss", "loss_step", "Loss", "Huber loss", "updates", logarithmic=True)
GRADIENT = Panel(
    "gradient_norm", "loss_step", "Gradient before clipping", "global norm", "updates", True
)
EPSILON = Panel(
    "exploration_epsilon", "episode_end_step", "Exploration", "epsilon", limits=(-0.03, 1.03)
)


@applied()
def training_curves(seeds: Mapping[int, History], core: str, title: str = "") -> Figure:
    """Draw the learning curves of a block: a thin line per seed, their mean thick.

    seeds: seed → its entry of training_history.json (lists may be empty, numbers None where they
    were not finite). The mean is over the seeds that are still running at a step; a failed seed
    ends in a cross. Without right answers the third panel shows episode lengths.
    """
    judged = any(
        len(recorded_curve(history, CORRECT.values, CORRECT.steps)[0]) for history in seeds.values()
    )
    shown = (RETURN, VALIDATION, CORRECT if judged else LENGTH, LOSS, GRADIENT, EPSILON)
    failed = sum(history.get("status") == "failed" for history in seeds.values())
    lines = 1 + (1 + failed) // 4
    figure = new_figure(9.6, 5.1 + 0.17 * lines)
    heading(figure, title)
    grid = panels(figure, 2, 3, left=0.85, top=0.58, bottom=0.58 + 0.17 * lines, wspace=0.85)
    for ax, panel in zip(grid.flat, shown, strict=True):
        draw_panel(ax, seeds, panel, core)
    foot_legend(figure, grid[0, 0].get_legend_handles_labels()[0], columns=4)
    return figure


def draw_panel(ax: Axes, seeds: Mapping[int, History], panel: Panel, core: str) -> Axes:
    """Draw one quantity of every seed, smoothed by a running mean where the panel says so."""
    style = core_style(core)
    curves = {seed: recorded_curve(h, panel.values, panel.steps) for seed, h in seeds.items()}
    window = _window([values for _, values in curves.values()]) if panel.smooth else 1
    smoothed = {seed: (steps, _smooth(values, window)) for seed, (steps, values) in curves.items()}
    for number, (seed, (steps, values)) in enumerate(smoothed.items()):
        label = _seeds_label(seeds) if number == 0 else None
        ax.plot(steps, values, color=style.color, linewidth=0.7, alpha=0.5, label=label)
        _mark_single(ax, steps, values, style.color)
        if seeds[seed].get("status") == "failed":
            _mark_failure(ax, steps, values, seed, seeds[seed])
    if len(smoothed) > 1:
        grid = common_grid([steps for steps, _ in smoothed.values()], points=400)
        mean = mean_curve(list(smoothed.values()), grid)
        ax.plot(grid, mean, color=style.color, linewidth=2.0, label=f"{core}: mean of seeds")
    ax.set_title(panel.title)
    suffix = f"\n(mean of {window} {panel.smooth})" if panel.smooth and window > 1 else ""
    ax.set_ylabel(panel.label + suffix)
    _scale(ax, panel, [values for _, values in smoothed.values()])
    step_axis(ax)
    return ax


def mean_curve(curves: list[tuple[Floats, Floats]], grid: Floats) -> Floats:
    """Return the mean of curves (steps, values) at the grid (g,), of those that reach so far."""
    if not curves or not len(grid):
        return np.full(len(grid), np.nan)
    return known_mean([on_grid(steps, values, grid) for steps, values in curves], axis=0)


def _window(series: list[Floats]) -> int:
    """Smooth over 2 % of a curve, and over 100 values at most."""
    longest = max((len(values) for values in series), default=0)
    return int(np.clip(longest // 50, 1, 100))


def _smooth(values: Floats, window: int) -> Floats:
    """Leave out the start, where fewer than `window` values make the mean jumpy."""
    means = running_mean(values, window)
    if len(means) >= 2 * window:
        means[: window - 1] = np.nan
    return means


def _seeds_label(seeds: Mapping[int, History]) -> str:
    numbers = sorted(int(seed) for seed in seeds)
    if len(numbers) == 1:
        return f"seed {numbers[0]}"
    shown = ", ".join(map(str, numbers[:8])) + (", …" if len(numbers) > 8 else "")
    return f"seeds {shown}"


def _mark_single(ax: Axes, steps: Floats, values: Floats, color: str) -> None:
    """Show a curve of one point, which a line does not."""
    if np.isfinite(values).sum() == 1:
        ax.plot(steps, values, linestyle="", marker="o", markersize=3, color=color)


def _mark_failure(ax: Axes, steps: Floats, values: Floats, seed: int, history: History) -> None:
    """Put a cross where a seed's curve ends; the legend says which seed and when."""
    finite = np.flatnonzero(np.isfinite(values))
    place = ([steps[finite[-1]]], [values[finite[-1]]]) if len(finite) else ([], [])
    label = f"seed {seed} failed at step {history.get('steps', 0):,}"
    ax.plot(*place, marker="X", color="black", markersize=5, linestyle="", label=label)


def _scale(ax: Axes, panel: Panel, series: list[Floats]) -> None:
    known = [values[np.isfinite(values)] for values in series]
    every = np.concatenate(known) if known else np.empty(0)
    if not len(every):
        ax.set_xticks([])
        ax.set_yticks([])
        say(ax, "no data")
        return
    positive = every[every > 0]
    if panel.logarithmic and len(positive) and every.max() > 30 * positive.min():
        ax.set_yscale("log")
    elif panel.limits is not None:
        ax.set_ylim(*panel.limits)
