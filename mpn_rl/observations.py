"""How an observation is laid out: what its entries are, so that a network knows how to see them."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["numbers", "picture", "symbols"]


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
    def plain(self) -> bool:
        """Whether all entries are numbers, seen as they are."""
        return all(part.kind == "numbers" for part in self.parts)

    def as_dict(self) -> dict[str, Any]:
        """Plain types, from which `form_from` makes an equal form."""
        return asdict(self)


def numbers(dim: int) -> ObservationForm:
    """The form of `dim` plain numbers."""
    return ObservationForm((Part((dim,)),))


def form_from(content: Mapping[str, Any]) -> ObservationForm:
    """The form whose `as_dict` is `content`."""
    parts = [Part(**{**part, "shape": tuple(part["shape"])}) for part in content["parts"]]
    return ObservationForm(tuple(parts), content["dtype"])
