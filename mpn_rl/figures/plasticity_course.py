"""How strong plasticity was and how fast it decayed while a block's seeds learned."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mpn_rl.canvas import new_figure
from mpn_rl.figures.style import applied, core_style, foot_legend, heading, panels
from mpn_rl.figures.training_curves import Panel, draw_panel

History = Mapping[str, Any]
Floats = NDArray[np.float64]

RATES = {
    "validation_eta": ("Strength of plasticity", "η"),
    "validation_lambda": ("Decay of modulations", "λ"),
}
BAND = "smallest to largest in the layer"
PANEL_INCHES = 2.3


@applied()
def plasticity_course(seeds: Mapping[int, History], core: str, title: str = "") -> Figure:
    """Draw eta (left) and lambda (right) at each validation, a row per layer.

    seeds: seed → its entry of training_history.json. A thin line per seed is the mean over the
    layer's values, the band around it goes from the smallest to the largest; the mean of seeds is
    thick. A history from before the rates were kept says that there are no data.
    """
    layers = max([1, *(_values(entry, key).shape[1] for entry in seeds.values() for key in RATES)])
    figure = new_figure(7.2, 1.35 + PANEL_INCHES * layers)
    heading(figure, title)
    grid = panels(figure, layers, 2, left=0.75, top=0.58, bottom=0.75, wspace=0.85, hspace=0.7)
    for layer, row in enumerate(grid):
        for ax, (key, (name, symbol)) in zip(row, RATES.items(), strict=True):
            place = f", layer {layer + 1}" if layers > 1 else ""
            draw_rate(ax, seeds, Panel(key, "validation_step", name + place, symbol), layer, core)
    foot_legend(figure, grid[0, 0].get_legend_handles_labels()[0], columns=4)
    return figure


def draw_rate(ax: Axes, seeds: Mapping[int, History], panel: Panel, layer: int, core: str) -> None:
    """Draw the rates of one layer (from 0) at each validation: means, bands and their mean."""
    means: dict[int, History] = {}
    for seed, history in seeds.items():
        values = _values(history, panel.values)[:, layer : layer + 1]
        means[seed] = {**history, panel.values: values[:, :, 0].ravel().tolist()}
        if values.size:
            _draw_band(ax, history[panel.steps], values[:, 0, 1], values[:, 0, 2], core)
    draw_panel(ax, means, panel, core)


def _draw_band(ax: Axes, steps: Floats, low: Floats, high: Floats, core: str) -> None:
    """Draw from low (validation,) to high; the first band that is wider than a line has a label."""
    label = None if ax.get_legend_handles_labels()[0] or not (high > low).any() else BAND
    color = core_style(core).color
    ax.fill_between(steps, low, high, color=color, alpha=0.12, linewidth=0, label=label)


def _values(history: History, key: str) -> Floats:
    """Return (validation, layer, 3): mean, smallest and largest; nan where not finite."""
    return np.array(history.get(key) or np.empty((0, 0, 3)), dtype=np.float64)
