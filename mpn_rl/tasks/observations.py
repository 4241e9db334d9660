"""Observations of any Gymnasium space as flat arrays, and what their entries are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from mpn_rl.errors import TaskError, UserError
from mpn_rl.observations import ObservationForm, Part
from mpn_rl.tasks.kinds import PICTURE_FROM, Seen, in_doubt, parts_of

# the types that are kept as they are; whatever else there is, or a mixture, becomes float32
OWN_TYPES = frozenset(
    map(np.dtype, ("bool", "int8", "uint8", "int16", "uint16", "float16", "float32"))
)
SYMBOLS = (spaces.Discrete, spaces.MultiDiscrete)
USABLE = (spaces.Box, spaces.MultiBinary, *SYMBOLS)
# So many random steps are looked at before a grid counts as one of symbols.
LOOKED_AT = 300
# Bounds beyond this are there because a space needs some; they tell nothing of what is observed.
LOOSE = 1_000.0

# (steps, value at which looking ends) -> what has been seen of each leaf
Look = Callable[[int, float], Sequence[Seen]]


@dataclass(frozen=True)
class Leaf:
    """A space that has no parts; `path` are the keys and numbers that lead to it."""

    path: tuple[Any, ...]
    space: spaces.Space[Any]

    @property
    def name(self) -> str:
        """Where it stands, for messages: ` of 'image'`, or nothing where it is the whole."""
        return f" of {'/'.join(map(str, self.path))!r}" if self.path else ""

    @property
    def text(self) -> bool:
        """Whether its elements are texts: also those of spaces that packages add."""
        return self.space.dtype is not None and self.space.dtype.kind == "U"

    def of(self, observation: Any) -> NDArray[Any]:
        """This part of an observation, flat, in the type in which it comes."""
        for key in self.path:
            observation = observation[key]
        if isinstance(self.space, spaces.Box):
            return np.asarray(observation).ravel()
        return np.asarray(spaces.flatten(self.space, observation))


@dataclass(frozen=True)
class Layout:
    """How observations of a `task` become flat: its leaves one behind the other, as `form` says.

    `texts` are the names of the parts that are left out. `factors` (D,) are what entries are
    multiplied by; () leaves them as they are.
    """

    task: str
    leaves: tuple[Leaf, ...]
    form: ObservationForm
    texts: tuple[str, ...] = ()
    factors: tuple[float, ...] = ()

    @property
    def box(self) -> spaces.Box:
        """The space of flat observations, Box (D,)."""
        dtype = np.dtype(self.form.dtype)
        flat = [leaf.space for leaf in self.leaves]
        flat = [s if isinstance(s, spaces.Box) else spaces.flatten_space(s) for s in flat]
        low, high = (
            self._scaled(
                np.concatenate(
                    [np.atleast_1d(getattr(s, side)).ravel().astype(dtype) for s in flat]
                )
            )
            for side in ("low", "high")
        )
        return spaces.Box(low, high, dtype=dtype.type)

    @cached_property
    def _factors(self) -> NDArray[Any] | None:
        return np.array(self.factors, self.form.dtype) if self.factors else None

    def _scaled(self, flat: NDArray[Any]) -> NDArray[Any]:
        return flat if self._factors is None else flat * self._factors

    @cached_property
    def _kept(self) -> np.dtype[Any] | None:
        """The type of whole observations that are kept as they are; None where none are."""
        whole = len(self.leaves) == 1 and isinstance(self.leaves[0].space, spaces.Box)
        plain = whole and not self.leaves[0].path and self.form.parts[0].kind != "symbols"
        return np.dtype(self.form.dtype) if plain else None

    def flatten(self, observation: Any) -> NDArray[Any]:
        """An observation -> (D,) in the form's type.

        Raises TaskError for a value that the type cannot hold, and for a symbol beyond those that
        are told apart.
        """
        if type(observation) is np.ndarray and observation.dtype == self._kept:
            return self._scaled(observation.ravel())
        parts = zip(self.leaves, self.form.parts, strict=True)
        flat = [self._stored(leaf, part, leaf.of(observation)) for leaf, part in parts]
        return self._scaled(flat[0] if len(flat) == 1 else np.concatenate(flat))

    def _stored(self, leaf: Leaf, part: Part, values: NDArray[Any]) -> NDArray[Any]:
        with np.errstate(over="ignore", invalid="ignore"):  # told below
            stored = values.astype(self.form.dtype, copy=False)
        if values.dtype != stored.dtype and stored.dtype != np.float32:
            held = np.isfinite(stored) if stored.dtype.kind == "f" else stored == values
            self._check(leaf, values, held, f"its type, {stored.dtype}, cannot hold")
        if part.kind == "symbols":
            known = (values >= 0) & (values < part.count) & (values % 1 == 0)
            self._check(
                leaf,
                values,
                known,
                f"is not a symbol from 0 to {part.count - 1}, unlike all values seen before "
                "training; set observation_kind: picture, or numbers",
            )
        return stored

    def _check(self, leaf: Leaf, values: NDArray[Any], sound: NDArray[np.bool_], why: str) -> None:
        if not sound.all():
            entry = int(np.argmin(sound))
            raise TaskError(
                f"task {self.task!r} gave {values[entry]:g} in its observation{leaf.name}, "
                f"entry {entry}, which {why}"
            )


def lay_out(
    task: str,
    space: spaces.Space[Any],
    look: Look,
    kind: str | None = None,
    scaling: str = "none",
) -> Layout:
    """How observations of `space` become flat, texts left out.

    `kind` is what the user says that observations are; None: told by looking. With `scaling`
    "bounds" numbers are seen as shares of their bounds (`factors_of`). Raises UserError for a space
    whose elements have no fixed size, or are nothing but text.
    """
    found = list(leaves_of(space))
    texts = [leaf for leaf in found if leaf.text]
    leaves = [leaf for leaf in found if not leaf.text]
    if not leaves or any(not isinstance(leaf.space, USABLE) for leaf in leaves):
        raise UserError(
            f"task {task!r} cannot be used: its observation space is {space}, but the encoder "
            "needs numbers (Box), symbols (Discrete, MultiDiscrete, MultiBinary), or a Tuple or "
            "Dict of these, in which texts are ignored"
        )
    own = [leaf.space for leaf in leaves]
    seen = _look(own, look, kind)
    form = ObservationForm(parts_of(task, kind, own, seen), _dtype(own, seen))
    factors = factors_of(own, form) if scaling == "bounds" else ()
    return Layout(task, tuple(leaves), form, tuple(leaf.name for leaf in texts), factors)


def factors_of(own: list[spaces.Space[Any]], form: ObservationForm) -> tuple[float, ...]:
    """What brings every entry of a form into [-1, 1]; () where all are to stay as they are.

    A number is divided by the larger size of its two bounds, so that 0 stays 0, but not where both
    are next to 0. All of a Box stay as they are where a bound of it is infinite or beyond `LOOSE`,
    as those of CartPole's speeds, and so do pictures, symbols, and numbers that are stored as whole
    ones.
    """
    if np.dtype(form.dtype).kind != "f":
        return ()
    found = [_factors(space, part) for space, part in zip(own, form.parts, strict=True)]
    factors = np.concatenate(found)
    return () if (factors == 1.0).all() else tuple(factors.tolist())


def _factors(space: spaces.Space[Any], part: Part) -> NDArray[np.float64]:
    factors = np.ones(part.size)
    if part.kind == "numbers" and isinstance(space, spaces.Box):
        low, high = (side.astype(np.float64).ravel() for side in (space.low, space.high))
        size = np.maximum(np.abs(low), np.abs(high))
        if (size <= LOOSE).all():
            factors = 1.0 / np.where(size >= 1.0 / LOOSE, size, 1.0)
    return factors


def leaves_of(space: spaces.Space[Any], path: tuple[Any, ...] = ()) -> Iterator[Leaf]:
    """The spaces inside a Dict or Tuple, in Gymnasium's order; any other space alone."""
    if isinstance(space, spaces.Dict):
        for key, part in space.spaces.items():
            yield from leaves_of(part, (*path, key))
    elif isinstance(space, spaces.Tuple):
        for number, part in enumerate(space.spaces):
            yield from leaves_of(part, (*path, number))
    else:
        yield Leaf(path, space)


def _look(own: list[spaces.Space[Any]], look: Look, kind: str | None) -> Sequence[Seen]:
    """What is seen of these spaces; nothing is looked at where that could not matter."""
    if kind in (None, "symbols") and any(map(in_doubt, own)):
        return look(LOOKED_AT, PICTURE_FROM if kind is None else np.inf)
    if any(space.dtype in OWN_TYPES and not _of_floats(space) for space in own):
        return look(0, -np.inf)
    return [Seen() for _ in own]


def _dtype(own: list[spaces.Space[Any]], seen: Sequence[Seen]) -> str:
    """The one type of all spaces, if it is kept as it is; float32 for what comes as floats.

    One-hot symbols fit into any type.
    """
    types = {
        np.dtype(np.float32) if one.floats and not _of_floats(space) else space.dtype
        for space, one in zip(own, seen, strict=True)
        if not isinstance(space, SYMBOLS)
    }
    return str(*types) if len(types) == 1 and types <= OWN_TYPES else "float32"


def _of_floats(space: spaces.Space[Any]) -> bool:
    return np.dtype(space.dtype).kind == "f"
