"""Reading and writing of .npz files: the same arrays give the same bytes, and no code is loaded.

What is read takes no more memory than the file has bytes: members are stored as they are, and an
array is as large as its member.
"""

import io
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from mpn_rl.artifacts.archives import stored_members
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_bytes, opened
from mpn_rl.artifacts.streamed import blocks

# numpy's kinds of types that are nothing but their bytes: truth values, numbers and texts
_KINDS = "biufU"
_UNIX = 3
# where a member's header has its sizes
_SIZES = 18


def write_arrays(path: Path, arrays: Mapping[str, NDArray]) -> None:
    """Write named arrays, uncompressed, as `numpy.savez` does."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")
            # fixed, as releases of Python differ in what they write
            member.create_version = member.extract_version = zipfile.ZIP64_VERSION
            member.create_system = _UNIX
            with archive.open(member, "w", force_zip64=True) as file:
                npy.write_array(file, np.asanyarray(array), allow_pickle=False)
    for member in archive.infolist():  # the two sizes stand behind the name, as 64 bits
        sizes = member.header_offset + _SIZES
        buffer.getbuffer()[sizes : sizes + 8] = b"\xff" * 8
    atomic_write_bytes(path, buffer.getvalue())


def read_arrays(path: Path, required: tuple[str, ...]) -> dict[str, NDArray]:
    """Read all arrays; ArtifactError if the file is missing, damaged or lacks a required one."""
    try:
        with opened(path) as file, zipfile.ZipFile(file) as archive:
            arrays = {
                member.filename.removesuffix(".npy"): _of_member(archive, member)
                for member in stored_members(archive)
            }
    except ArtifactError:
        raise
    except Exception as error:  # bytes made to harm can make zipfile raise anything
        raise ArtifactError(f"{path}: is damaged: {error}") from error
    missing = [name for name in required if name not in arrays]
    if missing:
        raise ArtifactError(f"{path}: is damaged: it has no {', '.join(missing)}")
    return arrays


def _of_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    with archive.open(member) as file:
        return _array(file, member.file_size)


def _array(file: IO[bytes], length: int) -> NDArray[Any]:
    """The array of a .npy file of that length; ValueError where header and data do not fit."""
    version = npy.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"an array is of version {version} of its format")
    shape, fortran, dtype = npy.read_array_header_1_0(file)
    if dtype.kind not in _KINDS or dtype.itemsize == 0 or dtype.subdtype is not None:
        raise ValueError(f"an array is of type {dtype}")
    size, held = math.prod(shape) * dtype.itemsize, length - file.tell()
    if min(shape, default=1) < 0 or size != held:
        raise ValueError(f"an array of shape {shape} and type {dtype} has {held} bytes")
    flat = np.empty(size // dtype.itemsize, dtype)
    for part in blocks(flat.view(np.uint8)):
        part[...] = np.frombuffer(file.read(part.nbytes), np.uint8)
    if file.read(1):  # at the end of a member its checksum is compared
        raise ValueError("an array goes on behind its end")
    return flat.reshape(shape, order="F" if fortran else "C")
