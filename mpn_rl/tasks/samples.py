"""Observations as the samples of their space are, or why they are not.

Nothing here knows of tasks: `tasks.interface` names the task and the step.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

# the largest number of float32, the type in which observations and rewards are learned from
LARGEST = float(np.finfo(np.float32).max)
# so many numbers are looked at faster one by one than as an array
FEW = 32


class UnsoundError(Exception):
    """What was `given`, and what is `expected`, of a `part` of an observation (" of key 'a'")."""

    def __init__(self, given: str, expected: str, part: str = "") -> None:
        super().__init__(given, expected)
        self.given, self.expected, self.part = given, expected, part


class BeyondError(Exception):
    """A `number` that is not finite, at an `entry` of a `part` of an observation."""

    def __init__(self, number: str, entry: str, part: str = "") -> None:
        super().__init__(number, entry)
        self.number, self.entry, self.part = number, entry, part


def cleaner(space: spaces.Space[Any]) -> Callable[[Any], Any]:
    """A function that gives an observation as samples of `space` are.

    It raises UnsoundError for what has another shape or holds no numbers, BeyondError for what
    float32 does not hold. Bounds of a Box are not looked at; a symbol that its space has not would
    have no place in a one-hot row.
    """
    if isinstance(space, spaces.Tuple):
        return partial(_clean_tuple, [cleaner(part) for part in space.spaces])
    if isinstance(space, spaces.Dict):
        return partial(_clean_dict, {key: cleaner(part) for key, part in space.spaces.items()})
    if isinstance(space, spaces.Discrete):
        return partial(_clean_symbol, int(space.start), int(space.n))
    if isinstance(space, spaces.MultiDiscrete):
        return partial(_clean_symbols, space.start, space.nvec)
    if isinstance(space, spaces.Box | spaces.MultiBinary):
        return partial(_clean_numbers, space.shape)
    return _as_it_is


def _as_it_is(given: Any) -> Any:
    return given


def _clean_numbers(shape: tuple[int, ...], given: Any) -> NDArray[Any]:
    array = given if type(given) is np.ndarray else as_array(given)
    kind = array.dtype.kind
    if array.shape != shape or kind not in "fuib":
        raise UnsoundError(shown(given), f"an array of numbers of shape {shape}")
    if kind == "f" and not (array.size <= FEW and _all_held(array.ravel().tolist())):
        small = array.itemsize <= 4
        sound = np.isfinite(array) if small else np.abs(array) <= LARGEST
        if not sound.all():
            raise _first_not_finite(array, sound)
    return array


def _all_held(few: list[float]) -> bool:
    """Whether float32 holds all of these; False also of what Python's numbers cannot tell."""
    # nan and infinity stay what they are in a sum, and without them an order holds
    return math.isfinite(sum(few)) and min(few) >= -LARGEST and max(few) <= LARGEST


def _first_not_finite(array: NDArray[Any], sound: NDArray[np.bool_]) -> BeyondError:
    entry = np.argwhere(~np.atleast_1d(sound))[0].tolist()
    number = np.atleast_1d(array)[tuple(entry)]
    return BeyondError(f"{number:g}", str(entry[0] if len(entry) == 1 else tuple(entry)))


def _clean_symbol(start: int, count: int, given: Any) -> int:
    number = given if type(given) is int else one_number(given)
    if number is None or not start <= number < start + count or number != int(number):
        raise UnsoundError(shown(given), f"a whole number from {start} to {start + count - 1}")
    return int(number)


def _clean_symbols(start: NDArray[Any], counts: NDArray[Any], given: Any) -> NDArray[Any]:
    array = _clean_numbers(counts.shape, given)
    wrong = (array < start) | (array >= start + counts) | (array != np.floor(array))
    if wrong.any():
        n = tuple(np.argwhere(wrong)[0])
        last = (start + counts)[n] - 1
        raise UnsoundError(f"{array[n]}", f"a whole number from {start[n]} to {last}")
    return array.astype(counts.dtype, copy=False)


def _clean_tuple(cleaners: list[Callable[[Any], Any]], given: Any) -> tuple[Any, ...]:
    if not isinstance(given, tuple | list) or len(given) != len(cleaners):
        raise UnsoundError(shown(given), f"a tuple of {len(cleaners)}")
    numbered = enumerate(zip(cleaners, given, strict=True))
    return tuple(_clean_part(clean, part, f" of part {n}") for n, (clean, part) in numbered)


def _clean_dict(cleaners: dict[str, Callable[[Any], Any]], given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or given.keys() != cleaners.keys():
        raise UnsoundError(shown(given), f"a dict of {', '.join(map(repr, cleaners))}")
    return {key: _clean_part(clean, given[key], f" of {key!r}") for key, clean in cleaners.items()}


def _clean_part(clean: Callable[[Any], Any], given: Any, part: str) -> Any:
    try:
        return clean(given)
    except (UnsoundError, BeyondError) as fault:
        fault.part = part + fault.part
        raise


def as_array(given: Any) -> NDArray[Any]:
    """As an array; of objects where it is ragged or holds what are no numbers."""
    try:
        return np.asarray(given)
    except (ValueError, TypeError, RuntimeError):
        return np.asarray(None)


def one_number(given: Any) -> float | None:
    """The number that is given, alone or as the one entry of an array; None if it is not one."""
    array = as_array(given)
    return float(array.item()) if array.size == 1 and array.dtype.kind in "fuib" else None


def shown(given: Any) -> str:
    """In a few words, what was given."""
    if isinstance(given, np.ndarray):
        kind = "" if given.dtype.kind in "fuib" else f"of {given.dtype} "
        return f"an array {kind}of shape {given.shape}" if given.size > 1 else f"{given!r}"
    if isinstance(given, dict):
        keys = ", ".join(map(repr, given))
        return f"a dict of {keys}" if keys else "an empty dict"
    if isinstance(given, tuple | list):
        return f"a {type(given).__name__} of {len(given)}"
    if given is None or isinstance(given, str | int | float | np.generic):
        return f"{given!r:.60}"
    return f"a {type(given).__name__}"
