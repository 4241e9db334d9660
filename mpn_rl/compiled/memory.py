"""The memory that compiled functions work in."""

import math
import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

ALIGNED_BYTES = 64  # where numpy's 16 slow vector code
_memory = threading.local()


def empty(shape: tuple[int, ...], dtype: Any = np.float32) -> np.ndarray:
    """Return new memory that begins at a multiple of 64 bytes."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    block = np.empty(size + ALIGNED_BYTES, np.uint8)
    begin = -block.ctypes.data % ALIGNED_BYTES
    return block[begin : begin + size].view(dtype).reshape(shape)


def zeros(shape: tuple[int, ...], dtype: Any = np.float32) -> np.ndarray:
    """As `empty`, all zeros."""
    made = empty(shape, dtype)
    made[...] = 0
    return made


def scratch(use: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Return memory of this thread that the last call used too: fresh pages cost more than work."""
    size, name = math.prod(shape), use + dtype.char
    block: np.ndarray | None = getattr(_memory, name, None)
    if block is None or block.size < size:
        block = empty((size,), dtype)
        setattr(_memory, name, block)
    return block[:size].reshape(shape)


@cache
def one_thread() -> None:
    """Keep compiled products, which are small and done by scipy's BLAS, in one thread."""
    import scipy.linalg.cython_blas  # noqa: F401 (loads it)

    for library in ThreadpoolController().lib_controllers:
        if "scipy" in Path(library.filepath).parent.name:
            library.set_num_threads(1)
