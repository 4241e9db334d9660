"""How many dimensions the activity fills: cumulative variance of hidden states and of M."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from mpn_rl.canvas import FAINT, new_figure
from mpn_rl.figures.style import applied, core_style, heading, panels, say

MAX_COMPONENTS = 20
VARIABLE_TITLES = {"hidden": "Hidden activity h", "M": "Modulations M"}
_LEGEND_SEEDS = 10


@applied()
def pca_variance(table: NDArray[np.void], core: str, title: str = "") -> Figure:
    """Draw cumulative explained variance, one line per seed, one panel per variable.

    table: fields seed, variable (hidden or M), component (from 1), cumulative_ratio (fraction),
    participation_ratio (dimensions; (Σv)²/Σv² over the full spectrum), as pca.csv has them.
    """
    variables = [name for name in VARIABLE_TITLES if (table["variable"] == name).any()] or [
        "hidden"
    ]
    figure = new_figure(0.8 + 4.0 * len(variables), 3.4)
    heading(figure, title)
    for ax, variable in zip(panels(figure, 1, len(variables), top=0.58)[0], variables, strict=True):
        draw_cumulative(ax, table[table["variable"] == variable], core)
        ax.set_title(VARIABLE_TITLES[variable])
    return figure


def draw_cumulative(ax: Axes, table: NDArray[np.void], core: str) -> Axes:
    """Draw the spectra of one variable; seeds differ in lightness, the legend has each one's PR."""
    style = core_style(core)
    seeds = np.unique(table["seed"])
    drawn = 0
    for number, seed in enumerate(seeds):
        rows = np.sort(table[table["seed"] == seed], order="component")[:MAX_COMPONENTS]
        values, ratio = rows["cumulative_ratio"], rows["participation_ratio"][0]
        label = f"seed {seed}: PR = {ratio:.2f}" if np.isfinite(ratio) else f"seed {seed}: no data"
        ax.plot(
            rows["component"],
            values,
            color=style.color,
            alpha=1.0 - 0.7 * number / max(len(seeds), 2),
            marker=style.marker,
            markersize=3,
            linewidth=1.2,
            label=label if number < _LEGEND_SEEDS else None,
        )
        drawn += int(np.isfinite(values).any())
    _finish(ax, drawn)
    if len(seeds):
        rest = len(seeds) - _LEGEND_SEEDS
        ax.legend(loc="lower right", title=f"and {rest} more seeds" if rest > 0 else None)
    return ax


def _finish(ax: Axes, drawn: int) -> None:
    ax.axhline(1.0, color=FAINT, linewidth=0.6, zorder=0)
    ax.set_ylim(0.0, 1.05)
    ax.set_xlim(0.5, max(ax.get_xlim()[1], 2.5))
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    ax.set_xlabel("number of principal components")
    ax.set_ylabel("cumulative fraction of variance")
    if not drawn:
        say(ax, "no variance")
