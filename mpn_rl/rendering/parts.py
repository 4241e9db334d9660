"""The parts of an animated episode: each is laid out once and then follows the time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from mpn_rl.canvas import (
    DENSE,
    FAINT,
    INK,
    SIGNED_COLORMAP,
    action_colors,
    name_synapses,
    printable,
    symmetric_limit,
)
from mpn_rl.rendering.pictures import Pictures

if TYPE_CHECKING:
    from mpn_rl.playing.episode import Episode

log = logging.getLogger(__name__)

Floats = NDArray[np.floating]


class Part(NamedTuple):
    """A part of the picture: the `moving` artists are redrawn after each `show(time)`.

    `over_time` are its axes whose x is the time.
    """

    moving: Sequence[Artist]
    show: Callable[[int], None]
    over_time: Sequence[Axes] = ()


def head(figure: Figure, title: str) -> None:
    """The title at the top left."""
    figure.text(0.015, 0.955, printable(title), fontsize=7.5, fontweight="bold", va="center")


def status(figure: Figure, episode: Episode) -> Part:
    """Two lines of text: the title; time, phase, action, reward and return so far."""
    title = episode.title + f" · cut after {len(episode.actions)} steps" * episode.cut
    head(figure, title)
    text = figure.text(0.015, 0.90, "", fontsize=7.5, va="center", color=INK)
    returns = np.cumsum(np.nan_to_num(episode.rewards))
    phases = dict(enumerate(episode.phase_names))

    def show(time: int) -> None:
        name = phases.get(int(episode.phases[time]))
        phase = "" if name is None else f" · {printable(name)}"
        text.set_text(
            f"t = {time} of {len(returns) - 1}{phase} · action {int(episode.actions[time])} · "
            f"reward {episode.rewards[time]:+.2f} · return {returns[time]:+.2f}"
        )

    return Part([text], show)


def what_it_sees(figure: Figure, episode: Episode) -> Part:
    """The environment's own frames, or the observation channels where it draws none."""
    try:
        pictures, why = episode.frames and Pictures(episode.frames), episode.undrawn
    except ValueError as error:
        pictures, why = None, str(error)
    if not pictures:
        log.info("the observations are shown instead of the environment's pictures: %s", why)
        return _channels(figure, episode)
    ax = figure.add_axes((0.015, 0.03, 0.50, 0.82))
    ax.set_axis_off()
    image = ax.imshow(pictures[0], interpolation="antialiased")
    return Part([image], lambda time: image.set_data(pictures[time]))


def _channels(figure: Figure, episode: Episode) -> Part:
    """Observation channels, or some of very many, actions and rewards over time, with a cursor."""
    upper = figure.add_axes((0.065, 0.475, 0.385, 0.36))
    lower = figure.add_axes((0.065, 0.305, 0.385, 0.10))
    lowest = figure.add_axes((0.065, 0.115, 0.385, 0.10))
    observed = episode.observations.reshape(len(episode.actions), -1).T
    _heatmap(figure, upper, observed, symmetric_limit(observed), "obs.")
    upper.set_title("observation channels")
    upper.set_ylabel("channel")
    if episode.channels is not None:
        last = int(episode.channels[-1])
        upper.set_title(f"{len(episode.channels)} of {last + 1:,} observation channels")
        upper.set_ylabel(f"every {last / (len(episode.channels) - 1):.0f}th")
    steps = np.arange(len(episode.actions))
    lower.step(steps, episode.actions, where="mid", color=INK, linewidth=1.0)
    lower.set_title("action")
    lower.set_ylim(-0.4, max(episode.q_values.shape[1] - 1, 1) + 0.4)
    lowest.bar(steps, np.nan_to_num(episode.rewards), color="#5f6b7a", width=0.8)
    lowest.axhline(0, color=FAINT, linewidth=0.5)
    lowest.set_title("reward")
    low, high = np.nanmin([0, *episode.rewards]), np.nanmax([0, *episode.rewards])
    margin = 0.1 * (high - low) or 1.0
    lowest.set_ylim(low - margin, high + margin)
    lowest.set_yticks(sorted({low, high}))
    lower.yaxis.set_major_locator(MaxNLocator(2, integer=True))
    return _cursor([upper, lower, lowest], label=True)


def what_it_holds(figure: Figure, episode: Episode) -> Part:
    """M now, on a scale that spans the episode, or the hidden activity over time with a cursor."""
    ax = figure.add_axes((0.60, 0.475, 0.315, 0.36))
    ax.set_ylabel("hidden unit")
    state = episode.state
    limit = max(_largest(now) for now in state) or 1.0
    if state[0].ndim == 2:
        image = _heatmap(figure, ax, state[0].astype(float), limit, "M")
        ax.set_title("modulations M")
        line = name_synapses(ax, state[0].shape, episode.recurrent)
        return Part([image, *line], lambda time: image.set_data(state[time].astype(float)))
    _heatmap(figure, ax, np.stack([*state]).astype(float).T, limit, "h")
    ax.set_title("hidden activity h")
    return _cursor([ax])


def q_trace(figure: Figure, episode: Episode) -> Part:
    """Q-values over time with the chosen actions."""
    ax = figure.add_axes((0.60, 0.115, 0.385, 0.20))
    q_values, actions = episode.q_values, np.asarray(episode.actions)
    steps = np.arange(len(actions))
    for action, color in enumerate(action_colors(q_values.shape[1])):
        ax.plot(steps, q_values[:, action], color=color, linewidth=1.1, label=f"{action}")
    valid = np.flatnonzero(actions >= 0)
    size = 8 if len(steps) <= DENSE else 2
    ax.scatter(valid, q_values[valid, actions[valid]], s=size, color=INK, zorder=3)
    ax.set_ylabel("Q", labelpad=4)
    if 1 < q_values.shape[1] <= 6:
        ax.legend(
            loc="lower right",
            bbox_to_anchor=(1.0, 0.95),
            ncols=q_values.shape[1],
            title="action (dots: chosen)",
            fontsize=6,
            title_fontsize=6,
            handlelength=1.2,
            columnspacing=0.8,
            alignment="right",
        )
    return _cursor([ax], label=True)


def _cursor(axes: Sequence[Axes], label: bool = False) -> Part:
    """A vertical line at the time, over axes of the whole episode; `label` names the lowest's."""
    for ax in axes:
        ax.tick_params(labelsize=6, length=2, pad=1.5)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if label:
        axes[-1].set_xlabel("time t (steps)")
    lines = [ax.axvline(0, color=INK, linewidth=1.0) for ax in axes]
    for ax, line in zip(axes, lines, strict=True):
        if ax.images:  # to be seen on dark cells too
            line.set_path_effects([withStroke(linewidth=2.4, foreground="white")])

    def show(time: int) -> None:
        for line in lines:
            line.set_xdata([time, time])

    return Part(lines, show, axes)


def _heatmap(figure: Figure, ax: Axes, values: Floats, limit: float, label: str) -> AxesImage:
    image = ax.imshow(values, cmap=SIGNED_COLORMAP, vmin=-limit, vmax=limit, aspect="auto")
    box = ax.get_position()
    bar = figure.colorbar(image, cax=figure.add_axes((box.x1 + 0.008, box.y0, 0.010, box.height)))
    bar.ax.tick_params(labelsize=5.5, length=1.5, pad=1)
    bar.locator = MaxNLocator(3, symmetric=True)
    bar.set_label(label, fontsize=6, labelpad=0)
    ax.grid(visible=False)
    ax.tick_params(labelsize=6, length=2, pad=1.5)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(4, integer=True))
    return image


def _largest(values: Floats) -> float:
    """The largest finite magnitude, 0 if there is none."""
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
