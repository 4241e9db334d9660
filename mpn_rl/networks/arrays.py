"""The memory that compiled kernels work in, and which tensors they can take."""

import math
import threading
from functools import cache
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import ThreadpoolController
from torch import Tensor

# in the order of the kernels' codes
ACTIVATION_CODES = ("tanh", "relu", "sigmoid", "linear")
_DTYPES = (torch.float32, torch.float64)
_memory = threading.local()


def suited(*tensors: Tensor | None) -> bool:
    """Return whether kernels can take the tensors: all on the CPU, of one type that they know."""
    given = [tensor for tensor in tensors if tensor is not None]
    dtype = given[0].dtype
    return dtype in _DTYPES and all(t.dtype == dtype and t.device.type == "cpu" for t in given)


def empty(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Return new memory as torch aligns it, to 64 bytes, where numpy's 16 slow vector code."""
    kind = torch.float32 if dtype == np.float32 else torch.float64
    return torch.empty(shape, dtype=kind).numpy()


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
