"""Final evaluation of every run: each seed as a point, the IQM with its interval beside it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mpn_rl.figures.style import core_style, ordered_cores
from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.levels import draw_levels, levels_legend
from mpn_rl.sweep.summary.page import (
    BOTTOM,
    HEIGHT,
    MARGIN,
    PAGES_PER_SECTION,
    ROW,
    TOP,
    WIDTH,
    new_page,
    write,
)
from mpn_rl.sweep.summary.page_text import interval_text, text_width
from mpn_rl.sweep.summary.problems import METRIC_LABELS, Problem, of_problem, problem_title

UNITS = 31  # rows that fit on a page; the frame around a group takes FRAME of them
FRAME = 4
MAX_RUNS = PAGES_PER_SECTION * (UNITS - FRAME)

_CORE, _ID, _TEXT, _GAP = 1.05, 0.72, 1.75, 0.3  # widths in inches
_LABEL = 3.6  # at most
_ROOMY = 0.42  # height of a row where there are few


@dataclass(frozen=True)
class Group:
    """Runs of one problem that stand together on a page; `row`: height of each in inches."""

    problem: Problem
    runs: pd.DataFrame
    continued: bool
    row: float = ROW

    @property
    def height(self) -> float:
        """Inches that the group takes."""
        return len(self.runs) * self.row + FRAME * ROW

    @property
    def label(self) -> float:
        """Inches that the longest label takes, within bounds."""
        widest = max((text_width(str(label), 7.5) for label in self.runs["label"]), default=0)
        return min(widest + 0.15, _LABEL)


def evaluation_pages(tables: SummaryTables) -> Iterator[Figure]:
    """Draw all runs, or, beyond MAX_RUNS, the best of each core, and say so."""
    runs, note = _shown(tables)
    page, y = None, 0.0
    heading = (
        "Final evaluation of every run"
        if len(runs) == len(tables.runs)
        else (f"Final evaluation of {len(runs):,} of {len(tables.runs):,} runs")
    )
    for group in _groups(tables, runs):
        if page is None or y - group.height < BOTTOM - 0.1:
            if page is not None:
                yield page
            page, y = new_page(heading, note), TOP + 0.1
            levels_legend(page, tables)
        _draw_group(page, y, group, tables)
        y -= group.height
    if page is not None:
        yield page


def _shown(tables: SummaryTables) -> tuple[pd.DataFrame, str]:
    note = (
        "Small marks: seeds. Large marks: their IQM with its 95 % interval. Runs are named by what "
        "distinguishes them and the last eight letters of their id; * marks the chosen run."
    )
    runs = tables.runs
    if len(runs) <= MAX_RUNS:
        return runs, note
    groups = ["task", "setting", "core"]
    number = max(1, MAX_RUNS // runs.groupby(groups, sort=False).ngroups)
    scores = tables.run_scores
    primary = scores["task"].map(tables.primary)
    best = scores[scores["metric"] == primary].set_index("run")["value"]
    ranked = runs.assign(score=runs["run"].map(best).fillna(-np.inf))
    ranked = ranked.sort_values("score", ascending=False, kind="stable")
    kept = set(ranked.groupby(groups, sort=False).head(number).index) | set(
        runs.index[runs["chosen"]]
    )
    return runs.loc[sorted(kept)], (
        f"Shown are the {number} best and the chosen run of each core and problem, in the order of "
        f"the sweep; every run is in summary.csv. {note}"
    )


def _groups(tables: SummaryTables, runs: pd.DataFrame) -> Iterator[Group]:
    most = UNITS - FRAME
    row = float(np.clip(4.0 / max(len(runs), 1), ROW, _ROOMY))
    for problem in tables.problems():
        own = of_problem(runs, problem)
        order = {core: place for place, core in enumerate(ordered_cores(own["core"]))}
        own = own.iloc[np.argsort(own["core"].map(order).to_numpy(), kind="stable")]
        for first in range(0, len(own), most):
            yield Group(problem, own.iloc[first : first + most], first > 0, row)


def _draw_group(page: Figure, top: float, group: Group, tables: SummaryTables) -> None:
    metric = tables.primary(group.problem[0])
    title = problem_title(group.problem) + (" (continued)" if group.continued else "")
    write(page, MARGIN, top - 0.25, title, size=9.5, weight="bold", width=WIDTH - 2 * MARGIN - 2.0)
    names = list(group.runs["run"])
    low = top - 0.35 - group.row * len(names)
    start = MARGIN + _CORE + group.label + _ID + _GAP
    metrics = [metric] if metric == "return" else ["correct", "return"]
    width = (WIDTH - MARGIN - _TEXT - _GAP - start - _GAP * (len(metrics) - 1)) / len(metrics)
    for place, shown in enumerate(metrics):
        left = start + place * (width + _GAP)
        size = group.row * len(names)
        ax = page.add_axes((left / WIDTH, low / HEIGHT, width / WIDTH, size / HEIGHT))
        draw_levels(ax, tables, group.problem, shown, vertical=True)
        _draw_runs(ax, names, group, tables, shown)
    for place, (_, run) in enumerate(group.runs.iterrows()):
        y = top - 0.35 - group.row * (place + 0.5) - 0.04
        _label(page, y, run, group.label)
        _numbers(page, y, str(run["run"]), metric, tables)
    x = WIDTH - MARGIN
    label = f"{METRIC_LABELS[metric]}: IQM [95 %]"
    write(page, x, top - 0.25, label, size=7.5, align="right", color="#555555")


def _draw_runs(
    ax: Axes, names: list[str], group: Group, tables: SummaryTables, metric: str
) -> None:
    seeds = tables.seed_scores
    seeds = seeds[(seeds["metric"] == metric) & seeds["run"].isin(names)]
    means = tables.run_scores
    means = means[(means["metric"] == metric) & means["run"].isin(names)].set_index("run")
    by_run = dict(tuple(seeds.groupby("run")["value"]))
    for place, (run, core) in enumerate(zip(names, group.runs["core"], strict=True)):
        style = core_style(core)
        values = by_run[run].dropna().to_numpy(float)
        ax.plot(
            values,
            np.full(len(values), place - 0.14),
            linestyle="",
            marker=style.marker,
            color=style.color,
            markerfacecolor="none",
            markeredgewidth=0.8,
            markersize=3.2,
        )
        row = means.loc[run]
        ax.plot([row["low"], row["high"]], [place + 0.2] * 2, color=style.color, linewidth=1.8)
        ax.plot([row["value"]], [place + 0.2], marker=style.marker, color=style.color, markersize=5)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(METRIC_LABELS[metric], labelpad=2)
    ax.margins(x=0.06)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    if metric == "correct":
        ax.set_xlim(-0.03, 1.03)
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"])


def _label(page: Figure, y: float, run: pd.Series, width: float) -> None:
    """Write core, what distinguishes the run, and the end of its id, in columns."""
    star = " *" if run["chosen"] else ""
    color = core_style(run["core"]).color
    name = f"{run['core']}{star}"
    write(page, MARGIN, y, name, size=7.5, weight="bold", width=_CORE - 0.05, color=color)
    write(page, MARGIN + _CORE, y, str(run["label"]), size=7.5, width=width)
    x = MARGIN + _CORE + width + _ID
    write(page, x, y, str(run["run"])[-8:], size=6.5, color="#777777", align="right")


def _numbers(page: Figure, y: float, run: str, metric: str, tables: SummaryTables) -> None:
    scores = tables.run_scores
    row = scores[(scores["run"] == run) & (scores["metric"] == metric)].iloc[0]
    text = interval_text(float(row["value"]), float(row["low"]), float(row["high"]))
    for status in ("failed", "unanswered"):
        if row[status]:
            text += f", {int(row[status])} {status}"
    write(page, WIDTH - MARGIN, y, text, size=7.5, align="right", width=_TEXT)
