"""What was found of how a memory works, in a sentence each, with numbers from the tables.

Each sentence is about one core, mpn where the sweep has it: of a single problem it gives the
numbers, of several in how many of them something holds.
"""

from typing import Any

import pandas as pd

from mpn_rl.figures.style import ordered_cores
from mpn_rl.sweep.summary.data import Problem, SummaryTables, of_problem, rows_by, where
from mpn_rl.sweep.summary.texts import counted, interval_text, number_text, parameter_name

_HOLDING = ("holding_units", "swinging_holding_units")
_NEAR = 0.05  # of its best score: what still counts as kept


def decoding_title(tables: SummaryTables) -> str:
    """At how many steps the first variable can be told from M, h and x."""
    core, found = _of_lead(tables, tables.decoding)
    counts = [_readable(own) for own in found]
    if len(counts) == 1:
        own, (variable, steps) = found[0], next(iter(counts[0].items()))
        several = own.loc[own["variable"] == variable, "x"].nunique()
        said = ", ".join(f"from {source} at {number}" for source, number in steps.items())
        return f"{core}: {variable} can be read {said} of {counted(several, 'step')}"
    parts = []
    for source in ("M", "h", "x"):
        most = sum(_mostly(own, steps, source) for own, steps in zip(found, counts, strict=True))
        known = any(source in steps for by in counts for steps in by.values())
        parts += [f"from {source} in {most}"] * known
    return f"What {core} saw can be read at most steps {', '.join(parts)} of {len(found)} problems"


def _readable(own: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Variable → source → the number of steps whose score lies above that of shuffled labels."""
    found: dict[str, dict[str, int]] = {}
    for (variable, source), rows in own.groupby(["variable", "source"], sort=False):
        score, control = (
            where(rows, statistic=name).set_index("x") for name in ("same_time", "shuffled")
        )
        low = score["low"].fillna(score["value"])
        high = control["high"].fillna(control["value"]).reindex(score.index)
        found.setdefault(str(variable), {})[str(source)] = int((low > high).sum())
    return found


def _mostly(own: pd.DataFrame, counts: dict[str, dict[str, int]], source: str) -> bool:
    variable, steps = next(iter(counts.items()))
    several = own.loc[own["variable"] == variable, "x"].nunique()
    return 2 * steps.get(source, 0) > several


def lesion_title(tables: SummaryTables) -> str:
    """What did more harm than its control, and most of all."""
    core, found = _of_lead(tables, tables.lesions)
    worst = [_worst(own) for own in found]
    harmed = [each for each in worst if each is not None]
    if not any((own["statistic"] == "minus_control").any() for own in found):
        return f"Lesions of {core}, none with a matched control"
    if not harmed:
        return f"No lesion of {core} did clearly more harm than its control"
    most = min(harmed, key=lambda each: each[0]["value"])
    gap, score, control = most
    said = (
        f"after '{_named(gap)}' {core} scores {number_text(score)}, after its control "
        f"{number_text(control)}"
    )
    if len(found) == 1:
        return said[0].upper() + said[1:]
    return (
        f"A lesion did more harm than its control in {len(harmed)} of {len(found)} problems: {said}"
    )


def _worst(own: pd.DataFrame) -> tuple[Any, float, float] | None:
    """The lesion that lies furthest below its control, its score and that of the control."""
    gaps = where(own, statistic="minus_control")
    known = gaps[(gaps["n"] > 1) & (2 * gaps["n"] > gaps["n"].max())]
    clear: pd.DataFrame = known[known["high"].fillna(known["value"]) < 0]
    if not len(clear):
        return None
    gap = clear.sort_values("value", kind="stable").iloc[0]
    scores = where(own, statistic="score", phase=gap["phase"], x=gap["x"])
    score, control = (where(scores, lesion=gap[name]) for name in ("lesion", "control"))
    return gap, score["value"].iloc[0], control["value"].iloc[0]


def telling_phase(own: pd.DataFrame) -> str:
    """Where a lesion lies furthest below its control, of single phases; the last without any."""
    single = own[own["phase"] != "all"]
    gaps = where(single, statistic="minus_control").dropna(subset="value")
    if len(gaps):
        worst = _worst(own)
        named = "all" if worst is None else str(worst[0]["phase"])
        lowest = gaps.sort_values("value", kind="stable").iloc[0]
        return named if named != "all" else str(lowest["phase"])
    return str(single["phase"].iloc[-1]) if len(single) else "all"


def _named(lesion: Any) -> str:
    amount = f" ({lesion['x']:g})" if lesion["x"] else ""
    phase = "throughout" if lesion["phase"] == "all" else lesion["phase"]
    return f"{lesion['lesion']}{amount}, {phase}"


def generalisation_title(tables: SummaryTables) -> str:
    """Between which scores a core lies over the parameter's values, and without writing."""
    core, found = _of_lead(tables, tables.generalisation)
    if len(found) > 1:
        kept = sum(_kept(own) for own in found)
        return (
            f"At all values tried, {core} stays within {_NEAR} of its best score in {kept} of "
            f"{len(found)} problems"
        )
    own = found[0]
    first, *others = dict.fromkeys(own["statistic"])
    axis, ends = parameter_name(str(own["axis"].iloc[0])), own["x"].agg(["min", "max"])
    over = f"Over {axis} {ends['min']:,g} to {ends['max']:,g}"
    title = f"{over}, {core} scores {_range(where(own, statistic=first))}"
    return title + "".join(f"; {o}: {_range(where(own, statistic=o))}" for o in others)


def _range(rows: pd.DataFrame) -> str:
    """The lowest and the highest score, and where they are."""
    ordered = rows.sort_values(["value", "x"], kind="stable")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    if number_text(low["value"]) == number_text(high["value"]):
        return f"{number_text(low['value'])} everywhere"
    ends = (f"{number_text(end['value'])} (at {end['x']:,g})" for end in (low, high))
    return " to ".join(ends)


def _kept(own: pd.DataFrame) -> bool:
    intact = where(own, statistic=own["statistic"].iloc[0])["value"]
    return bool(intact.min() >= intact.max() - _NEAR)


def fixed_point_title(tables: SummaryTables) -> str:
    """How many units have two stable fixed points, in the phase in which most have."""
    core, found = _of_lead(tables, tables.timescales)
    most = []
    for own in found:
        units = where(own, quantity="bistable_units").dropna(subset="value")
        units = units.sort_values("value", ascending=False, kind="stable")
        most += [units.iloc[0]] if len(units) else []
    if not most:
        return "Fixed points and time constants"
    if len(found) > 1:
        several = sum(each["value"] > 0 for each in most)
        return f"Units of {core} are bistable in {several} of {len(found)} problems"
    first = most[0]
    if not first["value"] > 0:
        return f"No unit of {core} has more than one stable fixed point"
    number = interval_text(first["value"], first["low"], first["high"])
    of_phase = rows_by(where(found[0], phase=first["phase"]), "quantity")
    swinging = of_phase.get("swinging_units", {"value": 0.0})["value"]
    held = [of_phase[n]["value"] for n in _HOLDING if n in of_phase]
    title = f"{number} units of {core} are bistable in the phase {first['phase']}"
    title += f", {number_text(swinging)} swing" if swinging > 0 else ""
    return title + (f"; {number_text(sum(held))} of them hold a variable" if held else "")


def path_title(tables: SummaryTables) -> str:
    """Whose paths are drawn."""
    core, found = _of_lead(tables, tables.paths)
    labels = list(dict.fromkeys(label.partition(" = ")[0] for label in found[0]["label"]))
    seed = found[0]["seed"].iloc[0]
    return f"How it works: paths of {core}'s state, seed {seed}, by {', '.join(labels)}"


def _of_lead(tables: SummaryTables, rows: pd.DataFrame) -> tuple[str, list[pd.DataFrame]]:
    """The core that titles are about, and its rows of each problem that has some."""
    cores = ordered_cores(rows["core"])
    core = next((name for name in cores if name == "mpn"), cores[0] if cores else "")
    problems: list[Problem] = tables.problems()
    parts = [of_problem(rows, problem, core=core) for problem in problems]
    return core, [part for part in parts if len(part)]
