"""The parts of an animated episode: each is laid out once and then follows the time."""

from collections.abc import Sequence

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
    printable,
    symmetric_limit,
)
from mpn_rl.playing.episode import Episode

Floats = NDArray[np.floating]


class Panel:
    """Part of the picture: `moving` artists are redrawn after each `show(time)`."""

    moving: Sequence[Artist]

    def show(self, time: int) -> None:
        raise NotImplementedError


class Status(Panel):
    """Two lines of text: the title; time, phase, action, reward and return so far."""

    def __init__(self, figure: Figure, episode: Episode) -> None:
        figure.text(
            0.015, 0.955, printable(episode.title), fontsize=7.5, fontweight="bold", va="center"
        )
        self.text = figure.text(0.015, 0.90, "", fontsize=7.5, va="center", color=INK)
        self.moving = [self.text]
        self.episode = episode
        self.returns = np.cumsum(np.nan_to_num(episode.rewards))

    def show(self, time: int) -> None:
        episode, last = self.episode, len(self.episode.actions) - 1
        index = int(episode.phases[time])
        named = 0 <= index < len(episode.phase_names)
        phase = f" · {printable(episode.phase_names[index])}" if named else ""
        self.text.set_text(
            f"t = {time} of {last}{phase} · action {int(episode.actions[time])} · reward "
            f"{episode.rewards[time]:+.2f} · return {self.returns[time]:+.2f}"
        )


class _Picture(Panel):
    """The environment's own frames."""

    def __init__(self, ax: Axes, frames: Sequence[NDArray[np.uint8]]) -> None:
        ax.set_axis_off()
        self.image = ax.imshow(frames[0], interpolation="antialiased")
        self.frames = frames
        self.moving = [self.image]

    def show(self, time: int) -> None:
        self.image.set_data(self.frames[min(time, len(self.frames) - 1)])


class _Cursor(Panel):
    """A vertical line at the time, over panels that show the whole episode."""

    def __init__(self, axes: Sequence[Axes]) -> None:
        self.lines = [ax.axvline(0, color=INK, linewidth=1.0) for ax in axes]
        for ax, line in zip(axes, self.lines, strict=True):
            if ax.images:  # to be seen on dark cells too
                line.set_path_effects([withStroke(linewidth=2.4, foreground="white")])
        self.moving = self.lines

    def show(self, time: int) -> None:
        for line in self.lines:
            line.set_xdata([time, time])


class Trace(_Cursor):
    """Q-values over time with the chosen actions."""

    def __init__(self, figure: Figure, episode: Episode) -> None:
        ax = figure.add_axes((0.60, 0.115, 0.385, 0.20))
        q_values, actions = episode.q_values, np.asarray(episode.actions)
        steps = np.arange(len(actions))
        for action, color in enumerate(action_colors(q_values.shape[1])):
            ax.plot(steps, q_values[:, action], color=color, linewidth=1.1, label=f"{action}")
        valid = np.flatnonzero(actions >= 0)
        size = 8 if len(steps) <= DENSE else 2
        ax.scatter(valid, q_values[valid, actions[valid]], s=size, color=INK, zorder=3)
        _time_axis(ax, len(steps), label=True)
        ax.set_ylabel("Q", fontsize=6.5)
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
        super().__init__([ax])


class _Matrix(Panel):
    """M now, on a scale that spans the episode."""

    def __init__(self, figure: Figure, state: Floats) -> None:
        ax = figure.add_axes((0.60, 0.475, 0.315, 0.36))
        self.image = _heatmap(figure, ax, state[0], symmetric_limit(state), "M")
        ax.set_xlabel("input unit", fontsize=6.5, labelpad=1)
        ax.set_ylabel("hidden unit", fontsize=6.5, labelpad=1)
        ax.set_title("modulations M", fontsize=7, pad=2)
        self.moving = [self.image]
        self.state = state

    def show(self, time: int) -> None:
        self.image.set_data(self.state[time])


class _Activity(_Cursor):
    """Hidden activity over time: (hidden, T), with a cursor."""

    def __init__(self, figure: Figure, state: Floats) -> None:
        ax = figure.add_axes((0.60, 0.475, 0.315, 0.36))
        flat = state.reshape(len(state), -1).T
        _heatmap(figure, ax, flat, symmetric_limit(state), "h")
        ax.set_ylabel("hidden unit", fontsize=6.5, labelpad=1)
        ax.set_title("hidden activity h", fontsize=7, pad=2)
        _time_axis(ax, len(state))
        super().__init__([ax])


class _Channels(_Cursor):
    """Observation channels, actions and rewards over time, with a cursor."""

    def __init__(self, figure: Figure, episode: Episode) -> None:
        upper = figure.add_axes((0.065, 0.475, 0.385, 0.36))
        lower = figure.add_axes((0.065, 0.305, 0.385, 0.10))
        lowest = figure.add_axes((0.065, 0.115, 0.385, 0.10))
        observed = episode.observations.reshape(len(episode.actions), -1).T
        _heatmap(figure, upper, observed, symmetric_limit(observed), "obs.")
        upper.set_title("observation channels", fontsize=7, pad=2)
        upper.set_ylabel("channel", fontsize=6.5, labelpad=1)
        steps = np.arange(len(episode.actions))
        lower.step(steps, episode.actions, where="mid", color=INK, linewidth=1.0)
        lower.set_title("action", fontsize=7, pad=2)
        lower.set_ylim(-0.4, max(episode.q_values.shape[1] - 1, 1) + 0.4)
        lowest.bar(steps, np.nan_to_num(episode.rewards), color="#5f6b7a", width=0.8)
        lowest.axhline(0, color=FAINT, linewidth=0.5)
        lowest.set_title("reward", fontsize=7, pad=2)
        low, high = np.nanmin([0, *episode.rewards]), np.nanmax([0, *episode.rewards])
        margin = 0.1 * (high - low) or 1.0
        lowest.set_ylim(low - margin, high + margin)
        lowest.set_yticks(sorted({low, high}))
        lower.yaxis.set_major_locator(MaxNLocator(2, integer=True))
        for ax in (upper, lower, lowest):
            _time_axis(ax, len(steps), label=ax is lowest)
        super().__init__([upper, lower, lowest])


def left_panel(figure: Figure, episode: Episode) -> Panel:
    if episode.frames is not None and len(episode.frames):
        return _Picture(figure.add_axes((0.015, 0.03, 0.50, 0.82)), episode.frames)
    return _Channels(figure, episode)


def right_panel(figure: Figure, episode: Episode) -> Panel:
    state = np.asarray(episode.state, dtype=float)
    return _Matrix(figure, state) if state.ndim == 3 else _Activity(figure, state)


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


def _time_axis(ax: Axes, steps: int, label: bool = False) -> None:
    ax.set_xlim(-0.5, max(steps - 0.5, 0.5))
    ax.tick_params(labelsize=6, length=2, pad=1.5)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if label:
        ax.set_xlabel("time t (steps)", fontsize=6.5, labelpad=1)
