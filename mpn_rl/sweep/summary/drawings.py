"""The summary's drawings: a line with a band per core, and seeds as points. Data and axes in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from mpn_rl.canvas import FAINT, new_figure, printable
from mpn_rl.figures.pca_variance import VARIABLE_TITLES
from mpn_rl.figures.style import (
    applied,
    core_style,
    ordered_cores,
    panels,
    short_count,
    step_axis,
)
from mpn_rl.statistics.statistics import Floats
from mpn_rl.sweep.summary.data import ALL, Problem, SummaryTables, levels_of, of_problem, where
from mpn_rl.sweep.summary.document import Block, drawing, heading
from mpn_rl.sweep.summary.texts import (
    AGENT_LABELS,
    METRIC_LABELS,
    parameter_name,
    problem_title,
)

Draw = Callable[[Axes], None]

# One grey and three line styles, so that no level looks like a core.
LEVELS: dict[str, Any] = {"random": (0, (1, 2)), "memoryless": (0, (4, 2)), "oracle": "-"}
QUANTITY_TITLES = {
    "validation_correct": ("Greedy validation", "fraction correct"),
    "validation_return": ("Greedy validation", "mean return"),
    "episode_return": ("Training (running mean of 100 episodes)", "return"),
}
MAX_POINTS = 1500  # seeds drawn in one panel
_WIDTH, _HEIGHT, _LEFT, _COLUMNS = 10.6, 1.8, 0.65, 3  # of a row of panels, in inches


@applied()
def panel_rows(
    name: str, draws: Sequence[Draw], cores: Iterable[str], levels: bool = True
) -> list[Block]:
    """Draw panels, three to a row; each row is a drawing with a legend of cores and levels."""
    rows, handles = [], core_handles(cores)
    for agent, line in LEVELS.items() if levels else ():
        look: Any = {"color": FAINT, "linewidth": 0.9, "linestyle": line}
        handles.append(Line2D([], [], label=AGENT_LABELS[agent], **look))
    place: Any = {"loc": "lower left", "bbox_to_anchor": (_LEFT / _WIDTH, 0.06 / _HEIGHT)}
    for first in range(0, len(draws), _COLUMNS):
        figure = new_figure(_WIDTH, _HEIGHT)
        axes = panels(figure, 1, _COLUMNS, left=_LEFT, top=0.25, bottom=0.68)[0]
        for ax, draw in zip(axes, draws[first : first + _COLUMNS], strict=False):
            draw(ax)
        for ax in axes[len(draws) - first :]:
            ax.remove()
        figure.legend(handles=handles, ncols=len(handles), borderaxespad=0.0, **place)
        rows.append(drawing(figure, name))
    return rows


def curve_drawings(tables: SummaryTables) -> Iterator[Block]:
    """Learning curves of each problem: of chosen runs, and of all where there are more."""
    scopes = {"chosen": "chosen run of each core", "all": "all runs of each core"}
    for problem in tables.problems():
        for scope, name in scopes.items():
            table = of_problem(tables.curves, problem, scope=scope)
            if len(table):
                shown = [q for q in QUANTITY_TITLES if (table["quantity"] == q).any()]
                yield heading(f"{problem_title(problem)}: {name}", 2)
                draws = [partial(_draw_curves, tables, problem, table, q) for q in shown]
                yield from panel_rows(
                    f"curves {problem_title(problem)} {scope}", draws, table["core"]
                )


def _draw_curves(
    tables: SummaryTables, problem: Problem, table: pd.DataFrame, quantity: str, ax: Axes
) -> None:
    title, label = QUANTITY_TITLES[quantity]
    draw_bands(ax, table[table["quantity"] == quantity])
    step_axis(ax)
    ax.set_title(title)
    metric = "correct" if quantity == "validation_correct" else "return"
    _score_axis(ax, metric, levels_of(tables.baselines, problem, metric), label)


def sensitivity_drawings(tables: SummaryTables) -> Iterator[Block]:
    """Scores over each numeric hyper-parameter that is swept, task by task."""
    for task, lines in tables.sensitivity.groupby("task", sort=False):
        axes = lines["axis"].unique()
        yield heading(str(task), 2)
        draws = [partial(_draw_axis, tables, str(task), axis) for axis in axes]
        yield from panel_rows(f"sensitivity {task}", draws, lines["core"])


def _draw_axis(tables: SummaryTables, task: str, axis: str, ax: Axes) -> None:
    """Draw the score over one axis: lines with bands per core, and points per seed."""
    metric = tables.primary(task)
    lines, points = (
        where(table, task=task, axis=axis, metric=metric)
        for table in (tables.sensitivity, tables.axis_points)
    )
    few = len(points) <= MAX_POINTS
    for core in ordered_cores(lines["core"]):
        style = core_style(core)
        for value in lines.loc[(lines["core"] == core) & lines["x"].isna(), "value"].dropna():
            ax.axhline(value, color=style.color, linestyle=style.linestyle, linewidth=1.2)
        own = points[(points["core"] == core) & points["x"].notna()].head(len(points) * few)
        _draw_points(ax, own["x"].to_numpy(float), own["value"].to_numpy(float), core, 3)
    draw_bands(ax, lines)
    _value_axis(ax, np.sort(lines["x"].dropna().unique().astype(float)))
    ax.set_xlabel(parameter_name(axis))
    if not few:
        ax.set_title(f"{len(points):,} seeds: points not drawn", fontsize=6.5, color=FAINT)
    problem, *others = (problem for problem in tables.problems() if problem[0] == task)
    # in another setting of the task the levels are others
    _score_axis(ax, metric, {} if others else levels_of(tables.baselines, problem, metric))


def dimension_drawings(tables: SummaryTables) -> Iterator[Block]:
    """Cumulative variance of h and of M and participation ratios of each problem."""
    for problem in tables.problems():
        variance = of_problem(tables.variance, problem)
        if len(variance):
            known = [name for name in VARIABLE_TITLES if (variance["variable"] == name).any()]
            draws = [partial(_draw_variance, variance, name) for name in known]
            ratios = of_problem(tables.participation, problem)
            draws.append(partial(_draw_ratios, ratios))
            title = problem_title(problem)
            yield heading(title, 2)
            yield from panel_rows(f"dimensions {title}", draws, variance["core"], False)


def _draw_variance(variance: pd.DataFrame, variable: str, ax: Axes) -> None:
    draw_bands(ax, variance[variance["variable"] == variable])
    ax.set(title=VARIABLE_TITLES[variable], ylim=(0, 1.05))
    ax.set(xlabel="number of principal components", ylabel="cumulative variance")
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _draw_ratios(ratios: pd.DataFrame, ax: Axes) -> None:
    columns = [
        (f"{core}, {'h' if variable == 'hidden' else 'M'}", core, own["value"])
        for variable, of_variable in ratios.groupby("variable", sort=False)
        for core in ordered_cores(of_variable["core"])
        if len(own := of_variable[of_variable["core"] == core])
    ]
    draw_seeds(ax, columns)
    ax.set_ylim(0, max(1.08 * ratios["value"].max(), 1e-3) if len(columns) else 1)
    ax.set(title="Participation ratio, a point per seed", ylabel="dimensions")


def profile_drawings(tables: SummaryTables) -> Iterator[Block]:
    """The share of seeds over normalised scores, over all problems and in each."""
    known = dict.fromkeys(zip(tables.profiles["task"], tables.profiles["setting"], strict=True))
    shown = sorted(known, key=lambda problem: problem != (ALL, ALL))
    draws = [partial(_draw_profile, tables, problem) for problem in shown]
    yield from panel_rows("profiles", draws, tables.profiles["core"], False)


def _draw_profile(tables: SummaryTables, problem: Problem, ax: Axes) -> None:
    draw_bands(ax, of_problem(tables.profiles, problem))
    title = "all tasks" if problem == (ALL, ALL) else problem_title(problem)
    ax.set_title(printable(title), parse_math=False)
    ax.set(xlabel="normalised score: 0 random, 1 oracle", ylabel="share of seeds")
    ax.set_ylim(-0.03, 1.03)


def draw_bands(ax: Axes, table: pd.DataFrame) -> None:
    """Draw a line with a band per core: columns core, x, value, low, high."""
    for core in ordered_cores(table["core"]):
        style = core_style(core)
        own = table[(table["core"] == core) & table["x"].notna()].sort_values("x")
        x, value, low, high = own[["x", "value", "low", "high"]].to_numpy(float).T
        if np.isfinite(low).any():
            ax.fill_between(x, low, high, color=style.color, alpha=0.18, linewidth=0)
        every = max(1, len(own) // 8)
        ax.plot(x, value, markevery=every, markersize=4, linewidth=1.5, **asdict(style))


def _value_axis(ax: Axes, values: Floats) -> None:
    """Scale the x axis for the values of a hyper-parameter, with ticks at these if they are few."""
    if len(values) > 1 and values[0] > 0 and values[-1] >= 8 * values[0]:
        ax.set_xscale("log")
        ax.xaxis.set_minor_locator(NullLocator())
    if 0 < len(values) <= 7:
        ax.set_xticks(values)
    ax.margins(x=0.06)
    short = FuncFormatter(lambda value, _: short_count(value) if value >= 1e4 else f"{value:g}")
    ax.xaxis.set_major_formatter(short)


def draw_seeds(ax: Axes, columns: Sequence[tuple[str, str, pd.Series]]) -> None:
    """Draw the values of seeds as points over the name of each column: (name, core, values)."""
    for place, (_, core, values) in enumerate(columns):
        known = np.sort(values.dropna().to_numpy(float))
        spread = np.linspace(-0.16, 0.16, len(known)) if len(known) > 1 else np.zeros(len(known))
        _draw_points(ax, place + spread, known, core, 3.5)
    ax.set_xticks(range(len(columns)), [name for name, _, _ in columns])
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.grid(visible=False, axis="x")
    for label in ax.get_xticklabels() if len(columns) > 3 else ():
        label.set(rotation=35, ha="right", rotation_mode="anchor")


def draw_level(ax: Axes, agent: str, value: float) -> None:
    """Draw what an agent that learns nothing reaches, under everything but the grid."""
    ax.axhline(value, color=FAINT, linestyle=LEVELS[agent], linewidth=0.9, zorder=0.9)


def core_handles(cores: Iterable[str]) -> list[Line2D]:
    """Return what a legend of cores shows."""
    return [Line2D([], [], label=c, **asdict(core_style(c))) for c in ordered_cores(cores)]


def _draw_points(ax: Axes, x: Any, y: Any, core: str, size: float) -> None:
    look: Any = {"color": core_style(core).color, "markerfacecolor": "none", "markeredgewidth": 0.8}
    ax.plot(x, y, linestyle="", marker=core_style(core).marker, markersize=size, **look)


def _score_axis(ax: Axes, metric: str, levels: dict[str, float], label: str = "") -> None:
    """Label the axis of a score, and draw the levels to read it by: agent → value."""
    ax.set_ylabel(label or METRIC_LABELS[metric])
    if metric == "correct":
        ax.set_ylim(-0.03, 1.03)
    for agent, value in levels.items():
        draw_level(ax, agent, value)
