"""Final evaluation of every run: each seed as a point, the IQM with its interval beside it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mpn_rl.analysis.summary import SummaryTables
from mpn_rl.figures.page import (
    BOTTOM,
    HEIGHT,
    MARGIN,
    PAGES_PER_SECTION,
    ROW,
    TOP,
    WIDTH,
    interval_text,
    new_page,
    write,
)
from mpn_rl.figures.style import core_style, ordered_cores
from mpn_rl.figures.summary_answer import METRIC_LABELS, Problem, of_problem, problem_title

UNITS = 31  # rows that fit on a page; the frame around a group takes FRAME of them
FRAME = 4
MAX_RUNS = PAGES_PER_SECTION * (UNITS - FRAME)

_LABELS = 4.15  # widths in inches
_TEXT = 1.75
_GAP = 0.3


@dataclass(frozen=True)
class Group:
    """Runs of one problem that stand together on a page."""

    problem: Problem
    runs: pd.DataFrame
    continued: bool


def evaluation_pages(tables: SummaryTables) -> Iterator[Figure]:
    """Draw all runs, or, beyond MAX_RUNS, the best of each core, and say so."""
    runs, note = _shown(tables)
    page, y = None, 0.0
    heading = "Final evaluation of every run" if len(runs) == len(tables.runs) else (
        f"Final evaluation of {len(runs):,} of {len(tables.runs):,} runs"
    )  # fmt: skip
    for group in _groups(tables, runs):
        height = (len(group.runs) + FRAME) * ROW
        if page is None or y - height < BOTTOM - 0.1:
            if page is not None:
                yield page
            page, y = new_page(heading, note), TOP + 0.1
        _draw_group(page, y, group, tables)
        y -= height
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
    kept = ranked.groupby(groups, sort=False).head(number).index
    return runs.loc[sorted(kept)], (
        f"Shown are the {number} best runs of each core and problem, best first; every run is in "
        f"summary.csv. {note}"
    )


def _groups(tables: SummaryTables, runs: pd.DataFrame) -> Iterator[Group]:
    most = UNITS - FRAME
    for problem in tables.problems():
        own = of_problem(runs, problem)
        order = {core: place for place, core in enumerate(ordered_cores(own["core"]))}
        own = own.iloc[np.argsort(own["core"].map(order).to_numpy(), kind="stable")]
        for first in range(0, len(own), most):
            yield Group(problem, own.iloc[first : first + most], first > 0)


def _draw_group(page: Figure, top: float, group: Group, tables: SummaryTables) -> None:
    metric = tables.primary(group.problem[0])
    title = problem_title(group.problem) + (" (continued)" if group.continued else "")
    write(page, MARGIN, top - 0.25, title, size=9.5, weight="bold")
    names = list(group.runs["run"])
    low = top - 0.35 - ROW * len(names)
    room = WIDTH - 2 * MARGIN - _LABELS - _TEXT - 2 * _GAP
    metrics = [metric] if metric == "return" else ["correct", "return"]
    width = room if len(metrics) == 1 else (room - _GAP) / 2
    for place, shown in enumerate(metrics):
        left = MARGIN + _LABELS + place * (width + _GAP)
        box = (left / WIDTH, low / HEIGHT, width / WIDTH, ROW * len(names) / HEIGHT)
        ax = page.add_axes(box)
        _draw_runs(ax, names, group, tables, shown)
    for place, (_, run) in enumerate(group.runs.iterrows()):
        y = top - 0.35 - ROW * (place + 0.5) - 0.04
        _label(page, y, run)
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
    if metric == "correct":
        ax.set_xlim(-0.03, 1.03)
    ax.xaxis.set_major_locator(MaxNLocator(5))


def _label(page: Figure, y: float, run: pd.Series) -> None:
    """Write core, what distinguishes the run, and the end of its id, in columns."""
    star = " *" if run["chosen"] else ""
    color = core_style(run["core"]).color
    write(page, MARGIN, y, f"{run['core']}{star}", size=7.5, weight="bold", width=1.0, color=color)
    write(page, MARGIN + 1.02, y, str(run["label"]), size=7.5, width=_LABELS - 1.95)
    end = str(run["run"])[-8:]
    write(page, MARGIN + _LABELS - 0.18, y, end, size=6.5, color="#777777", align="right")


def _numbers(page: Figure, y: float, run: str, metric: str, tables: SummaryTables) -> None:
    scores = tables.run_scores
    row = scores[(scores["run"] == run) & (scores["metric"] == metric)].iloc[0]
    failed = int(row["failed"])
    text = interval_text(float(row["value"]), float(row["low"]), float(row["high"]))
    if failed:
        text += f", {failed} failed"
    write(page, WIDTH - MARGIN, y, text, size=7.5, align="right", width=_TEXT)
