"""How an observation is laid out: what its entries are, so that a network knows how to see them."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["numbers", "picture", "symbols"]

# The shortest side of an image that convolutions see; of a table of numbers, which may be rows of
# features as well as an image.
IMAGE_SIDE = 5
TABLE_SIDE = 12
# Sizes that are more likely channels than a side.
_CHANNELS = (1, 3, 4)


@dataclass(frozen=True)
class Part:
    """Entries of a flat observation that belong together, `shape` in row-major order.

    kind: `numbers` are seen as they are; the entries of a `picture` lie in [low, high] and are seen
    in [0, 1]; `symbols` are whole numbers in [0, count), each seen one-hot.
    """

    shape: tuple[int, ...]
    kind: Kind = "numbers"
    low: float = 0.0
    high: float = 1.0
    count: int = 0

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)

    @property
    def seen_size(self) -> int:
        """Number of entries as the encoder sees them, where each symbol has `count`."""
        return self.size * (self.count if self.kind == "symbols" else 1)

    def __str__(self) -> str:
        """Kind, shape, and what the kind needs to know."""
        more = {"picture": f" in [{self.low:g}, {self.high:g}]", "symbols": f" below {self.count}"}
        return f"{self.kind} {self.shape}{more.get(self.kind, '')}"

    @property
    def image_sides(self) -> tuple[int, int] | None:
        """The axes of `shape` that are an image's rows and columns; None where it is no image.

        Of (H, W) both; of (H, W, C) and (C, H, W), and of stacks of these along a first axis, the
        channels are the end of 1, 3 or 4 entries; where both ends or none are that, the one beside
        sides that are more alike, and the last where both are.
        """
        if not 2 <= len(self.shape) <= 4:
            return None
        first = max(0, len(self.shape) - 3)
        if len(self.shape) > 2 and _channels_first(*self.shape[first:]):
            first += 1
        sides = (first, first + 1)
        table = self.kind == "numbers" and len(self.shape) == 2
        least = TABLE_SIDE if table else IMAGE_SIDE
        return sides if all(self.shape[side] >= least for side in sides) else None


@dataclass(frozen=True)
class ObservationForm:
    """The parts of a flat observation (D,), one behind the other.

    `dtype` is numpy's name of the type in which a task hands observations on and a replay stores
    them.
    """

    parts: tuple[Part, ...]
    dtype: str = "float32"

    @property
    def dim(self) -> int:
        """Number of entries D."""
        return sum(part.size for part in self.parts)

    @property
    def seen_dim(self) -> int:
        """Number of entries as the encoder sees them."""
        return sum(part.seen_size for part in self.parts)

    @property
    def plain(self) -> bool:
        """Whether all entries are numbers, seen as they are."""
        return all(part.kind == "numbers" for part in self.parts)

    @property
    def number_entries(self) -> list[int]:
        """Which of the D entries are numbers."""
        kinds = [part.kind for part in self.parts for _ in range(part.size)]
        return [entry for entry, kind in enumerate(kinds) if kind == "numbers"]

    @property
    def has_image(self) -> bool:
        """Whether one of the parts is an image."""
        return any(part.image_sides is not None for part in self.parts)

    @property
    def told_by_dim(self) -> bool:
        """Whether D says all: plain float32 numbers and no image, as `numbers(D)`."""
        return self.plain and self.dtype == "float32" and not self.has_image

    def __str__(self) -> str:
        """The parts in words, as `picture (12, 12, 3) in [0, 255]`."""
        return ", ".join(map(str, self.parts)) + f" of {self.dtype}"

    def as_dict(self) -> dict[str, Any]:
        """Plain types, from which `form_from` makes an equal form."""
        return asdict(self)


def numbers(dim: int) -> ObservationForm:
    """The form of `dim` plain numbers."""
    return ObservationForm((Part((dim,)),))


def without_image(form: ObservationForm) -> str:
    """Why convolutions cannot see such observations; empty where they can."""
    if form.has_image:
        return ""
    return (
        f"encoder: conv needs an image of at least {IMAGE_SIDE} × {IMAGE_SIDE} (of plain numbers "
        f"{TABLE_SIDE} × {TABLE_SIDE}), but observed are {form}; allowed is dense, random, none, "
        "or null"
    )


def same_form(one: ObservationForm, other: ObservationForm) -> bool:
    """Whether a network sees observations of both alike."""
    if one.told_by_dim and other.told_by_dim:
        return one.dim == other.dim
    return one == other


def _channels_first(first: int, middle: int, last: int) -> bool:
    if (first in _CHANNELS) != (last in _CHANNELS):
        return first in _CHANNELS
    return _unlike(middle, last) < _unlike(first, middle)


def _unlike(one: int, other: int) -> float:
    return max(one, other) / max(1, min(one, other))


def form_from(content: Mapping[str, Any]) -> ObservationForm:
    """The form whose `as_dict` is `content`."""
    parts = [Part(**{**part, "shape": tuple(part["shape"])}) for part in content["parts"]]
    return ObservationForm(tuple(parts), content["dtype"])
