"""Arrays too large to have twice: they go into a file, and come out of it, block by block."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import opened

BLOCK_BYTES = 2**24


class Stored(ABC):
    """What a saved state gives back where a `Streamed` was saved."""

    @abstractmethod
    def copy_to(self, target: NDArray[Any]) -> None:
        """Write all into `target`, which has the same shape."""


@dataclass(frozen=True)
class Streamed(Stored):
    """An array in memory that a state is to be saved with, not copied."""

    array: NDArray[Any]

    def copy_to(self, target: NDArray[Any]) -> None:
        """Write all into `target`, which has the same shape."""
        target[...] = self.array


@dataclass(frozen=True)
class InFile(Stored):
    """An array as it lies in a file, in C order from byte `offset` on."""

    path: Path
    offset: int
    dtype: str
    shape: tuple[int, ...]

    def copy_to(self, target: NDArray[Any]) -> None:
        """Read all into `target`; ArtifactError if it is another array than was saved."""
        if (target.shape, target.dtype.str) != (self.shape, self.dtype):
            raise ArtifactError(
                f"{self.path}: holds an array of shape {self.shape} and type {self.dtype}, "
                f"not {target.shape} and {target.dtype.str}"
            )
        try:
            with opened(self.path) as file:
                file.seek(self.offset)
                for part in blocks(target):
                    data = file.read(part.nbytes)
                    part[...] = np.frombuffer(data, part.dtype).reshape(part.shape)
        except ValueError as error:
            raise ArtifactError(f"{self.path}: cannot be read: {error}") from error


def blocks(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """The array in C order, as views of at most `BLOCK_BYTES` each."""
    if array.nbytes <= BLOCK_BYTES or array.ndim == 0:
        yield array
    elif array[0].nbytes > BLOCK_BYTES:
        for part in array:
            yield from blocks(part)
    else:
        count = BLOCK_BYTES // array[0].nbytes
        for first in range(0, len(array), count):
            yield array[first : first + count]
