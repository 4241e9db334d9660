"""Random values of a sweep: drawn once from a seed, and as explicit as a grid's from then on.

The k-th value of a hyper-parameter depends on the seed, its name, its range and k alone: neither
the order of keys nor what else is varied nor a larger number of draws changes it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from random import Random
from typing import Any, Literal, cast

from mpn_rl.parameters.errors import ConfigError, gathered
from mpn_rl.parameters.fields import Count, Natural, Parameters, parameter
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.values import as_number, as_whole_number, nearest, show, unknown_key

Values = dict[str, Any]
Kind = Literal["uniform", "log_uniform"]
KINDS = ("uniform", "log_uniform")
# A value as one would write it. It is also the same everywhere: the last digits of a logarithm are
# not the same on all machines.
_DIGITS = 4


class DrawSettings(Parameters):
    """How values of `sweep.random` are drawn; beside these stands what is varied."""

    draws: Count = parameter(8, "points for each combination of the values that are listed")
    seed: Natural = parameter(0, "where the draws come from; more draws keep the earlier ones")


@dataclass(frozen=True)
class Range:
    """Values of one hyper-parameter between two bounds, which belong to it.

    uniform:      low + u (high − low)
    log_uniform:  low (high / low)^u        u uniform in [0, 1)

    Whole numbers are drawn of low … high + 1 and rounded down.
    """

    name: str
    kind: Kind
    low: float
    high: float
    whole: bool

    def draw(self, seed: int, number: int) -> list[float]:
        """The first `number` values of a seed."""
        generator = Random(f"{seed} {self.name}")
        return [self._at(generator.random()) for _ in range(number)]

    def _at(self, share: float) -> float:
        end = self.high + self.whole
        if self.kind == "log_uniform":
            value = self.low * math.exp(share * math.log(end / self.low))
        else:
            value = self.low + share * (end - self.low)
        value = math.floor(value) if self.whole else float(f"{value:.{_DIGITS}g}")
        return min(max(value, self.low), self.high)


@dataclass(frozen=True)
class RandomSearch:
    """Every combination of `listed` values, each with the same `draws` of all ranges."""

    listed: Mapping[str, list[Any]]
    ranges: tuple[Range, ...]
    settings: DrawSettings

    @property
    def size(self) -> int:
        """How many points it has."""
        return math.prod(map(len, self.listed.values())) * self.settings.draws

    def points(self) -> list[Values]:
        """The points, those of one combination together."""
        number, seed = self.settings.draws, self.settings.seed
        drawn = {each.name: each.draw(seed, number) for each in self.ranges}
        rows = [{name: values[k] for name, values in drawn.items()} for k in range(number)]
        combinations = product(*self.listed.values())
        fixed = [dict(zip(self.listed, values, strict=True)) for values in combinations]
        return [{**own, **row} for own in fixed for row in rows]


def read_search(data: Any, path: str) -> RandomSearch:
    """One section `random` from what may be anything; ConfigError, a line per problem."""
    if not isinstance(data, Mapping):
        raise ConfigError(f"{path}: {show(data)} is not a mapping of keys to ranges or lists")
    own = {key: data[key] for key in data if key in DrawSettings.model_fields}
    varied = {key: given for key, given in data.items() if key not in own}
    settings, *read = gathered(
        partial(DrawSettings.read, own, f"{path}."),
        *(partial(_read_axis, path, name, given) for name, given in varied.items()),
    )
    ranges = tuple(each for each in read if isinstance(each, Range))
    listed = {n: each for n, each in zip(varied, read, strict=True) if isinstance(each, list)}
    if not ranges:
        raise ConfigError(f"{path}: no range to draw from, such as eta: {{uniform: [0, 1]}}")
    return RandomSearch(listed, ranges, settings)


def read_axis(path: str, name: Any, listed: Any) -> list[Any]:
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


def numeric(name: str) -> bool:
    """Whether values of a hyper-parameter can be drawn from a range."""
    return _type_of(name) in ("integer", "number")


def _type_of(name: str) -> str:
    schema = FIELDS[name].schema
    return str(schema.get("anyOf", [schema])[0]["type"])


def _read_axis(path: str, name: Any, given: Any) -> list[Any] | Range:
    if name not in FIELDS:
        raise ConfigError(unknown_key(f"{path}.", name, [*DrawSettings.model_fields, *FIELDS]))
    if not isinstance(given, Mapping):
        return read_axis(path, name, given)
    if len(given) != 1 or (kind := next(iter(given))) not in KINDS:
        odd = next((str(key) for key in given if key not in KINDS), "")
        one = f"one of {', '.join(KINDS)}{nearest(odd, KINDS)}"
        raise ConfigError(f"{path}.{name}: {show(dict(given))} is not {one}")
    return _read_range(f"{path}.{name}", name, kind, given[kind])


def _read_range(path: str, name: str, kind: str, bounds: Any) -> Range:
    whole = _type_of(name) == "integer"
    if not numeric(name):
        raise ConfigError(f"{path}: has no range of numbers; list its values")
    read = as_whole_number if whole else as_number
    listed = bounds if isinstance(bounds, list | tuple) else ()
    found = [number for value in listed if (number := read(value)) is not None]
    words = "whole numbers" if whole else "numbers"
    if not len(found) == len(listed) == 2 or found[0] >= found[1]:
        raise ConfigError(f"{path}.{kind}: {show(bounds)} is not two rising {words}")
    for value in listed:  # that each of them is allowed
        Hyperparameters.read_some({name: value}, f"{path.rpartition('.')[0]}.")
    low, high = found
    if kind == "log_uniform" and low <= 0:
        raise ConfigError(f"{path}.{kind}: {show(bounds)} does not begin above 0")
    return Range(name, cast(Kind, kind), low, high, whole)
