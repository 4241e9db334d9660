"""Drawings of how a memory works: decoding, generalisation, fixed points, paths."""

from collections.abc import Iterator
from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from mpn_rl.canvas import FAINT, INK, printable
from mpn_rl.figures.style import core_style, ordered_cores, short_count
from mpn_rl.sweep.summary.data import SummaryTables, levels_of, of_problem, where
from mpn_rl.sweep.summary.document import Block, heading
from mpn_rl.sweep.summary.drawings import draw_bands, draw_level, panel_rows
from mpn_rl.sweep.summary.texts import METRIC_LABELS, parameter_name, problem_title

_SOURCES = {"M": "modulations M", "h": "output h", "x": "input x"}
_MAX_VARIABLES = 2
_DOTTED = (0, (1, 1.5))


def decoding_drawings(tables: SummaryTables) -> Iterator[Block]:
    """Scores over the steps of an episode, a panel per source, two variables of a problem."""
    for problem in tables.problems():
        own = of_problem(tables.decoding, problem)
        for variable in list(dict.fromkeys(own["variable"]))[:_MAX_VARIABLES]:
            rows = where(own, variable=variable)
            known = [source for source in _SOURCES if (rows["source"] == source).any()]
            name = f"{problem_title(problem)}: {variable}"
            yield heading(name, 2)
            draws = [partial(_draw_decoding, where(rows, source=source)) for source in known]
            yield from panel_rows(f"decoding {name}", draws, rows["core"], False)


def _draw_decoding(rows: pd.DataFrame, ax: Axes) -> None:
    for core in ordered_cores(rows["core"]):
        others = where(rows, core=core, statistic="other_times").sort_values("x")
        ax.plot(others["x"], others["value"], color=core_style(core).color, lw=1, ls=_DOTTED)
    control = where(rows, statistic="shuffled").groupby("x")["value"].mean()
    ax.plot(control.index, control, color=FAINT, linewidth=1)
    draw_bands(ax, where(rows, statistic="same_time"))
    ax.set_title(f"from the {_SOURCES[rows['source'].iloc[0]]}")
    ax.set(xlabel="step of the episode", ylabel="score, held out")
    ax.set_ylim(min(0.0, *ax.get_ylim()), 1.05)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def generalisation_drawings(tables: SummaryTables) -> Iterator[Block]:
    """The score over the parameter, a panel per problem and condition."""
    draws = []
    for problem in tables.problems():
        own = of_problem(tables.generalisation, problem)
        levels = levels_of(tables.baselines, problem, own["metric"].iloc[0]) if len(own) else {}
        for condition in dict.fromkeys(own["statistic"]) if len(own) else ():
            title = f"{problem_title(problem)}: {condition}"
            rows = where(own, statistic=condition)
            draws.append(partial(_draw_generalisation, rows, levels, title))
    yield from panel_rows("generalisation", draws, tables.generalisation["core"])


def _draw_generalisation(
    rows: pd.DataFrame, levels: dict[str, float], title: str, ax: Axes
) -> None:
    draw_bands(ax, rows)
    metric = rows["metric"].iloc[0]
    ax.set_xscale("symlog", linthresh=1.0)
    ax.set_xlim(left=min(0.0, rows["x"].min()))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_count(value)))
    ax.set_title(printable(title), parse_math=False)
    ax.set(xlabel=parameter_name(str(rows["axis"].iloc[0])), ylabel=METRIC_LABELS[metric])
    if metric == "correct":
        ax.set_ylim(-0.03, 1.03)
    for agent, value in levels.items():
        draw_level(ax, agent, value)


def fixed_point_drawings(tables: SummaryTables) -> Iterator[Block]:
    """Fixed points of each unit of a seed, a panel per problem and core."""
    draws = []
    for problem in tables.problems():
        own = of_problem(tables.fixed_points, problem)
        for core in ordered_cores(own["core"]):
            title = f"{problem_title(problem)}: {core}"
            draws.append(partial(_draw_fixed_points, where(own, core=core), core, title))
    yield from panel_rows("fixed points", draws, tables.fixed_points["core"], False)


def _draw_fixed_points(rows: pd.DataFrame, core: str, title: str, ax: Axes) -> None:
    order = rows.groupby("x")["value"].max().sort_values(kind="stable").index
    rank = pd.Series(range(len(order)), index=order)
    stable = rows["kind"] == "stable"
    for kind, face in ((stable, core_style(core).color), (~stable, "white")):
        edge = core_style(core).color if face != "white" else INK
        x = rank[rows.loc[kind, "x"]].to_numpy()
        ax.plot(x, rows.loc[kind, "value"], "o", mfc=face, mec=edge, markersize=3, mew=0.7)
    phase, seed = rows["phase"].iloc[0], rows["seed"].iloc[0]
    ax.set_title(printable(f"{title}, {phase}, seed {seed}"), parse_math=False)
    ax.set(xlabel="hidden unit, ordered by its largest", ylabel="h at fixed points")


def path_drawings(tables: SummaryTables) -> Iterator[Block]:
    """Mean paths of one seed: of the first core's states, and of h of the last for comparison."""
    draws, cores = [], ordered_cores(tables.paths["core"])
    for problem in tables.problems():
        own = of_problem(tables.paths, problem)
        known = ordered_cores(own["core"])
        for core in known[:1] + known[1:][-1:]:
            of_core = where(own, core=core)
            for state in dict.fromkeys(of_core["state"]):
                title = f"{problem_title(problem)}: {'h' if state == 'hidden' else state} of {core}"
                draws.append(partial(_draw_paths, where(of_core, state=state), title))
    yield from panel_rows("paths", draws, cores[:1] + cores[1:][-1:], False)


def _draw_paths(rows: pd.DataFrame, title: str, ax: Axes) -> None:
    core = rows["core"].iloc[0]
    color, lines = core_style(core).color, ("-", (0, (4, 2)), (0, (1, 1.2)))
    for place, (label, own) in enumerate(rows.groupby("label", sort=False)):
        x, y = (where(own, quantity=name).sort_values("x")["value"] for name in ("pc_1", "pc_2"))
        line = lines[place % len(lines)]
        ax.plot(x, y, color=color, ls=line, lw=1.2, label=printable(str(label)), marker=".", ms=3)
        ax.plot(x.iloc[0], y.iloc[0], "o", mfc="white", mec=INK, ms=5)
        ax.plot(x.iloc[-1], y.iloc[-1], "s", color=INK, ms=4)
    ax.set_title(printable(title), parse_math=False)
    ax.set(xlabel="PC 1", ylabel="PC 2")
    ax.margins(y=0.25)  # room for the legend above all paths
    ax.legend(loc="upper right", ncols=2, fontsize=6, borderaxespad=0.1)
