"""One episode as frames of an animation: what the agent sees and does beside what it holds.

Left the environment's own picture, or the observation channels over time where it draws none; right
the matrix M, or the activity of other cores; below, Q-values. Every colour scale spans the whole
episode, so that frames can be compared; so does every axis, but the time of a LONG one is shown
page by page. Frames are drawn by changing what moves on a picture that is laid out once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mpn_rl.canvas import INK, look, new_figure, printable
from mpn_rl.rendering.gif import Frame, write_gif
from mpn_rl.rendering.parts import head, q_trace, status, what_it_holds, what_it_sees

if TYPE_CHECKING:
    from mpn_rl.playing.episode import Episode

__all__ = ["Frame", "notice", "render_episode", "write_gif"]

log = logging.getLogger(__name__)

WIDTH, HEIGHT, DPI = 640, 360, 100

# Fonts are those that come with matplotlib: frames do not depend on what a machine has.
LOOK = {
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 7,
    "axes.titlepad": 2,
    "axes.labelsize": 6.5,
    "axes.labelpad": 1,
    "axes.edgecolor": "#555555",
    "axes.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "image.interpolation": "nearest",
    "scatter.edgecolors": "none",
}

PROGRESS_SECONDS = 10.0
LONG, PAGE = 500, 250  # steps; a longer episode is shown page by page


def render_episode(episode: Episode) -> Iterator[Frame]:
    """Give one RGB uint8 frame (360, 640, 3) per step, each as soon as it is drawn.

    Until the last is taken matplotlib's settings are those of the animation.
    """
    if len(episode.actions):
        with look(LOOK):
            yield from _draw(episode)


def notice(title: str, text: str) -> Iterator[Frame]:
    """Give one frame with a text in place of an episode."""
    with look(LOOK):
        figure = new_figure(WIDTH / DPI, HEIGHT / DPI, dpi=DPI)
        head(figure, title)
        figure.text(0.5, 0.5, printable(text), fontsize=10, ha="center", va="center", color=INK)
        canvas = _canvas(figure)
        canvas.draw()
        yield _pixels(canvas)


def _canvas(figure: Figure) -> FigureCanvasAgg:
    assert isinstance(figure.canvas, FigureCanvasAgg)
    return figure.canvas


def _pixels(canvas: FigureCanvasAgg) -> Frame:
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _draw(episode: Episode) -> Iterator[Frame]:
    figure = new_figure(WIDTH / DPI, HEIGHT / DPI, dpi=DPI)
    canvas = _canvas(figure)
    parts = [draw(figure, episode) for draw in (status, what_it_sees, what_it_holds, q_trace)]
    moving = [artist for part in parts for artist in part.moving]
    for artist in moving:
        artist.set_animated(True)
    told, steps = monotonic(), len(episode.actions)
    over_time = [ax for part in parts for ax in part.over_time]
    for time in range(steps):
        if (page := _page(time, steps)) is not None:
            for ax in over_time:
                ax.set_xlim(*page)
            canvas.draw()
            background = canvas.copy_from_bbox(figure.bbox)
        canvas.restore_region(background)
        for part in parts:
            part.show(time)
        for artist in moving:
            artist.draw(canvas.get_renderer())
        yield _pixels(canvas)
        if monotonic() - told >= PROGRESS_SECONDS:
            told = monotonic()
            log.info("%d of %d frames are drawn", time + 1, steps)


def _page(time: int, steps: int) -> tuple[float, float] | None:
    """The times that axes show from this step on; None where they stay."""
    if steps <= LONG:
        return (-0.5, max(steps - 0.5, 0.5)) if time == 0 else None
    if time % PAGE:
        return None
    first = min(time, steps - PAGE)
    return first - 0.5, first + PAGE - 0.5
