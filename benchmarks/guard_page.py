"""Write the tables of docs/defaults.md: `python -m benchmarks.guard_page`.

They say what docs/results/defaults.csv holds. A table stands between `<!-- guard: NAME -->` and
`<!-- end -->`.
"""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.guard_rows import (
    LEAST_SOLVED,
    POOLED_SOLVED,
    POOLED_STAY,
    Row,
    clear_of_random,
    holds,
    rows_of,
)
from benchmarks.markdown import markdown, renewed
from benchmarks.turns import ROOT
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.statistics.intervals import exact_interval
from mpn_rl.sweep.summary.texts import interval_text, number_text, rounded_count

TABLE, PAGE = ROOT / "docs" / "results" / "defaults.csv", ROOT / "docs" / "defaults.md"
_NO = "**no**"


def _yes(true: bool) -> str:
    return "yes" if true else _NO


def _own(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not np.isnan(row["solved"])]


def _others(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if np.isnan(row["solved"])]


def _score(row: Row, name: str) -> str:
    return interval_text(row[name], row[f"{name}_low"], row[f"{name}_high"])


def solved_text(row: Row) -> str:
    """Seeds solved of all with their exact interval."""
    low, high = number_text(row["solved_low"]), number_text(row["solved_high"])
    return f"{row['solved']:.0f} of {row['seeds']:.0f} [{low}, {high}]"


def stay_text(row: Row) -> str:
    """Seeds that stay, of those that passed, and the share of validations that lie near."""
    if not row["passed"]:
        return "–"
    return f"{row['stay']:.0f} of {row['passed']:.0f} ({number_text(row['within'])})"


def _steps(row: Row) -> str:
    steps = row["median_steps"]
    return rounded_count(steps) if np.isfinite(steps) else f"not in {rounded_count(row['budget'])}"


def verdict(row: Row) -> str:
    """A cell in a line, as progress shows it."""
    seconds = f"{number_text(row['seconds'])} s a seed"
    if np.isnan(row["solved"]):
        random = number_text(row["random"])
        clear = "clear of" if clear_of_random(row) else "not clear of"
        return f"{_score(row, 'final')}, {clear} random {random}, {seconds}"
    return f"solved {solved_text(row)}, final {_score(row, 'final')}, {seconds}"


def own_tasks(rows: Sequence[Row]) -> list[list[str]]:
    """A row per cell with a threshold."""
    head = ["task", "core", "solved", "median steps", "final network", "best network"]
    table = [[*head, "stay", "seconds", "mark"]]
    for row in _own(rows):
        cells = [row["task"], row["core"], solved_text(row), _steps(row)]
        cells += [_score(row, "final"), _score(row, "best"), stay_text(row)]
        table.append([*cells, number_text(row["seconds"]), _yes(holds(row))])
    return table


def other_tasks(rows: Sequence[Row]) -> list[list[str]]:
    """A row per cell without a threshold."""
    table = [["task", "core", "seeds", "steps", "final network", "best network"]]
    table[0] += ["random", "seconds", "clear of random"]
    for row in _others(rows):
        cells = [row["task"], row["core"], f"{row['seeds']:.0f}", rounded_count(row["budget"])]
        cells += [_score(row, "final"), _score(row, "best"), number_text(row["random"])]
        table.append([*cells, number_text(row["seconds"]), _yes(clear_of_random(row))])
    return table


def pooled(rows: Sequence[Row]) -> list[list[str]]:
    """Shares over all cells, beside their marks."""
    own, others = _own(rows), _others(rows)
    solved, seeds = _sum(own, "solved"), _sum(own, "seeds")
    stay, passed = _sum(own, "stay"), _sum(own, "passed")
    table = [["over all", "found", "share", "mark", "holds"]]
    table.append(_share("seeds that solve it", solved, seeds, POOLED_SOLVED))
    table.append(_share("seeds that stay, of those that passed", stay, passed, POOLED_STAY))
    enough, clear = sum(map(holds, own)), sum(map(holds, others))
    cells = f"cells with {LEAST_SOLVED:g} of their seeds or more"
    table.append(_share(cells, enough, len(own), 1.0))
    table.append(_share("other tasks' cells clear of random", clear, len(others), None))
    return table


def _sum(rows: Sequence[Row], name: str) -> int:
    return int(sum(row[name] for row in rows))


def _share(what: str, number: int, of: int, mark: float | None) -> list[str]:
    if not of:
        return [what, "–", "–", "" if mark is None else f"≥ {mark:g}", ""]
    share = interval_text(number / of, *exact_interval(number, of))
    held = "" if mark is None else _yes(number >= mark * of)
    return [what, f"{number} of {of}", share, "" if mark is None else f"≥ {mark:g}", held]


def by_core(rows: Sequence[Row]) -> list[list[str]]:
    """What each core reaches over all tasks with a threshold."""
    table = [["core", "solved", "stay", "cells that hold", "seconds of one core"]]
    own = _own(rows)
    for core in dict.fromkeys(row["core"] for row in own):
        cells = [row for row in own if row["core"] == core]
        solved, seeds = _sum(cells, "solved"), _sum(cells, "seeds")
        stay, passed = _sum(cells, "stay"), _sum(cells, "passed")
        held = f"{sum(map(holds, cells))} of {len(cells)}"
        taken = f"{sum(row['cell_seconds'] for row in cells):,.0f}"
        table.append([core, f"{solved} of {seeds}", f"{stay} of {passed}", held, taken])
    return table


def recipe(rows: Sequence[Row]) -> list[list[str]]:
    """What null came to mean, and for which tasks."""
    tasks = dict[str, dict[str, None]]()
    for row in rows:
        tasks.setdefault(row["recipe"] or "–", {})[row["task"]] = None
    return [["tasks", "null means"], *([", ".join(names), text] for text, names in tasks.items())]


TABLES: dict[str, Callable[[Sequence[Row]], list[list[str]]]] = {
    "pooled": pooled,
    "by_core": by_core,
    "own_tasks": own_tasks,
    "other_tasks": other_tasks,
    "recipe": recipe,
}


def rewritten(text: str, rows: Sequence[Row]) -> str:
    """The page with every table updated."""
    return renewed(text, r"guard: (\w+)", lambda name: markdown(TABLES[name](rows)))


def main() -> None:
    """Write the page anew."""
    atomic_write_text(PAGE, rewritten(PAGE.read_text(), rows_of(TABLE.read_text())))


if __name__ == "__main__":
    main()
