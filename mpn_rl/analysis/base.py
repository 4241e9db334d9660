"""The interface that analyses of anybody's own have, and what they are given."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.activity import Activity
from mpn_rl.artifacts.measured import LONGEST_TEXT, TEXT
from mpn_rl.errors import UserError
from mpn_rl.parameters.fields import Parameters
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.plugins import plugged
from mpn_rl.parameters.values import LARGEST_INTEGER
from mpn_rl.playing.memory import Memory
from mpn_rl.playing.seeding import integer_seed

if TYPE_CHECKING:  # what loads matplotlib or Gymnasium
    from matplotlib.axes import Axes

    from mpn_rl.playing.rollout import Greedy
    from mpn_rl.tasks.base import VectorTask

Own = TypeVar("Own", bound=Parameters)
Kind = type[int] | type[float] | type[str]

TAKEN = frozenset(["seed", "run", *FIELDS])  # columns that tables of a sweep have already
_TYPES: dict[Any, str] = {int: "i8", float: "f8", str: TEXT}
_FITTING = {int: "iu", float: "fiu", str: "U"}
_WORDS = {int: "whole numbers", float: "numbers", str: "texts"}


@dataclass(frozen=True)
class Recorded:
    """Greedy episodes of one seed's agent, padded to the longest (nan for floats, -1 for integers).

    lengths (episode,); h (episode, time, hidden), what the core put out; x (episode', time, input),
    what it was given; observations (episode', time, entry); both of all episodes but where they are
    wide; actions, rewards, phases (episode, time); q_values (episode, time, action); correct
    (episode,); variables: name → (episode, time); phases number `phase_names`. `weights` are the
    network's by name. `generator` is the only source of what is random. `memory()` gives the
    modulations M, None where there are none; `agent(num_envs)` and `task(num_envs)` play further
    episodes.
    """

    seed: int
    hyperparameters: Hyperparameters
    lengths: NDArray[np.int64]
    h: NDArray[np.float32]
    x: NDArray[np.float32]
    observations: NDArray[np.float32]
    actions: NDArray[np.int64]
    rewards: NDArray[np.float32]
    phases: NDArray[np.int64]
    q_values: NDArray[np.float32]
    correct: NDArray[np.float64]
    phase_names: tuple[str, ...]
    variables: Mapping[str, NDArray[np.float64]]
    weights: Mapping[str, NDArray[Any]]
    generator: np.random.Generator
    memory: Callable[[], Memory | None]
    agent: Callable[[int], "Greedy"]
    task: Callable[[int], "VectorTask"]

    @classmethod
    def of(cls, activity: Activity, place: int, **more: Any) -> Self:
        """The seed that stands at `place` in a recording; `more` is what this does not hold."""
        seed = int(activity.seeds[place])
        names = {field.name for field in fields(cls)} & {field.name for field in fields(activity)}
        own = {name: getattr(activity, name) for name in names}
        own = {name: a[place] if isinstance(a, np.ndarray) else a for name, a in own.items()}
        own["variables"] = {name: values[place] for name, values in activity.variables.items()}
        generator = np.random.default_rng(integer_seed(seed, "collection_task", 2))
        return cls(seed=seed, generator=generator, **own, **more)


class Analysis(ABC, Generic[Own]):
    """An analysis of recorded agents: a table with a row per whatever it counts, and a figure.

    `columns` says what a table has, name → int, float or str; a column `seed` is put before them,
    and `run` and hyper-parameters where a sweep's are stacked, so that these names are taken.
    Columns of floats are what is measured: the summary shows their means over a seed's rows, apart
    for each of its texts. `unknown` names those that may be nan, where nothing can be said.
    """

    columns: ClassVar[Mapping[str, Kind]]
    unknown: ClassVar[Collection[str]] = ()

    def __init__(self, parameters: Own) -> None:
        """Keep the parameters; a class with own ones names their model here."""
        self.parameters = parameters

    @abstractmethod
    def measure(self, recorded: Recorded) -> Mapping[str, Any]:
        """The columns for one seed, equally long: arrays, lists, or single values for one row."""

    def draw(self, ax: "Axes", table: Any) -> None:
        """Draw the table of all seeds (an array or data frame): the first floats, dots by seed.

        They stand over the first whole numbers, or over the seeds where there are none.
        """
        kinds = {kind: name for name, kind in reversed([*self.columns.items()])}
        over, value = kinds.get(int, "seed"), kinds.get(float, "seed")
        seeds = np.asarray(table["seed"])
        for seed in np.unique(seeds):
            x, y = (np.asarray(table[name])[seeds == seed] for name in (over, value))
            ax.plot(x, y, "o", markersize=3, label=f"seed {seed}")
        ax.set(xlabel=over, ylabel=value)


def load_analysis(name: str) -> Analysis[Any]:
    """The analysis "module:Class(option=value)"; UserError where there is none, or for options."""
    found: Analysis[Any] = plugged(name, "analysis")(Parameters())
    problem = _wrong_columns(getattr(found, "columns", None), found.unknown)
    if problem:
        raise UserError(f"analysis {name!r}: {problem}")
    return found


def table_type(analysis: Analysis[Any]) -> np.dtype[np.void]:
    """The type of the rows of its table: the seed, then `columns`."""
    columns = [(name, _TYPES[kind]) for name, kind in analysis.columns.items()]
    return np.dtype([("seed", "i8"), *columns])


def measured(analysis: Analysis[Any], recorded: Recorded) -> NDArray[np.void]:
    """The rows of one seed (row,); UserError where they are not what `columns` says."""
    given = analysis.measure(recorded)
    name = type(analysis).__name__
    if not isinstance(given, Mapping) or {*given} != {*analysis.columns}:
        got = ", ".join(map(str, given)) if isinstance(given, Mapping) else type(given).__name__
        raise UserError(f"{name}.measure gives {got}, not columns {', '.join(analysis.columns)}")
    found = {key: _column(given[key], f"{name}.measure: column {key}") for key in analysis.columns}
    sizes = {array.shape for array in found.values()}
    if len(sizes) > 1 or len(next(iter(sizes))) > 1:
        shapes = ", ".join(f"{key} {array.shape}" for key, array in found.items())
        raise UserError(f"{name}.measure gives columns that are not equally long: {shapes}")
    for key, kind in analysis.columns.items():
        if problem := _unfit(found[key], kind, key in analysis.unknown):
            raise UserError(f"{name}.measure: column {key} {problem}")
    rows = np.empty(len(next(iter(found.values()))), table_type(analysis))
    rows["seed"] = recorded.seed
    for key, array in found.items():
        rows[key] = array
    return rows


def _column(values: Any, place: str) -> NDArray[Any]:
    """An array of what is given as a column; UserError with the `place` where it has no shape."""
    if np.ma.is_masked(values):
        raise UserError(f"{place} has masked values; nan stands for what is not known")
    try:
        return np.atleast_1d(np.asarray(values))
    except ValueError as error:  # lists of lists that are not equally long
        raise UserError(f"{place} is no array: {error}") from error


def _wrong_columns(columns: Any, unknown: Any) -> str:
    """What is wrong with the columns that a class names, or nothing."""
    if not isinstance(columns, Mapping) or not columns:
        return "its `columns` name no column"
    for name, kind in columns.items():
        fits = isinstance(name, str) and name.isidentifier() and name not in TAKEN
        if not fits or not any(kind is one for one in _TYPES):
            others = "seed, run and those of hyper-parameters"
            return f"column {name!r} is to be a name other than {others}, of int, float or str"
    if isinstance(unknown, str) or not isinstance(unknown, Collection):
        return f"unknown is {unknown!r}, not names of columns such as {[*columns][:1]}"
    absent = [name for name in unknown if columns.get(name) is not float]
    return f"unknown names {absent[0]!r}, which is no column of floats" if absent else ""


def _unfit(column: NDArray[Any], kind: Any, may_be_nan: bool) -> str:
    """Why an array is no column of this kind, or nothing."""
    if column.size and column.dtype.kind not in _FITTING[kind]:
        return f"holds {column.dtype}, not {_WORDS[kind]}"
    if kind is int and column.dtype.kind == "u" and column.size and column.max() > LARGEST_INTEGER:
        largest = f"{LARGEST_INTEGER}, the largest whole number of a table"
        return f"holds {column.max()}, more than {largest}"
    if kind is str and any(len(text) > LONGEST_TEXT for text in column.tolist()):
        return f"holds a text of more than {LONGEST_TEXT} letters"
    if kind is str and not all(text.isprintable() for text in column.tolist()):
        return "holds a text that is not one line of printable letters"
    if kind is not float or not column.size:
        return ""
    with np.errstate(over="ignore"):  # of longer floats, which become infinite
        number = column.astype(_TYPES[float])
    finite = np.isfinite(number) | (may_be_nan & np.isnan(number))
    return "" if finite.all() else "is not finite; `unknown` says which columns may be nan"
