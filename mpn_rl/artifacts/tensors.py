"""Reading of what torch saved, without executing any of it."""

import io
import math
import pickle
import warnings
import zipfile
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.archives import stored_members

# torch's names of what lies in a file, and numpy's
_TYPES = {
    "FloatStorage": "f4",
    "DoubleStorage": "f8",
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}
# What protocol 2 has for plain values, containers, names and tensors; nothing that sets attributes.
_OPCODES = "\x80.(}]N)\x88\x89KMJ\x8a\x8bGXhjqrtl\x85\x86\x87aesucRQ"


def load_tensors(data: bytes) -> Any:
    """Tensors and plain containers on the CPU; ValueError where `data` is anything else."""
    import torch

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            stored_members(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
    except Exception as error:  # bytes made to harm can make the unpickler raise anything
        raise ValueError(f"holds no tensors: {type(error).__name__}") from error


def load_arrays(data: bytes) -> Any:
    """As `load_tensors`, with arrays for tensors and without torch, which takes 2 s to import."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            stored_members(archive)
            return _Unpickler(archive).load()
    except Exception as error:
        raise ValueError(f"holds no tensors: {type(error).__name__}") from error


class _Type(NamedTuple):
    """Stands for a type of torch's."""

    code: str


class _Unpickler(pickle._Unpickler):
    """Knows what `torch.save` writes of a dictionary of tensors, and nothing else.

    Python's own, as that in C reserves memory for as many objects as an opcode claims.
    """

    dispatch = {ord(code): pickle._Unpickler.dispatch[ord(code)] for code in _OPCODES}

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        (inside,) = (n for n in archive.namelist() if n.endswith("/data.pkl"))
        self._folder = inside.removesuffix("data.pkl")
        little = archive.read(f"{self._folder}byteorder") == b"little"
        self._order = "<" if little else ">"
        super().__init__(io.BytesIO(archive.read(inside)))

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _array
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in _TYPES:
            return _Type(_TYPES[name])
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a tensor")

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        _, kind, key, _, size = pid
        data = bytearray(self._archive.read(f"{self._folder}data/{key}"))
        return np.frombuffer(data, self._order + kind.code, size)


def _array(
    storage: NDArray[Any], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> NDArray[Any]:
    """A copy of what the tensor shows of its storage; ValueError where it reaches beyond.

    Also where it has more entries than its storage: strides of 0 show one again and again.
    """
    if math.prod(shape) > storage.size:
        raise ValueError("a tensor is larger than what is stored of it")
    size = storage.itemsize
    apart = tuple(size * stride for stride in strides)
    native = storage.dtype.newbyteorder("=")
    return np.ndarray(shape, storage.dtype, storage, size * offset, apart).astype(native)
