"""How the memory of the chosen runs works: pages titled by what was found."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.figures.style import ordered_cores
from mpn_rl.sweep.summary.data import Problem, SummaryTables, of_problem, rows_by, where
from mpn_rl.sweep.summary.document import Block, heading, note, row, table
from mpn_rl.sweep.summary.how_drawings import (
    decoding_drawings,
    fixed_point_drawings,
    generalisation_drawings,
    path_drawings,
)
from mpn_rl.sweep.summary.how_titles import (
    decoding_title,
    fixed_point_title,
    generalisation_title,
    lesion_title,
    path_title,
    telling_phase,
)
from mpn_rl.sweep.summary.lanes import Scale, scale_of
from mpn_rl.sweep.summary.memory_tables import UNTOUCHED
from mpn_rl.sweep.summary.texts import METRIC_LABELS, number_text, problem_title, row_text

_PATHS_NOTE = (
    "Means over recorded episodes of one seed, in the plane of its first two principal components; "
    "a ring is the first step, a square the last. Other seeds: trajectories in the runs' folders."
)
_DECODING_NOTE = (
    "A linear decoder (ridge) reads the task's variable from the modulations M, the core's output "
    "h or its input x at each step, on episodes held out from its training; IQM over seeds of the "
    "chosen runs, with 95 % intervals. Dotted: decoders of all other steps; far below chance they "
    "read the variable with its sign turned, which is no lack of memory. Grey: shuffled labels. "
    "That something can be read does not say that it is used: see the lesions."
)
_LESION_NOTE = (
    "Chosen runs, greedy, on episodes of their own; what is done to the memory throughout, or as "
    "the phase begins in which a lesion lies furthest below its control; of several strengths the "
    "smallest (in brackets). All phases and strengths: summary.csv. A "
    "lesion is evidence beside its matched control (in grey below it): as many units or axes, "
    "drawn at random. Those without are checks: where a state is all that an agent remembers, what "
    "follows when it is zeroed or swapped is certain. As the donor: answers that are right for the "
    "episode that a swapped memory came from. The title names the largest of all these "
    "differences, which flatters it. IQM over seeds with 95 % intervals."
)
_GENERALISATION_NOTE = (
    "Chosen runs without further training, with the parameter at other values than in training; "
    "IQM over seeds, bands 95 % intervals. A memory that turns its sign at each step (swinging "
    "units) is right after even delays alone, or after odd ones alone: neighbouring values may "
    "differ."
)
_FIXED_NOTE = (
    "Under the mean input of a phase, held on. A unit with two stable fixed points is bistable and "
    "can hold a bit for any time; a swinging one (multiplier below −1) turns its sign at each step "
    "and holds it by that. Holding: the side tells a variable of the task. All else decays: λ and "
    "1 / (1 − λ) in steps are of the synapse that forgets slowest, the effective τ of the slowest "
    "stable point. Horizon: steps until 5 % of a trace is left (∞ where units hold it), and the "
    "same without writing. Filled points are stable, open ones unstable; one seed, all in "
    "fixed_points.csv. Table: IQM over seeds, of horizons the median; intervals in summary.csv."
)
_TIMESCALES = {
    "lambda": "λ",
    "tau": "1 / (1 − λ)",
    "effective_tau": "effective τ",
    "growth_per_step": "growth per step",
    "bistable_units": "bistable units",
    "holding_units": "of these holding",
    "swinging_units": "swinging units",
    "swinging_holding_units": "holding of them",
    "stable_points": "stable points",
    "horizon": "horizon",
    "horizon_without_writing": "without writing",
}


def how_blocks(tables: SummaryTables) -> list[Block]:
    """Paths, decoding, lesions, generalisation, fixed points: what there is of them."""
    blocks: list[Block] = []
    if len(tables.paths):
        blocks += [heading(path_title(tables)), note(_PATHS_NOTE), *path_drawings(tables)]
    if len(tables.decoding):
        blocks += [heading(decoding_title(tables)), note(_DECODING_NOTE)]
        blocks += [*decoding_drawings(tables), _decoding_table(tables)]
    if len(tables.lesions):
        blocks += [heading(lesion_title(tables)), note(_LESION_NOTE)]
        blocks += _lesion_tables(tables)
    if len(tables.generalisation):
        blocks += [heading(generalisation_title(tables)), note(_GENERALISATION_NOTE)]
        blocks += generalisation_drawings(tables)
    if len(tables.fixed_points) or len(tables.timescales):
        blocks += [heading(fixed_point_title(tables)), note(_FIXED_NOTE)]
        blocks += [*fixed_point_drawings(tables), *_timescale_table(tables)]
    return blocks + _left_out(tables)


def _left_out(tables: SummaryTables) -> list[Block]:
    """What the config left out, and cores without rows in a table that others have rows in."""
    said = [f"{name} (enabled: false)" for name in tables.sweep.left_out]
    missing: dict[str, list[str]] = {}
    for name in ("decoding", "lesions", "generalisation", "timescales"):
        known = set(getattr(tables, name)["core"])
        cores = [core for core in ordered_cores(tables.runs["core"]) if core not in known]
        if known and cores:
            missing.setdefault(", ".join(cores), []).append(name)
        absent = [p for p in tables.problems() if not len(of_problem(getattr(tables, name), p))]
        said += [f"{problem_title(p)} in {name}" for p in absent if known]
    said += [f"{cores} in {', '.join(names)}" for cores, names in missing.items()]
    text = f"Left out, or without anything to say: {'; '.join(said)}."
    return [note(text, opens=False)] if said else []


def _decoding_table(tables: SummaryTables) -> Block:
    """Scores as means over steps: of each core by source, at the same and at other times."""
    parts = [("M", "same_time"), ("M", "other_times"), ("h", "same_time"), ("h", "other_times")]
    parts += [("x", "same_time"), ("", "shuffled")]
    names = ["M", "M, other steps", "h", "h, other steps", "x", "shuffled"]
    columns = {"mean over steps": "rest"} | dict.fromkeys(names, "cell")
    rows: list[Block] = []
    for problem in tables.problems():
        own = of_problem(tables.decoding, problem)
        rows += [{"title": problem_title(problem)}] if len(own) else []
        for core in ordered_cores(own["core"]):
            of_core = where(own, core=core)
            for variable in dict.fromkeys(of_core["variable"]):
                found = where(of_core, variable=variable)
                cells = (_mean(found, source, statistic) for source, statistic in parts)
                rows.append(row(f"{core}: {variable}", *map(number_text, cells)))
    return table(columns, rows)


def _mean(found: pd.DataFrame, source: str, statistic: str) -> float:
    own = where(found, statistic=statistic)
    own = where(own, source=source) if source else own
    return float(own["value"].mean()) if len(own) else np.nan


def _lesion_tables(tables: SummaryTables) -> Iterator[Block]:
    """A table per problem: a row per lesion, its control dimmed below it, a column per core."""
    for problem in tables.problems():
        own = of_problem(tables.lesions, problem)
        if len(own):
            cores = ordered_cores(own["core"])
            lead = cores[0]
            columns = {"lesion": "rest", f"seeds of {lead}": "lane", f"{lead} − control": "cell"}
            columns |= dict.fromkeys(cores, "cell")
            rows = list(_lesion_rows(tables, problem, own, cores))
            yield table(columns, rows)


def _lesion_rows(
    tables: SummaryTables, problem: Problem, own: pd.DataFrame, cores: list[str]
) -> Iterator[Block]:
    """The rows throughout and of one phase; of several strengths of a lesion the smallest."""
    metric, controls = own["metric"].iloc[0], set(own["control"]) - {""}
    scale = scale_of(tables, problem, metric)
    seeds = of_problem(tables.lesion_seeds, problem, core=cores[0])
    for phase in dict.fromkeys(own["phase"]):
        if phase not in ("all", telling_phase(own)):
            continue
        place = "throughout" if phase == "all" else f"in the phase {phase}"
        yield {"title": f"{problem_title(problem)}, {METRIC_LABELS[metric]}: {place}"}
        of_phase = where(own, phase=phase)
        for lesion in dict.fromkeys(of_phase["lesion"]):
            rows = where(of_phase, lesion=lesion)
            x, control = rows["x"].min(), rows["control"].iloc[0]
            for name in [lesion, control] if lesion not in controls else []:
                beside = where(of_phase, lesion=name, x=x)
                if name and len(beside):
                    values = where(seeds, phase=phase, lesion=name, x=x)["value"]
                    yield from _lesion_row(beside, scale, values, cores, name in controls)
    yield scale.level_rows(3 + len(cores), 3)[-1]  # its ends alone


def _lesion_row(
    rows: pd.DataFrame, scale: Scale, seeds: pd.Series, cores: list[str], dim: bool
) -> Iterator[Block]:
    """One lesion, and where its memory came from another episode, how often that one's answer."""
    name = "untouched" if rows["lesion"].iloc[0] == UNTOUCHED else rows["lesion"].iloc[0]
    name += f" ({rows['x'].iloc[0]:g})" if rows["x"].iloc[0] else ""
    found = {name: rows_by(own, "core") for name, own in rows.groupby("statistic")}
    score, gap = found["score"], found.get("minus_control", {}).get(cores[0])
    unknown = {"value": np.nan, "low": np.nan, "high": np.nan}
    lane = scale.lane("" if dim else cores[0], seeds, score.get(cores[0], unknown))
    cells = [row_text(score.get(core)) for core in cores]
    difference = "" if gap is None else row_text(gap, signed=True)
    look = "dim" if dim else ""
    yield row(f"   beside: {name}" if dim else name, lane, difference, *cells, look=look)
    if donors := found.get("follows_donor"):
        cells = [row_text(donors.get(core)) for core in cores]
        yield row("   of these as the donor", "", "", *cells, look="dim")


def _timescale_table(tables: SummaryTables) -> list[Block]:
    """Rates, time constants and fixed points of each core and phase."""
    names = [name for name in _TIMESCALES if (tables.timescales["quantity"] == name).any()]
    rows: list[Block] = []
    for problem in tables.problems():
        own = of_problem(tables.timescales, problem)
        rows += [{"title": problem_title(problem)}] if len(own) else []
        for core in ordered_cores(own["core"]):
            of_core = where(own, core=core)
            for phase in dict.fromkeys(of_core["phase"]):
                found = where(of_core, phase=phase).set_index("quantity").to_dict("index")
                cells = (_timescale(found.get(name)) for name in names)
                rows.append(row(f"{core}, {phase}" if phase else core, *cells))
    columns = {"core, phase": "rest"} | {_TIMESCALES[name]: "cell" for name in names}
    return [table(columns, rows)] if rows else []


def _timescale(found: Any) -> str:
    if found is None:
        return "–"
    return "∞" if found["value"] == np.inf else number_text(found["value"])
