"""Numbers, a picture or symbols: what the entries of a Box are, by its bounds and its values.

Bounds of 0…255 say little: pictures have them, and so have the grids of MiniGrid, whose entries are
symbols from 0 to 10. The values tell: a picture has some from `PICTURE_FROM` on.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from mpn_rl.errors import UserError
from mpn_rl.observations import Part

# A picture has values from here on, a grid of symbols has none.
PICTURE_FROM = 32
# The fewest symbols that are told apart where the bounds do not say how many there are.
FEWEST_SYMBOLS = 16


@dataclass
class Seen:
    """What has been seen of a part: extreme values, whether all were whole, and any came as floats.

    A space of whole numbers may say so wrongly.
    """

    smallest: float = math.inf
    largest: float = -math.inf
    whole: bool = True
    floats: bool = False

    def add(self, values: NDArray[np.generic]) -> None:
        """Enter the values of one observation (D,)."""
        if values.size:
            self.smallest = min(self.smallest, float(values.min()))
            self.largest = max(self.largest, float(values.max()))
        if values.dtype.kind == "f":
            self.floats = True
            self.whole = self.whole and bool((values % 1 == 0).all())


def bounds_of(space: spaces.Space) -> tuple[float, float] | None:
    """The finite bounds that all entries of a Box share; None where there are no such bounds."""
    if not isinstance(space, spaces.Box) or not space.low.size:
        return None
    low, high = float(space.low.flat[0]), float(space.high.flat[0])
    shared = (space.low == space.low.flat[0]).all() and (space.high == space.high.flat[0]).all()
    return (low, high) if shared and math.isfinite(low) and math.isfinite(high) else None


def in_doubt(space: spaces.Space) -> bool:
    """Whether a space may be that of a picture as well as one of symbols.

    A Box from 0 to 255 of any type may, or one of bytes or 16-bit words that reaches as far as only
    pictures do.
    """
    bounds = bounds_of(space)
    if bounds is None:
        return False
    short = space.dtype in (np.uint8, np.uint16) and bounds[1] >= PICTURE_FROM
    return bounds == (0, 255) or short


def shape_of(space: spaces.Space) -> tuple[int, ...]:
    """The shape of a part: the space's own, or that of its one-hot row."""
    if isinstance(space, spaces.Box | spaces.MultiBinary):
        return space.shape or (1,)
    return (spaces.flatdim(space),)


def told_apart(space: spaces.Space, seen: Seen) -> Part:
    """The part that a space is, by what has been seen of it."""
    if in_doubt(space) and seen.largest >= PICTURE_FROM:
        return picture(space)
    grid = in_doubt(space) and seen.whole and seen.smallest >= 0
    return symbols(space, seen) if grid else Part(shape_of(space))


def picture(space: spaces.Space) -> Part:
    """The part that a picture of these bounds is."""
    low, high = bounds_of(space) or (0.0, 1.0)
    return Part(shape_of(space), "picture", low, high)


def symbols(space: spaces.Space, seen: Seen) -> Part:
    """The part that symbols are: as many as the bounds say, or where these are in doubt, as the
    next power of two above the largest that has been seen, at least `FEWEST_SYMBOLS`.
    """
    _, high = bounds_of(space) or (0.0, seen.largest)
    count = int(high) + 1
    if in_doubt(space):
        count = min(count, max(FEWEST_SYMBOLS, 1 << int(seen.largest).bit_length()))
    return Part(shape_of(space), "symbols", count=count)


def may_be(kind: str, space: spaces.Space) -> bool:
    """Whether a user may say that a space is of this kind."""
    bounds = bounds_of(space)
    return bounds is not None and bounds[0] < bounds[1] and (kind == "picture" or bounds[0] >= 0)


def parts_of(
    task: str, kind: str | None, leaves: list[spaces.Space], seen: Sequence[Seen]
) -> tuple[Part, ...]:
    """The parts that these spaces are; the user's `kind` is that of all in doubt, if any is.

    Raises UserError where no space can be of that kind.
    """
    if kind is None:
        return tuple(map(told_apart, leaves, seen))
    if kind == "numbers":
        return tuple(Part(shape_of(space)) for space in leaves)
    meant = [in_doubt(space) for space in leaves]
    if not any(meant):
        meant = [may_be(kind, space) for space in leaves]
    if not any(meant):
        raise UserError(
            f"observation_kind: {kind} is impossible for task {task!r}: its observation space has "
            "no Box whose entries share two finite bounds"
            + (", the lower one at least 0" if kind == "symbols" else "")
        )
    made = {"picture": lambda space, _: picture(space), "symbols": symbols}[kind]
    return tuple(
        made(space, one) if means else Part(shape_of(space))
        for space, one, means in zip(leaves, seen, meant, strict=True)
    )
