"""From base, grids and points to the runs of a sweep."""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from itertools import product
from math import prod
from typing import Any

from mpn_rl.parameters.errors import ConfigError, gathered
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.points import applicable, lacking, read_point, run_id
from mpn_rl.parameters.values import show, unknown_key

_MOST_RUNS = 100_000
_EMPTY = "{}: empty; leave it out where nothing is varied"

Values = dict[str, Any]


def expand(data: Mapping[Any, Any]) -> tuple[dict[str, Hyperparameters], tuple[str, ...]]:
    """The runs that `base`, `grid` and `points` ask for, by id, and what to log.

    Raises ConfigError, a line for each thing that is wrong.
    """
    base, grids, points = gathered(
        partial(Hyperparameters.read_some, data.get("base", {}), "sweep.base."),
        partial(_read_grids, data),
        partial(_read_points, data.get("points", [])),
    )
    if not grids and not points:
        grids = [{}]
    size = sum(prod(len(axis) for axis in grid.values()) for grid in grids) + len(points)
    if size > _MOST_RUNS:
        raise ConfigError(f"sweep.grid: {size} combinations; at most {_MOST_RUNS} are allowed")
    collected = _Collected(base)
    places = [f"sweep.grid[{n}]" for n in range(len(grids))] if len(grids) > 1 else ["sweep.grid"]
    adding = [
        partial(collected.add, dict(zip(grid, values, strict=True)), where, merge=True)
        for where, grid in zip(places, grids, strict=False)
        for values in product(*grid.values())
    ]
    adding += [partial(collected.add, p, f"sweep.points[{n}]", False) for n, p in enumerate(points)]
    gathered(*adding)
    return collected.runs, collected.messages()


class _Collected:
    """Runs by id, the parameters ignored in each point, and those that had an effect."""

    def __init__(self, base: Values) -> None:
        self.runs: dict[str, Hyperparameters] = {}
        self._base = base
        self._used: set[str] = set()
        self._from_base: set[str] = set()
        self._lossy: dict[str, bool] = {}
        self._dropped: dict[str, None] = {}
        self._merged: Counter[str] = Counter()

    def add(self, own: Values, where: str, merge: bool) -> None:
        """One point: `own` over the base. With `merge`, it may equal another by what is dropped."""
        values = {**self._base, **own}
        try:
            point = read_point(values)
        except ConfigError as error:
            lines = str(error).splitlines()
            raise ConfigError("\n".join(self._place(line, own, where) for line in lines)) from None
        values["learner"] = point.learner
        has = set(applicable(values))
        self._used |= has
        self._from_base |= self._base.keys() - own.keys()
        dropped = [name for name in own if name not in has]
        for name in dropped:
            self._dropped[f"{where}: {lacking(name, values)} does not use {name}; ignored"] = None
        identity = run_id(point)
        if identity not in self.runs:
            self.runs[identity] = point
            self._lossy[identity] = bool(dropped)
        elif self.runs[identity] != point:
            raise ConfigError(f"{where}: the hash of {identity} fits two runs; change one")
        elif merge and (dropped or self._lossy[identity]):
            self._merged[where] += 1
        else:
            given = ", ".join(f"{name}: {show(value)}" for name, value in own.items())
            raise ConfigError(f"{where}: the point {{{given}}} is given twice")

    def _place(self, problem: str, own: Values, where: str) -> str:
        """The part of the config that a contradiction, which begins with its key, stands in."""
        name = problem.split(":", 1)[0]
        if name in own:
            return f"{where}.{problem}"
        return f"sweep.base.{problem}" if name in self._base else f"sweep: {problem}"

    def messages(self) -> tuple[str, ...]:
        """A line for each parameter without effect, and for each grid with merged combinations."""
        unused = [name for name in self._base if name not in self._used & self._from_base]
        merged = "{}: {} combinations became identical and were merged"
        return (
            *(f"sweep.base.{name}: {self._why(name)}" for name in unused),
            *self._dropped,
            *(merged.format(where, count) for where, count in self._merged.items()),
        )

    def _why(self, name: str) -> str:
        return "every run has its own" if name in self._used else "no run of this sweep has it"


def _read_points(data: Any) -> list[Values]:
    if not isinstance(data, list | tuple):
        raise ConfigError(f"sweep.points: {show(data)} is not a list of mappings")
    read = Hyperparameters.read_some
    return gathered(*(partial(read, one, f"sweep.points[{n}].") for n, one in enumerate(data)))


def _read_grids(data: Mapping[Any, Any]) -> list[dict[str, list[Any]]]:
    given = data.get("grid", {})
    if not isinstance(given, list | tuple):
        return [_read_grid(given, "sweep.grid")] if "grid" in data else []
    if not given:
        raise ConfigError(_EMPTY.format("sweep.grid"))
    return gathered(*(partial(_read_grid, g, f"sweep.grid[{n}]") for n, g in enumerate(given)))


def _read_grid(data: Any, path: str) -> dict[str, list[Any]]:
    if not isinstance(data, Mapping):
        raise ConfigError(f"{path}: {show(data)} is not a mapping of keys to lists of values")
    if not data:
        raise ConfigError(_EMPTY.format(path))
    axes = gathered(*(partial(_read_axis, path, name, listed) for name, listed in data.items()))
    return dict(zip(data, axes, strict=True))


def _read_axis(path: str, name: Any, listed: Any) -> list[Any]:
    """The different values of a hyper-parameter; `listed` may be anything."""
    if name not in FIELDS:
        raise ConfigError(unknown_key(f"{path}.", name, FIELDS))
    if not isinstance(listed, list | tuple):
        raise ConfigError(f"{path}.{name}: {show(listed)} is not a list of values")
    if not listed:
        raise ConfigError(f"{path}.{name}: an empty list; it needs at least one value")
    read = Hyperparameters.read_some
    found = gathered(*(partial(read, {name: value}, f"{path}.") for value in listed))
    axis = [one[name] for one in found]
    twice = [value for n, value in enumerate(listed) if axis[n] in axis[:n]]
    if twice:
        raise ConfigError("\n".join(f"{path}.{name}: {show(v)} is given twice" for v in twice))
    return axis
