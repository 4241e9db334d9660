"""How a block's memory works: decoding, generalisation, fixed points and lesions in one figure."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mpn_rl.canvas import new_figure
from mpn_rl.figures.memory_panels import (
    SOURCES,
    Rows,
    draw_across_times,
    draw_decoding,
    draw_fixed_points,
    draw_generalisation,
    draw_lesions,
    lesion_rows,
    remembered,
)
from mpn_rl.figures.style import applied, heading, panels

Draw = Callable[[Axes], None]

COLUMNS = 3
PANEL_INCHES = 2.4
MAX_VARIABLES = 3


@applied()
def memory(tables: Mapping[str, Rows], core: str, title: str = "") -> Figure:
    """Draw what the tables hold, those that are missing or without rows left out.

    tables: decoding, generalisation, fixed_points and lesions, as the files of these names have
    them. Panels stand three to a row; lesions follow over the whole width, a row each.
    """
    known = {name: rows for name, rows in tables.items() if len(rows)}
    draws = [*_panels(known, core)]
    lesions = known.get("lesions")
    below = 0 if lesions is None else 0.9 + 0.15 * len(lesion_rows(lesions))
    rows = -(-len(draws) // COLUMNS)
    height = 0.35 + (PANEL_INCHES + 0.75) * rows + below
    figure = new_figure(10.4, max(height, 2.0))
    if not known:
        heading(figure, f"{title}: nothing to draw".lstrip(": "))
        return figure
    heading(figure, title)
    if rows:
        edges = {"top": 0.6, "bottom": below + 0.5, "wspace": 0.75, "right": 0.4}
        axes = panels(figure, rows, COLUMNS, **edges).ravel()
        for ax, draw in zip(axes, draws, strict=False):
            draw(ax)
        for ax in axes[len(draws) :]:
            ax.remove()
    if lesions is not None:
        box = (0.3, 0.45 / height, 0.68, (below - 0.75) / height)
        draw_lesions(figure.add_axes(box), lesions, core)
    return figure


def _panels(tables: Mapping[str, Rows], core: str) -> Iterator[Draw]:
    """Draw one panel each: decoding by variable, across times, generalisation, fixed points."""
    if "decoding" in tables:
        decoding = tables["decoding"]
        variables = remembered(decoding)
        for variable in variables[:MAX_VARIABLES]:
            yield partial(draw_decoding, rows=decoding[decoding["variable"] == variable])
        first = decoding[decoding["variable"] == variables[0]]
        source = next(name for name in (*SOURCES, first["source"][0]) if name in first["source"])
        own = first[first["source"] == source]
        if (own["train_time"] != own["test_time"]).any():
            yield partial(draw_across_times, rows=own)
    if "generalisation" in tables:
        yield partial(draw_generalisation, rows=tables["generalisation"], core=core)
    if "fixed_points" in tables:
        points = tables["fixed_points"]
        points = points[points["unit"] >= 0]  # others are of the whole core
        if len(points):
            yield partial(draw_fixed_points, rows=most_telling(points), core=core)


def most_telling(rows: Rows) -> Any:
    """The rows of the first seed, of the phase in which most units have several fixed points."""
    own = rows[rows["seed"] == rows["seed"][0]]
    phases = list(dict.fromkeys(own["phase"]))

    def several(phase: str) -> int:
        _, counts = np.unique(own["unit"][own["phase"] == phase], return_counts=True)
        return int((counts > 1).sum())

    return own[own["phase"] == max(phases, key=several)]
