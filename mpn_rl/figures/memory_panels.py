"""The panels of a block's memory figure: each draws the rows of one table into given axes."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mpn_rl.canvas import FAINT, INK, printable
from mpn_rl.figures.style import core_style

Rows = NDArray[np.void]
Floats = NDArray[np.float64]

# What is decoded from, in the order of legends: the modulations, the core's output, its input.
SOURCES = {"M": ("#a8123a", "-"), "h": ("#1f7fc4", (0, (6, 1.5))), "x": (INK, (0, (2, 1.2)))}
UNTOUCHED = "none"  # the intervention of the agent as it is
# In which plasticity writes as usual, and in which nothing is written in the delay.
CONDITIONS = ("-", (0, (4, 2)), (0, (1, 1.2)))
MAX_LESIONS = 60


def score_of(rows: Rows) -> str:
    """The score that rows have: correct where the task has right answers, else return."""
    return "correct" if len(rows) and np.isfinite(rows["correct"]).any() else "return"


def means_of(rows: Rows, keys: tuple[str, ...], value: str) -> list[tuple[Any, ...]]:
    """(*keys, mean, smallest, largest) over the seeds' rows with equal keys, in order."""
    found: dict[tuple[Any, ...], list[float]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), []).append(float(row[value]))
    known = {key: [v for v in values if np.isfinite(v)] for key, values in found.items()}
    return [(*key, np.mean(v), min(v), max(v)) for key, v in known.items() if v]


def remembered(rows: Rows) -> list[str]:
    """The variables of decoding.csv; first what is read from M or h but not from the input."""
    own = rows[rows["train_time"] == rows["test_time"]]
    found = {
        (variable, source): mean
        for variable, source, mean, *_ in means_of(own, ("variable", "source"), "score")
    }

    def gain(variable: str) -> float:
        inside = max(found.get((variable, source), 0.0) for source in ("M", "h"))
        return inside - max(0.0, found.get((variable, "x"), 0.0))

    return sorted(dict.fromkeys(rows["variable"].tolist()), key=gain, reverse=True)


def draw_decoding(ax: Axes, rows: Rows) -> None:
    """Draw how well a variable is read at each step by the decoder of that step, by source.

    rows: those of one variable of decoding.csv. Lines are means over seeds, bands go from the
    smallest to the largest; the grey line is the mean of all shuffled-label controls.
    """
    rows = rows[rows["train_time"] == rows["test_time"]]
    for source, (color, line) in SOURCES.items():
        own = means_of(rows[rows["source"] == source], ("test_time",), "score")
        if own:
            x, mean, low, high = np.array(sorted(own), float).T
            ax.fill_between(x, low, high, color=color, alpha=0.15, linewidth=0)
            ax.plot(x, mean, color=color, linestyle=line, label=f"from {source}")
    if control := means_of(rows, ("test_time",), "control"):
        x, mean, *_ = np.array(sorted(control), float).T
        ax.plot(x, mean, color=FAINT, linewidth=1.0, label="shuffled labels")
    ax.set_title(printable(f"Reading {rows['variable'][0]}"), parse_math=False)
    ax.set(xlabel="step of the episode", ylabel="score, held out")
    ax.set_ylim(min(0.0, *ax.get_ylim()), 1.05)
    ax.legend(loc="best")


def draw_across_times(ax: Axes, rows: Rows) -> None:
    """Draw the mean over seeds of the score of each train time (y) at each test time (x).

    rows: those of one variable and source of decoding.csv.
    """
    found = means_of(rows, ("train_time", "test_time"), "score")
    trains, tests = (np.unique([each[place] for each in found]) for place in (0, 1))
    values = np.full((len(trains), len(tests)), np.nan)
    for train, test, mean, *_ in found:
        values[np.searchsorted(trains, train), np.searchsorted(tests, test)] = mean
    image = ax.imshow(
        values, vmin=0.0, vmax=1.0, cmap="cividis", origin="lower", interpolation="none"
    )
    for axis, times in ((ax.xaxis, tests), (ax.yaxis, trains)):
        places = np.unique(np.linspace(0, len(times) - 1, min(len(times), 6)).astype(int))
        axis.set_ticks(places, [f"{times[place]:g}" for place in places])
    ax.grid(visible=False)
    source, variable = rows["source"][0], rows["variable"][0]
    ax.set_title(printable(f"{variable} from {source} across times"), parse_math=False)
    ax.set(xlabel="read at step", ylabel="decoder of step")
    bar = ax.figure.colorbar(image, ax=ax, fraction=0.05, pad=0.03)
    bar.outline.set_visible(False)


def draw_generalisation(ax: Axes, rows: Rows, core: str) -> None:
    """Draw the score over a parameter of the task, a line per condition; a thin one per seed."""
    score, style = score_of(rows), core_style(core)
    for line, condition in zip(CONDITIONS, dict.fromkeys(rows["condition"]), strict=False):
        own = rows[rows["condition"] == condition]
        for seed in np.unique(own["seed"]):
            each = np.sort(own[own["seed"] == seed], order="value")
            ax.plot(
                each["value"], each[score], color=style.color, lw=0.5, alpha=0.4, linestyle=line
            )
        x, mean, *_ = np.array(sorted(means_of(own, ("value",), score)), float).T
        ax.plot(x, mean, color=style.color, linestyle=line, label=str(condition), marker=".")
    ax.set_xscale("symlog", linthresh=1.0)
    ax.set_xlim(left=0)
    ax.set_title("Beyond what was trained")
    ax.set(xlabel=str(rows["parameter"][0]), ylabel=score)
    ax.set_ylim(*((-0.03, 1.05) if score == "correct" else ax.get_ylim()))
    ax.legend(loc="best")


def draw_fixed_points(ax: Axes, rows: Rows, core: str) -> None:
    """Draw each unit's fixed points of h: stable ones filled, unstable ones open.

    rows: those of one seed and phase of fixed_points.csv. Units are ordered by their largest h.
    """
    top = {unit: rows["h"][rows["unit"] == unit].max() for unit in np.unique(rows["unit"])}
    order = {unit: place for place, unit in enumerate(sorted(top, key=lambda unit: top[unit]))}
    places = np.array([order[unit] for unit in rows["unit"]])
    stable = rows["stable"].astype(bool)
    color = core_style(core).color
    ax.plot(places[stable], rows["h"][stable], "o", color=color, ms=2.5, label="stable")
    if not stable.all():
        ax.plot(places[~stable], rows["h"][~stable], "o", mfc="white", mec=INK, ms=2.5, mew=0.6)
        ax.plot([], [], "o", mfc="white", mec=INK, ms=2.5, mew=0.6, label="unstable")
    ax.set_title(printable(f"Fixed points in {rows['phase'][0]}, seed {rows['seed'][0]}"))
    ax.set(xlabel="hidden unit, ordered", ylabel="h")
    ax.legend(loc="best")


def lesion_rows(rows: Rows) -> list[tuple[str, str, str, str]]:
    """(intervention, phase, strength, control) of what is drawn, a row each; controls have none."""
    controls = set(rows["control"].tolist()) - {""}
    keys = dict.fromkeys((*_key(row), str(row["control"])) for row in rows)
    return [key for key in keys if key[0] not in controls][:MAX_LESIONS]


def draw_lesions(ax: Axes, rows: Rows, core: str) -> None:
    """Draw the score after each lesion as a disc on its seeds' range, and its control as a ring."""
    score, color = score_of(rows), core_style(core).color
    found: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        found.setdefault(_key(row), []).append(float(row[score]))
    drawn = lesion_rows(rows)
    for place, (name, phase, strength, control) in enumerate(drawn):
        own = found[name, phase, strength]
        ax.plot([min(own), max(own)], [place, place], color=color, linewidth=1.6, alpha=0.5)
        ax.plot(np.mean(own), place, "o", color=color, markersize=4)
        if other := found.get((control, phase, strength)):
            ax.plot(np.mean(other), place, "o", mfc="none", mec=INK, markersize=6, zorder=4)
    ax.set_yticks(range(len(drawn)), [_lesion_name(*key[:3]) for key in drawn], fontsize=6.5)
    ax.set_ylim(len(drawn) - 0.4, -0.6)
    ax.set_title("After a lesion (disc and range of seeds) and after its control (ring)")
    ax.set_xlabel(score)
    if score == "correct":
        ax.set_xlim(-0.03, 1.03)


def _key(row: Any) -> tuple[str, str, str]:
    """Intervention, phase and strength of a row, which is 0 where there is none."""
    amount = f"{row['strength']:g}" if row["strength"] else ""
    return str(row["intervention"]), str(row["phase"]), amount


def _lesion_name(name: str, phase: str, strength: str) -> str:
    amount = f" ({strength})" if strength else ""
    if name == UNTOUCHED:
        return "untouched"
    place = "throughout" if phase == "all" else phase
    return printable(f"{name}{amount}" + (f", {place}" if place else ""))
