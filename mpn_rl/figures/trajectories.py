"""Episodes as paths through principal-component space, coloured by a variable of every step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm, Colormap, ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from mpn_rl.canvas import FAINT, INK, new_figure, printable
from mpn_rl.figures.style import applied, foot_legend, heading, panels, say
from mpn_rl.statistics.statistics import known_mean

PAIRS = ((0, 1), (0, 2), (1, 2))
MAX_ROWS = 4
# Points drawn per panel at most; of more episodes every k-th is shown, and the figure says so.
MAX_POINTS = 12_000

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Coloring:
    """The variable that colours the points: values (seed, episode, time), label, with a unit.

    names: for a variable of few kinds, its values being indices into names; None: a colour scale.
    """

    values: Floats
    label: str
    names: Sequence[str] | None = None


@applied()
def trajectories(
    projection: Floats,
    lengths: NDArray[np.integer],
    coloring: Coloring,
    seeds: Sequence[int],
    title: str = "",
    variance_ratio: Floats | None = None,
) -> Figure:
    """Draw PC pairs (1, 2), (1, 3), (2, 3), a row per seed, of four seeds at most.

    projection: (seed, episode, time, component), nan where an episode is over, a seed failed or
    there are fewer than three components; lengths (seed, episode) in steps; variance_ratio (seed,
    component) fractions for the axis labels. Colours span the 5th to 95th percentile. Two episodes
    that differ from each other are drawn through, from a ring to a square.
    """
    rows = min(len(seeds), MAX_ROWS)
    figure = new_figure(9.6, 0.75 + 3.0 * max(rows, 1))
    if rows == 0:
        heading(figure, f"{title}: no data".lstrip(": "))
        return figure
    more = f" · first {rows} of {len(seeds)} seeds" if len(seeds) > rows else ""
    heading(figure, title + more)
    episodes = projection.shape[1]
    inside = np.arange(projection.shape[2]) < lengths[:rows, :episodes, None]
    values = np.where(inside, np.asarray(coloring.values, dtype=float)[:rows, :episodes], np.nan)
    cmap, norm = color_scale(values, coloring)
    right = 0.15 if coloring.names is not None else 0.95
    grid = panels(figure, rows, len(PAIRS), right=right, top=0.58, bottom=0.85, hspace=0.8)
    for row in range(rows):
        path = np.where(inside[row, ..., None], np.asarray(projection[row], dtype=float), np.nan)
        ratio = None if variance_ratio is None else variance_ratio[row]
        for ax, pair in zip(grid[row], PAIRS, strict=True):
            draw_pair(ax, path, values[row], pair, cmap, norm, ratio)
        grid[row][0].set_title(f"seed {seeds[row]}")
    _key(figure, cmap, norm, coloring)
    return figure


def draw_pair(
    ax: Axes,
    path: Floats,
    values: Floats,
    pair: tuple[int, int],
    cmap: Colormap,
    norm: Normalize,
    variance_ratio: Floats | None = None,
) -> Axes:
    """Draw one PC pair of one seed: path (episode, time, component), values (episode, time)."""
    first, second = pair
    for axis, component in ((ax.xaxis, first), (ax.yaxis, second)):
        axis.set_label_text(f"PC {component + 1}{_share(variance_ratio, component)}")
    if path.shape[-1] <= max(pair) or not np.isfinite(path[..., list(pair)]).all(axis=-1).any():
        ax.set_xticks([])
        ax.set_yticks([])
        say(ax, "no data")
        return ax
    step = max(1, int(np.ceil(path[..., 0].size / MAX_POINTS)))
    shown = path[::step][..., list(pair)]
    lines = [line[np.isfinite(line).all(axis=-1)] for line in shown]
    ax.add_collection(LineCollection(lines, colors="#d0d0d0", linewidths=0.4, zorder=1))
    ax.scatter(
        shown[..., 0].ravel(),
        shown[..., 1].ravel(),
        c=values[::step].ravel(),
        cmap=cmap,
        norm=norm,
        s=7,
        linewidths=0,
        zorder=2,
        plotnonfinite=False,
    )
    for number, episode in enumerate(_highlighted(path, values)):
        _draw_episode(ax, path[episode][:, list(pair)], "-" if number == 0 else (0, (4, 2)))
    if step > 1:
        text = f"every {step}th episode"
        ax.text(0.99, 0.01, text, transform=ax.transAxes, ha="right", fontsize=6, color=FAINT)
    return ax


def _draw_episode(ax: Axes, line: Floats, linestyle: object) -> None:
    line = line[np.isfinite(line).all(axis=-1)]
    ax.plot(line[:, 0], line[:, 1], color=INK, linewidth=1.1, linestyle=linestyle, zorder=3)
    ax.plot(*line[0], marker="o", color="white", markeredgecolor=INK, markersize=6, zorder=4)
    ax.plot(*line[-1], marker="s", color=INK, markersize=5, zorder=4)


def _highlighted(path: Floats, values: Floats) -> list[int]:
    """Return the first episode and the one that differs most from it.

    It differs in the mean of values; where all agree in that, in where it ends.
    """
    valid = np.asarray(np.isfinite(path[..., :2]).all(axis=-1))
    usable = np.flatnonzero(valid.any(axis=-1))
    if len(usable) < 2:
        return [int(episode) for episode in usable]
    means = np.nan_to_num(known_mean(values[usable], axis=-1))
    gaps = np.abs(means[1:] - means[0])
    if gaps.max() < 1e-9:
        last = valid.shape[1] - 1 - np.argmax(valid[usable, ::-1], axis=1)
        ends = np.nan_to_num(path[usable, last])
        gaps = np.linalg.norm(ends[1:] - ends[0], axis=-1)
    return [int(usable[0]), int(usable[1 + int(np.argmax(gaps))])]


def _share(ratio: Floats | None, component: int) -> str:
    if ratio is None or component >= len(ratio) or not np.isfinite(ratio[component]):
        return ""
    return f" ({100 * ratio[component]:.0f} % of variance)"


def color_scale(values: Floats, coloring: Coloring) -> tuple[Colormap, Normalize]:
    """Return the colours of values: those of kinds, or from their 5th to their 95th percentile."""
    if coloring.names is not None:
        number = max(len(coloring.names), 1)
        colors = colormaps["viridis"](np.linspace(0.0, 0.93, number))
        return ListedColormap(colors), BoundaryNorm(np.arange(number + 1) - 0.5, number)
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, (5, 95)) if len(known) else (0.0, 1.0)
    if high <= low:  # a variable that hardly moves still needs a scale
        low, high = low - 0.5, high + 0.5
    return colormaps["viridis"], Normalize(low, high, clip=True)


def _key(figure: Figure, cmap: Colormap, norm: Normalize, coloring: Coloring) -> None:
    marks = [
        Line2D([], [], marker="o", color="white", markeredgecolor=INK, label="start", ls=""),
        Line2D([], [], marker="s", color=INK, label="end", ls=""),
    ]
    kinds: list[Line2D] = []
    if coloring.names is None:
        width, height = figure.get_size_inches()
        place = (1 - 0.8 / width, 0.85 / height, 0.13 / width, 1 - 1.43 / height)
        bar = figure.colorbar(ScalarMappable(norm, cmap), cax=figure.add_axes(place))
        bar.set_label(printable(coloring.label))
        bar.outline.set_visible(False)
    else:
        kinds = [
            Line2D([], [], marker="o", ls="", color=cmap(index), label=printable(name))
            for index, name in enumerate(coloring.names)
        ]
        marks.insert(0, Line2D([], [], ls="", label=printable(coloring.label) + ":"))
        marks[1:1] = kinds
    foot_legend(figure, marks, columns=9)
