"""From base, grids and points to the runs of a sweep."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.points import applicable, lacking, read_point, run_id
from mpn_rl.parameters.values import show, unknown_key

_MOST_RUNS = 100_000
_EMPTY = "{}: empty; leave it out where nothing is varied"

Values = dict[str, Any]


def expand(
    data: Mapping[Any, Any], problems: list[str]
) -> tuple[dict[str, Hyperparameters], list[str]]:
    """The runs that `base`, `grid` and `points` ask for, by id, and what to log.

    What is wrong is added to `problems`, a line each; the runs count only if there is nothing.
    """
    before = len(problems)
    base = _read_mapping(data.get("base", {}), "sweep.base", problems)
    grids = _read_grids(data["grid"], problems) if "grid" in data else []
    points = _read_points(data.get("points", []), problems)
    if len(problems) > before:
        return {}, []
    if "grid" not in data and not points:
        grids = [{}]
    size = sum(prod(len(axis) for axis in grid.values()) for grid in grids) + len(points)
    if size > _MOST_RUNS:
        problems.append(f"sweep.grid: {size} combinations; at most {_MOST_RUNS} are allowed")
        return {}, []
    collected = _Collected(problems)
    for number, grid in enumerate(grids):
        where = "sweep.grid" if len(grids) == 1 else f"sweep.grid[{number}]"
        for combination in product(*grid.values()):
            collected.add(base, dict(zip(grid, combination, strict=True)), where, merge=True)
    for number, point in enumerate(points):
        collected.add(base, point, f"sweep.points[{number}]", merge=False)
    return collected.runs, [*_unused(base, collected), *collected.messages()]


class _Collected:
    """Runs by id, what each point had to drop, and which parameters had an effect at all."""

    def __init__(self, problems: list[str]) -> None:
        self.runs: dict[str, Hyperparameters] = {}
        self.used: set[str] = set()
        self.from_base: set[str] = set()
        self._problems = problems
        self._lossy: dict[str, bool] = {}
        self._dropped: Counter[tuple[str, str]] = Counter()
        self._merged: Counter[str] = Counter()

    def add(self, base: Values, own: Values, where: str, merge: bool) -> None:
        """One point: `own` over `base`. With `merge`, it may equal another by what is dropped."""
        values = {**base, **own}
        try:
            point = read_point(values)
        except ConfigError as error:
            lines = str(error).splitlines()
            self._problems += [_place(line, base, own, where) for line in lines]
            return
        has = set(applicable(values))
        self.used |= has
        self.from_base |= base.keys() - own.keys()
        dropped = [name for name in own if name not in has]
        for name in dropped:
            self._dropped[where, f"{lacking(name, values)} has no {name}"] += 1
        identity = run_id(point)
        if identity not in self.runs:
            self.runs[identity] = point
            self._lossy[identity] = bool(dropped)
        elif self.runs[identity] != point:
            self._problems.append(f"{where}: the hash of {identity} fits two runs; change one")
        elif merge and (dropped or self._lossy[identity]):
            self._merged[where] += 1
        else:
            given = ", ".join(f"{name}: {show(value)}" for name, value in own.items())
            self._problems.append(f"{where}: the point {{{given}}} is given twice")

    def messages(self) -> list[str]:
        """A line for each parameter dropped and for each grid with merged combinations."""
        return [
            *(f"{where}: {what}, dropped" for where, what in self._dropped),
            *(
                f"{where}: {count} combinations equal others without what was dropped, merged"
                for where, count in self._merged.items()
            ),
        ]


def _place(problem: str, base: Values, own: Values, where: str) -> str:
    """The part of the config that a contradiction, which begins with its key, stands in."""
    name = problem.split(":", 1)[0]
    if name in own:
        return f"{where}.{problem}"
    return f"sweep.base.{problem}" if name in base else f"sweep: {problem}"


def _unused(base: Values, collected: _Collected) -> list[str]:
    return [
        f"sweep.base.{name}: "
        + ("every run has its own" if name in collected.used else "no run of this sweep has it")
        for name in base
        if name not in collected.used & collected.from_base
    ]


def _read_mapping(data: Any, path: str, problems: list[str]) -> Values:
    try:
        return Hyperparameters.read_some(data, f"{path}.")
    except ConfigError as error:
        problems += str(error).splitlines()
        return {}


def _read_points(data: Any, problems: list[str]) -> list[Values]:
    if not isinstance(data, list | tuple):
        problems.append(f"sweep.points: {show(data)} is not a list of mappings")
        return []
    return [
        _read_mapping(point, f"sweep.points[{number}]", problems)
        for number, point in enumerate(data)
    ]


def _read_grids(data: Any, problems: list[str]) -> list[dict[str, list[Any]]]:
    if not isinstance(data, list | tuple):
        return [_read_grid(data, "sweep.grid", problems)]
    if not data:
        problems.append(_EMPTY.format("sweep.grid"))
    return [_read_grid(grid, f"sweep.grid[{number}]", problems) for number, grid in enumerate(data)]


def _read_grid(data: Any, path: str, problems: list[str]) -> dict[str, list[Any]]:
    if not isinstance(data, Mapping):
        problems.append(f"{path}: {show(data)} is not a mapping of keys to lists of values")
        return {}
    if not data:
        problems.append(_EMPTY.format(path))
    return {key: _read_axis(path, key, listed, problems) for key, listed in data.items()}


def _read_axis(path: str, name: Any, listed: Any, problems: list[str]) -> list[Any]:
    """The different values of a hyper-parameter; `listed` may be anything."""
    if name not in FIELDS:
        problems.append(unknown_key(f"{path}.", name, FIELDS))
    elif not isinstance(listed, list | tuple):
        problems.append(f"{path}.{name}: {show(listed)} is not a list of values")
    elif not listed:
        problems.append(f"{path}.{name}: an empty list; it needs at least one value")
    else:
        return _read_listed(path, name, listed, problems)
    return []


def _read_listed(path: str, name: str, listed: Sequence[Any], problems: list[str]) -> list[Any]:
    axis: list[Any] = []
    for value in listed:
        before = len(problems)
        read = _read_mapping({name: value}, path, problems)
        if len(problems) > before:
            continue
        if read[name] in axis:
            problems.append(f"{path}.{name}: {show(value)} is given twice")
        axis.append(read[name])
    return axis
