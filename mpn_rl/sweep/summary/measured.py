"""What analyses of the user's own say of the chosen runs: a table and a page of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mpn_rl.canvas import new_figure
from mpn_rl.figures.style import applied, panels
from mpn_rl.sweep.summary.data import SummaryTables, of_problem, where
from mpn_rl.sweep.summary.document import Block, drawing, heading, note, row, table
from mpn_rl.sweep.summary.memory_tables import KEYS, over_seeds
from mpn_rl.sweep.summary.scores import ANYTHING
from mpn_rl.sweep.summary.texts import problem_title, row_text, run_name, scaled_text

MOST_QUANTITIES, MOST_ROWS = 5, 40
_NOTE = (
    "Of the chosen runs. Each number is the IQM over seeds of the mean over a "
    "seed's rows, with its 95 % interval; the figures are those of a run's first seeds. The whole "
    "tables lie in analyses/ of the runs' folders."
)


@dataclass(frozen=True)
class MeasuredFigure:
    """The figure that an analysis drew of a run: RGB uint8 (height, width, 3)."""

    analysis: str
    run: str
    image: NDArray[np.uint8]


def measured_table(
    runs: pd.DataFrame, found: Mapping[tuple[str, str], pd.DataFrame]
) -> pd.DataFrame:
    """The field `measured` of `SummaryTables`; `found`: (analysis, run) → rows of all its seeds."""
    heads = {head[-1]: head for head in runs[KEYS].itertuples(index=False, name=None)}
    rows = [
        (*heads[run], analysis, *numbers)
        for (analysis, run), own in found.items()
        for numbers in _numbers(own)
    ]
    columns = [*KEYS, "analysis", "told", "quantity", "value", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns)


def _numbers(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Of each combination of texts and each column of floats: the mean of a seed, over seeds."""
    texts = [name for name in rows if rows[name].dtype.kind not in "iufb"]
    lines = rows[texts].fillna("").astype(str).itertuples(index=False, name=None)
    told = np.array([", ".join(line) for line in lines] if texts else [""] * len(rows), object)
    for text in dict.fromkeys(told.tolist()):
        own = rows[told == text]
        for name in (str(name) for name in rows if rows[name].dtype.kind == "f"):
            yield text, name, *over_seeds(own.groupby("seed")[name].mean(), ANYTHING)


def measured_blocks(tables: SummaryTables, figures: Sequence[MeasuredFigure]) -> Iterator[Block]:
    """A part for each analysis: its numbers of each chosen run, and its figures side by side."""
    names = list(tables.sweep.analyses)
    if names:
        yield from (heading(f"Analyses of your own: {', '.join(names)}"), note(_NOTE))
    for name in names:
        yield heading(name, 2)
        if about := tables.sweep.analyses[name]:
            yield note(about)
        yield from _table(tables, where(tables.measured, analysis=name))
        if own := [one for one in figures if one.analysis == name]:
            yield drawing(_side_by_side(tables, own), f"analysis {name}")


def _table(tables: SummaryTables, rows: pd.DataFrame) -> Iterator[Block]:
    names = list(dict.fromkeys(rows["quantity"]))[:MOST_QUANTITIES]
    if not names:
        yield note("It says nothing in numbers.", opens=False)
        return
    runs = tables.runs.set_index("run")
    lines: list[Block] = []
    for problem in tables.problems():
        of = of_problem(rows, problem)
        lines += [{"title": problem_title(problem)}] if len(of) else []
        for run, text in dict.fromkeys(zip(of["run"], of["told"], strict=True)):
            own = where(of, run=run, told=text).set_index("quantity").to_dict("index")
            label = ", ".join(filter(None, [run_name(runs.loc[run]), text]))
            lines.append(row(label, *(row_text(own.get(name), text=scaled_text) for name in names)))
    yield table({"run": "rest"} | dict.fromkeys(names, "cell"), lines[:MOST_ROWS])
    if len(lines) > MOST_ROWS or rows["quantity"].nunique() > len(names):
        yield note("Further rows and columns are in summary.csv, section measured.", opens=False)


@applied()
def _side_by_side(tables: SummaryTables, figures: Sequence[MeasuredFigure]) -> Figure:
    """The figures of an analysis, two to a row, under the names of their runs."""
    rows = -(-len(figures) // 2)
    height, width = figures[0].image.shape[:2]
    figure = new_figure(10.6, rows * (5.2 * height / width + 0.35))
    edges = {"left": 0.0, "right": 0.0, "top": 0.35, "bottom": 0.0}
    axes = panels(figure, rows, 2, **edges, wspace=0.2, hspace=0.35).ravel()
    runs = tables.runs.set_index("run")
    for ax in axes:
        ax.set_axis_off()
    for ax, one in zip(axes, figures, strict=False):
        ax.imshow(one.image, interpolation="none")
        ax.set_title(run_name(runs.loc[one.run]))
    return figure
