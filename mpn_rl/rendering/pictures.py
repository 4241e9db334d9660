"""What environments draw, in whatever form, as pictures of one form and one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

WHITE = 255
_CHANNELS = (1, 3, 4)  # grey, RGB, RGBA
_ROUNDING = 1e-6


class Pictures:
    """Pictures of an episode in RGB, uint8 (height, width, 3), the smaller amid white.

    As an environment draws them they are grey (H, W) or (H, W, 1), RGB (H, W, 3) or RGBA, or the
    same with the channels first: bools, whole numbers in 0…255, or fractions in [0, 1] or [0, 255]
    (as the largest of the episode says).
    """

    def __init__(self, drawn: Sequence[NDArray[Any]]) -> None:
        """Raises ValueError, which says what is drawn, for anything else."""
        self._drawn, self._scale = drawn, 255.0
        height = width = 0
        for time, picture in enumerate(drawn):
            try:
                shape, highest = laid_out(picture).shape, _highest(picture)
            except ValueError as error:
                raise ValueError(f"at step {time} it draws {error}") from None
            height, width = max(height, shape[0]), max(width, shape[1])
            if picture.dtype.kind == "f" and highest > 1 + _ROUNDING:
                self._scale = 1.0
        self._size = (height, width)

    def __getitem__(self, time: int) -> Picture:
        """The picture of a step."""
        picture = self._rgb(self._drawn[time])
        if picture.shape[:2] == self._size:
            return picture
        canvas = np.full((*self._size, 3), WHITE, np.uint8)
        top, left = ((a - b) // 2 for a, b in zip(self._size, picture.shape, strict=False))
        canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
        return canvas

    def _rgb(self, picture: NDArray[Any]) -> Picture:
        values = laid_out(picture)
        if values.dtype.kind != "f":
            values = values * np.uint8(255) if values.dtype.kind == "b" else values
        else:
            values = np.rint(np.clip(values.astype(np.float64) * self._scale, 0, 255))
        if values.shape[2] == 4:  # over white
            opaque = values[..., 3:] / 255
            values = np.rint(values[..., :3] * opaque + WHITE * (1 - opaque))
        return np.broadcast_to(values, (*values.shape[:2], 3)).astype(np.uint8)


def laid_out(picture: NDArray[Any]) -> NDArray[Any]:
    """The picture as (height, width, 1, 3 or 4); ValueError if its shape is that of none."""
    inner = picture[0] if picture.ndim == 4 and len(picture) == 1 else picture
    if inner.ndim == 2:
        inner = inner[..., None]
    elif inner.ndim == 3 and inner.shape[2] not in _CHANNELS and inner.shape[0] in _CHANNELS:
        inner = np.moveaxis(inner, 0, 2)
    if inner.ndim != 3 or inner.shape[2] not in _CHANNELS or not inner.size:
        raise ValueError(f"an array of shape {picture.shape}")
    return inner


def _highest(picture: NDArray[Any]) -> float:
    """The largest value; ValueError where values are not those of a picture."""
    low, high = float(picture.min()), float(picture.max())
    if not np.isfinite([low, high]).all():
        raise ValueError("what is not finite")
    if low < 0 or high > 255:
        raise ValueError(f"values from {low:g} to {high:g}")
    return high
