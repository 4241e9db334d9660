"""One episode as frames of an animation: what the agent sees and does beside what it holds.

Left the environment's own picture, or the observation channels over time where it draws none; right
the matrix M, or the activity of other cores; below, Q-values. Every colour scale and axis spans the
whole episode, so that frames can be compared. Frames are drawn by changing what moves on a
picture that is laid out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import imageio.v3 as imageio
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from mpn_rl.canvas import look, new_figure
from mpn_rl.rendering.parts import q_trace, status, what_it_holds, what_it_sees

if TYPE_CHECKING:
    from mpn_rl.playing.episode import Episode

__all__ = ["gif_bytes", "render_episode"]

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

Frames = list[NDArray[np.uint8]]


def render_episode(episode: Episode) -> Frames:
    """Return one RGB uint8 frame (360, 640, 3) per step; none for an episode without steps."""
    with look(LOOK):
        return _draw(episode) if len(episode.actions) else []


def _draw(episode: Episode) -> Frames:
    figure = new_figure(WIDTH / DPI, HEIGHT / DPI, dpi=DPI)
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    parts = [draw(figure, episode) for draw in (status, what_it_sees, what_it_holds, q_trace)]
    moving = [artist for part in parts for artist in part.moving]
    for artist in moving:
        artist.set_animated(True)
    canvas.draw()
    background = canvas.copy_from_bbox(figure.bbox)
    frames = []
    for time in range(len(episode.actions)):
        canvas.restore_region(background)
        for part in parts:
            part.show(time)
        for artist in moving:
            artist.draw(canvas.get_renderer())
        frames.append(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    return frames


def gif_bytes(frames: Sequence[NDArray[np.uint8]], fps: float) -> bytes:
    """Return an endless GIF of RGB uint8 frames (height, width, 3), all of one size.

    fps in frames per second; the format counts hundredths of a second, so that 30 becomes 33.3.
    Raises ValueError without frames and for fps that are not above 0.
    """
    if not len(frames) or not fps > 0:
        raise ValueError(f"need frames and fps > 0, got {len(frames)} frames and fps {fps}")
    milliseconds = max(10 * round(100 / fps), 20)  # viewers slow anything shorter down
    return bytes(
        imageio.imwrite(
            "<bytes>", np.stack(frames), extension=".gif", duration=milliseconds, loop=0
        )
    )
