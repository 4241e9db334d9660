"""The modulations M through one episode: matrices at chosen times, their norm, and Q-values."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from mpn_rl.canvas import (
    DENSE,
    FAINT,
    INK,
    SIGNED_COLORMAP,
    action_colors,
    name_synapses,
    new_figure,
    printable,
    symmetric_limit,
)
from mpn_rl.figures.style import applied, core_style, heading, panels, say

MAX_TIMES = 6

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]


@applied()
def m_matrix(
    M: Floats,
    phases: Ints,
    phase_names: Sequence[str],
    q_values: Floats,
    actions: Ints,
    title: str = "",
    times: Sequence[int] | None = None,
    core: str = "mpn",
    recurrent: bool = False,
) -> Figure:
    """Draw one episode of T steps.

    M (T, hidden, input), after the step's observation; phases (T,) indices into phase_names;
    q_values (T, action); actions (T,) those chosen. times: steps from 0 to show, by default the
    last of each phase, six at most. All matrices share one colour scale, symmetric about 0. Where
    M is `recurrent`, a line parts the synapses of the input from those between hidden units.
    """
    chosen = list(phase_ends(phases)) if times is None else list(times)
    figure = new_figure(9.6, 5.6)
    heading(figure, title)
    number = max(len(chosen), 1)
    top = panels(figure, 1, number, right=0.95, top=0.58, bottom=2.95, wspace=0.14)[0]
    limit = symmetric_limit(M)
    for ax, time in zip(top, chosen, strict=False):
        image = draw_matrix(ax, M[time], limit, recurrent)
        ax.set_title(f"{_phase_name(phases, phase_names, time)}, t = {time}")
    for ax in top[1:]:
        ax.tick_params(labelleft=False)
    if chosen:
        top[0].set_ylabel("hidden unit")
        bar = figure.colorbar(
            image, cax=figure.add_axes((8.75 / 9.6, 2.95 / 5.6, 0.013, 2.07 / 5.6))
        )
        bar.set_label("modulation M (same scale throughout)")
    else:
        say(top[0], "no data")
    left, right = panels(figure, 1, 2, top=3.65, wspace=0.8)[0]
    draw_norm(left, M, core)
    draw_q_values(right, q_values, actions)
    for ax in (left, right):
        _draw_phases(ax, phases, phase_names)
        for time in chosen:
            ax.axvline(time, color=FAINT, linewidth=0.6, linestyle=":", zorder=0)
    return figure


def draw_matrix(ax: Axes, M: Floats, limit: float, recurrent: bool = False) -> AxesImage:
    """Draw M (hidden, input) in colours from −limit to limit; return the image, for a scale."""
    image = ax.imshow(M, cmap=SIGNED_COLORMAP, vmin=-limit, vmax=limit, aspect="auto")
    name_synapses(ax, M.shape, recurrent)
    ax.grid(visible=False)
    ax.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    return image


def draw_norm(ax: Axes, M: Floats, core: str = "mpn") -> Axes:
    """Draw the Frobenius norm of M (T, hidden, input) over time."""
    style = core_style(core)
    norm = np.sqrt((np.asarray(M, dtype=float) ** 2).sum(axis=(1, 2)))
    marker = style.marker if len(norm) <= DENSE else ""
    ax.plot(np.arange(len(norm)), norm, color=style.color, marker=marker, markersize=3)
    ax.set_ylabel("Frobenius norm of M")
    if np.isfinite(norm).any():
        ax.set_ylim(0.0, max(1.05 * float(np.nanmax(norm)), 1e-6))
    return ax


def draw_q_values(ax: Axes, q_values: Floats, actions: Ints) -> Axes:
    """Draw Q-values (T, action) over time; a mark at the action (T,) that was chosen."""
    steps = np.arange(len(q_values))
    colors = action_colors(q_values.shape[1])
    for action, color in enumerate(colors):
        ax.plot(steps, q_values[:, action], color=color, label=f"action {action}", linewidth=1.3)
    valid = np.flatnonzero(np.asarray(actions) >= 0)
    ax.scatter(
        valid,
        q_values[valid, np.asarray(actions)[valid]],
        s=22 if len(steps) <= DENSE else 5,
        facecolors="none" if len(steps) <= DENSE else INK,
        edgecolors=INK,
        linewidths=0.8 if len(steps) <= DENSE else 0,
        zorder=3,
        label="chosen",
    )
    ax.set_ylabel("Q-value (discounted return)")
    if len(colors) <= 8:
        ax.legend(loc="best", ncols=2)
    return ax


def phase_ends(phases: Ints) -> list[int]:
    """Return the last step of each stretch of one phase, thinned evenly to six."""
    valid = np.asarray(phases)
    if not len(valid):
        return []
    ends = np.flatnonzero(np.append(valid[1:] != valid[:-1], True))
    if len(ends) == 1:  # no phases to go by: even steps
        ends = np.unique(np.linspace(0, len(valid) - 1, MAX_TIMES).round().astype(int))
    if len(ends) > MAX_TIMES:
        ends = ends[np.linspace(0, len(ends) - 1, MAX_TIMES).round().astype(int)]
    return [int(end) for end in ends]


def _phase_name(phases: Ints, phase_names: Sequence[str], time: int) -> str:
    index = int(phases[time])
    return printable(phase_names[index]) if 0 <= index < len(phase_names) else f"phase {index}"


def _draw_phases(ax: Axes, phases: Ints, phase_names: Sequence[str]) -> None:
    """Name the phases over the panel, where they are long enough to be told apart."""
    ax.set_xlabel("time t (steps)")
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    ax.set_xlim(-0.5, max(len(phases) - 0.5, 0.5))
    starts = np.flatnonzero(np.append(True, phases[1:] != phases[:-1]))[: len(phases)]
    if not 1 < len(starts) <= 8:
        return
    ends = np.append(starts[1:], len(phases))
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if number % 2 == 0:
            ax.axvspan(start - 0.5, end - 0.5, color="#f2f2f2", zorder=-1, linewidth=0)
        ax.annotate(
            _phase_name(phases, phase_names, int(start)),
            (0.5 * (start + end - 1), 1.0),
            (0, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            fontsize=7,
            rotation=0 if len(phases) <= 12 * (end - start) else 30,
        )
