"""Which tensors the compiled kernels can take."""

import torch
from torch import Tensor

_DTYPES = (torch.float32, torch.float64)


def suited(*tensors: Tensor | None) -> bool:
    """Return whether kernels can take the tensors: all on the CPU, of one type that they know."""
    given = [tensor for tensor in tensors if tensor is not None]
    dtype = given[0].dtype
    return dtype in _DTYPES and all(t.dtype == dtype and t.device.type == "cpu" for t in given)
