"""Reading and writing of .npz files: the same arrays give the same bytes, and no code is loaded."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_bytes


def write_arrays(path: Path, arrays: Mapping[str, NDArray]) -> None:
    """Write named arrays, uncompressed."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    atomic_write_bytes(path, buffer.getvalue())


def read_arrays(path: Path, required: tuple[str, ...]) -> dict[str, NDArray]:
    """Read all arrays; ArtifactError if the file is missing, damaged or lacks a required one."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, EOFError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ArtifactError(f"{path}: is damaged: {error}") from error
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}") from error
    missing = [name for name in required if name not in arrays]
    if missing:
        raise ArtifactError(f"{path}: is damaged: it has no {', '.join(missing)}")
    return arrays
