"""Animations as GIF, written while their frames are drawn.

Pillow holds every frame of an animation until the last is there. So it is given CHUNK of them at a
time, each time behind the last frame of those before, from which the first of them is told apart;
what it writes is joined. The bytes are those of one animation written at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

import imageio.v3 as imageio
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]

CHUNK = 32
_HEADER, _IMAGE, _EXTENSION, _TIMING, _END = 13, 0x2C, 0x21, 0xF9, b";"


def write_gif(file: BinaryIO, frames: Iterable[Frame], fps: float) -> int:
    """Write an endless GIF of RGB uint8 frames (height, width, 3), all of one size.

    fps in frames per second; the format counts hundredths of a second, so that 30 becomes 33.3.
    Returns the number of frames. Raises ValueError without frames and for fps that are not above 0.
    """
    if not fps > 0:
        raise ValueError(f"need fps > 0, got {fps}")
    milliseconds = max(10 * round(100 / fps), 20)  # viewers slow anything shorter down
    drawn, number, waiting = iter(frames), 0, bytearray()
    last: tuple[Frame, ...] = ()
    while chunk := tuple(islice(drawn, CHUNK)):
        head, images = _parts(_encoded((*last, *chunk), milliseconds))
        if not last:
            file.write(head)
        else:
            # frames that are equal to the last one have made it longer
            _add_time(waiting, _time(images.pop(0)) - milliseconds // 10)
        for image in images:
            file.write(waiting)
            waiting = image
        number, last = number + len(chunk), chunk[-1:]
    if not number:
        raise ValueError("need frames, got none")
    file.write(waiting + _END)
    return number


def _encoded(frames: tuple[Frame, ...], milliseconds: int) -> bytes:
    return bytes(
        imageio.imwrite(
            "<bytes>", np.stack(frames), extension=".gif", duration=milliseconds, loop=0
        )
    )


def _parts(gif: bytes) -> tuple[bytes, list[bytearray]]:
    """What precedes the first frame of a GIF, and each frame: how long it is shown, and its data.

    Source: the format's blocks, https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    """
    starts = [start for start, label in _blocks(gif) if label == _TIMING]
    ends = [*starts[1:], len(gif) - len(_END)]
    return gif[: starts[0]], [bytearray(gif[a:b]) for a, b in zip(starts, ends, strict=True)]


def _blocks(gif: bytes) -> Iterator[tuple[int, int]]:
    """Where each block of a GIF begins, and the label of an extension (of an image, its mark)."""
    place = _HEADER + _table(gif[10])
    while gif[place : place + 1] != _END:
        yield place, gif[place + 1] if gif[place] == _EXTENSION else _IMAGE
        # an extension has its label before its data, an image its place, colours and code size
        place += 2 if gif[place] == _EXTENSION else 10 + _table(gif[place + 9]) + 1
        while gif[place]:
            place += 1 + gif[place]
        place += 1


def _table(flags: int) -> int:
    """Bytes of a table of colours, or 0 where the flags say that there is none."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _time(image: bytearray) -> int:
    """For how many hundredths of a second a frame is shown."""
    return int.from_bytes(image[4:6], "little")


def _add_time(image: bytearray, hundredths: int) -> None:
    image[4:6] = min(_time(image) + hundredths, 2**16 - 1).to_bytes(2, "little")
