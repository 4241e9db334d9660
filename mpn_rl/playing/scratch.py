"""Arrays of a long episode that wait on disk until they are drawn."""

import tempfile
import weakref
import zlib
from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from mpn_rl.errors import UserError

Array = NDArray[Any]

IN_MEMORY = 2**23  # bytes that are kept before a file is opened
_FASTEST = 1


class Scratch(Sequence[Array]):
    """A growing sequence of arrays of any shapes and types, in a temporary file.

    Each is copied when it is appended, and read anew each time it is asked for. The file lies in
    the folder that TMPDIR names, and vanishes with the object.
    """

    def __init__(self, compressed: bool = False) -> None:
        """`compressed`: for pictures, which become some tens of times smaller; numbers do not."""
        self._compressed = compressed
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self._items: list[tuple[int, int, tuple[int, ...], np.dtype[Any]]] = []
        self._end = 0
        weakref.finalize(self, self._file.close)

    def append(self, array: Array) -> None:
        """Keep a copy; UserError where the disk is full."""
        data = array.tobytes()
        data = zlib.compress(data, _FASTEST) if self._compressed else data
        try:
            self._file.seek(self._end)
            self._file.write(data)
        except OSError as error:
            raise UserError(
                f"{tempfile.gettempdir()}: no room for an episode's pictures: "
                f"{error.strerror}; set TMPDIR to another folder"
            ) from error
        self._items.append((self._end, len(data), array.shape, array.dtype))
        self._end += len(data)

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Array: ...
    @overload
    def __getitem__(self, index: slice) -> list[Array]: ...
    def __getitem__(self, index: int | slice) -> Array | list[Array]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        start, length, shape, dtype = self._items[index]
        self._file.seek(start)
        data = self._file.read(length)
        data = zlib.decompress(data) if self._compressed else data
        return np.frombuffer(data, dtype).reshape(shape)
