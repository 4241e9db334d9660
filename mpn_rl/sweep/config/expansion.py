"""From base, grids, random draws and points to the runs of a sweep."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from math import prod
from typing import Any, Literal, TypeVar

from mpn_rl.parameters.errors import ConfigError, gathered
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import applicable, lacking, read_point, run_id
from mpn_rl.parameters.values import show
from mpn_rl.sweep.config.draws import RandomSearch, read_axis, read_search

_MOST_RUNS = 100_000
_EMPTY = "{}: empty; leave it out where nothing is varied"

Values = dict[str, Any]
T = TypeVar("T")


def expand(data: Mapping[Any, Any]) -> tuple[dict[str, Hyperparameters], tuple[str, ...]]:
    """The runs that `base`, `grid`, `random` and `points` ask for, by id, and what to log.

    Raises ConfigError, a line for each thing that is wrong.
    """
    base, grids, searches, points = gathered(
        partial(Hyperparameters.read_some, data.get("base", {}), "sweep.base."),
        partial(_read_grids, data),
        partial(_read_searches, data),
        partial(_read_points, data.get("points", [])),
    )
    if not grids and not searches and not points:
        grids = [{}]
    sizes = {
        "grid": sum(prod(len(axis) for axis in grid.values()) for grid in grids) + len(points),
        "random": sum(search.size for search in searches),
    }
    if sum(sizes.values()) > _MOST_RUNS:
        key = max(sizes, key=lambda name: sizes[name])
        raise ConfigError(
            f"sweep.{key}: {sizes[key]} combinations; at most {_MOST_RUNS} are allowed"
        )
    collected = _Collected(base)
    add = collected.add
    adding = [
        partial(add, dict(zip(grid, values, strict=True)), where, merge="lossy")
        for where, grid in _placed("sweep.grid", grids)
        for values in product(*grid.values())
    ]
    adding += [
        partial(add, point, where, merge="any")
        for where, search in _placed("sweep.random", searches)
        for point in search.points()
    ]
    adding += [partial(add, p, f"sweep.points[{n}]") for n, p in enumerate(points)]
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
        self._dropped: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        self._merged: Counter[str] = Counter()

    def add(self, own: Values, where: str, merge: Literal["", "lossy", "any"] = "") -> None:
        """One point: `own` over the base.

        `merge`: it may equal another one, `lossy` by what is dropped alone.
        """
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
            places, owners = self._dropped.setdefault(name, ({}, {}))
            places[where] = owners[lacking(name, values)] = None
        identity = run_id(point)
        if identity not in self.runs:
            self.runs[identity] = point
            self._lossy[identity] = bool(dropped)
        elif self.runs[identity] != point:
            raise ConfigError(f"{where}: the hash of {identity} fits two runs; change one")
        elif merge == "any" or (merge and (dropped or self._lossy[identity])):
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
        """A line for each parameter without effect, and one for combinations that were merged."""
        unused = [name for name in self._base if name not in self._used & self._from_base]
        lines = [f"sweep.base.{name}: {self._why(name)}" for name in unused]
        lines += [_ignored(name, *found) for name, found in self._dropped.items()]
        if count := self._merged.total():
            where = _first_of(self._merged)
            lines.append(f"{where}: {count} combinations became identical and were merged")
        return tuple(lines)

    def _why(self, name: str) -> str:
        return "every run has its own" if name in self._used else "no run of this sweep has it"


def _ignored(name: str, places: Iterable[str], owners: Iterable[str]) -> str:
    """Where a parameter is given in vain, and to which tasks, cores or learners."""
    told = [*owners]
    use = "does" if len(told) == 1 else "do"
    return f"{_first_of(places)}: {', '.join(told)} {use} not use {name}; ignored"


def _first_of(places: Iterable[str]) -> str:
    """The first place in the config, and how many more there are: a sweep may have dozens."""
    first, *more = places
    return f"{first} and {len(more)} more" if more else first


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


def _read_searches(data: Mapping[Any, Any]) -> list[RandomSearch]:
    given = data.get("random", {})
    if not isinstance(given, list | tuple):
        return [read_search(given, "sweep.random")] if "random" in data else []
    if not given:
        raise ConfigError(_EMPTY.format("sweep.random"))
    return gathered(*(partial(read_search, s, f"sweep.random[{n}]") for n, s in enumerate(given)))


def _placed(path: str, listed: Sequence[T]) -> Iterator[tuple[str, T]]:
    """Each with the place where it stands in the config."""
    for number, one in enumerate(listed):
        yield f"{path}[{number}]" if len(listed) > 1 else path, one


def _read_grid(data: Any, path: str) -> dict[str, list[Any]]:
    if not isinstance(data, Mapping):
        raise ConfigError(f"{path}: {show(data)} is not a mapping of keys to lists of values")
    if not data:
        raise ConfigError(_EMPTY.format(path))
    axes = gathered(*(partial(read_axis, path, name, listed) for name, listed in data.items()))
    return dict(zip(data, axes, strict=True))
