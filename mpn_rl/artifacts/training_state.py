"""The resumable state of an unfinished training: two generations of a checksummed file.

A file is a magic line, a header line of JSON (format, key, SHA-256 of the payload, length of its
first part) and a payload: what `torch.load(weights_only=True)` reads, so that a crafted file
executes nothing, and behind it the bytes of each `Streamed` array, which are never all in memory a
second time. A file that is not what it should be is set aside under a name that says why, and the
generation before it is used.
"""

import hashlib
import io
import json
import math
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_path, move, opened, remove_drafts
from mpn_rl.artifacts.json_files import parsed
from mpn_rl.artifacts.streamed import InFile, Streamed, blocks
from mpn_rl.artifacts.tensors import load_tensors
from mpn_rl.errors import printable

MAGIC = b"mpn-rl training state\n"
FORMAT = 2
_ARRAY, _STREAMED = "__array__", "__streamed__"
_HEADER_BYTES = 2**20
# A history's: lists of nothing else, of a million entries, are taken as they are.
_NUMBERS = frozenset((bool, int, float, type(None)))
_KINDS = "biuf"  # of numpy's types: what is nothing but its bytes


def write_state(path: Path, content: dict[str, Any], key: dict[str, Any]) -> None:
    """Write a state that `read_state` gives back to whoever has the same `key` (plain JSON)."""
    streamed: list[NDArray[Any]] = []
    buffer = io.BytesIO()
    torch.save(_to_tensors(content, streamed), buffer)
    header = {"format": FORMAT, "key": key, "sha256": "0" * 64, "first": buffer.tell()}
    if path.exists():
        _rename(path, _previous(path))
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(_head(header))
        digest = hashlib.sha256()
        for block in (buffer.getbuffer(), *(b for array in streamed for b in blocks(array))):
            data = np.ascontiguousarray(block).data
            digest.update(data)
            file.write(data)
        file.seek(0)
        file.write(_head({**header, "sha256": digest.hexdigest()}))


def _head(header: dict[str, Any]) -> bytes:
    return MAGIC + json.dumps(header, sort_keys=True).encode() + b"\n"


def read_state(
    path: Path, key: dict[str, Any], fault_of: Callable[[dict[str, Any]], str | None] | None = None
) -> tuple[dict[str, Any] | None, list[str]]:
    """The newest good state (None if there is none), and a message per file that was set aside.

    `fault_of` says what is wrong with a content, None if nothing. What a process that was killed
    while it wrote has left is deleted.
    """
    messages: list[str] = []
    remove_drafts(path)
    for candidate in (path, _previous(path)):
        if not candidate.exists():
            continue
        content, fault = _read_one(candidate, key)
        wrong = None if content is None or fault_of is None else fault_of(content)
        if content is not None and wrong is None:
            return content, messages
        aside = _set_aside(candidate, fault or "other content")
        told = fault if wrong is None else f"other content, {printable(wrong, 200)}"
        messages.append(f"{candidate.name}: {told}; set aside as {aside.name}")
    return None, messages


def key_in(path: Path) -> dict[str, Any] | None:
    """What a state was written for, by its header alone; None where the file has no such thing."""
    try:
        with opened(path) as file:
            header, _ = _header(file)
    except (ArtifactError, OSError):
        return None
    found = None if header is None else header["key"]
    return found if isinstance(found, dict) else None


def remove_state(path: Path) -> None:
    """Delete both generations."""
    for candidate in (path, _previous(path)):
        candidate.unlink(missing_ok=True)


def _previous(path: Path) -> Path:
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def _set_aside(path: Path, fault: str) -> Path:
    reason = fault.replace(" ", "-")
    number = 0
    while True:
        aside = path.with_name(f"{path.name}.rejected-{reason}-{number}")
        if not aside.exists():
            _rename(path, aside)
            return aside
        number += 1


def _rename(path: Path, target: Path) -> None:
    try:
        move(path, target)
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be renamed: {error.strerror or error}") from error


def _read_one(path: Path, key: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    with opened(path) as file:
        return _read_from(file, path, key)


def _read_from(
    file: BufferedReader, path: Path, key: dict[str, Any]
) -> tuple[dict[str, Any] | None, str]:
    header, fault = _header(file)
    if header is None:
        return None, fault
    found, written = header["key"], header["sha256"]
    length: Any = header.get("first")
    start = file.tell()
    if hashlib.file_digest(file, "sha256").hexdigest() != written:
        return None, "damaged or cut short"
    if not isinstance(found, dict) or found != key:
        found = found if isinstance(found, dict) else {}
        differing = sorted(name for name in key if found.get(name) != key[name])
        return None, "other " + " and ".join(differing or ["key"])
    end = file.tell()
    file.seek(start)
    try:
        if not 0 <= length <= end - start:
            raise ValueError("its first part ends behind the file")
        content = _from_tensors(load_tensors(file.read(length)), _Behind(path, file.tell(), end))
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, RecursionError):
        content = None
    if not isinstance(content, dict):
        return None, "unreadable payload"
    return content, ""


def _header(file: BufferedReader) -> tuple[dict[str, Any] | None, str]:
    """The header of a state of this format, or None and what is wrong with it."""
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        return None, "not a training state" if magic else "empty"
    try:
        header = parsed(file.readline(_HEADER_BYTES))
    except ValueError:
        header = None
    if not isinstance(header, dict) or not {"key", "sha256", "format"} <= header.keys():
        return None, "damaged header"
    return (header, "") if header["format"] == FORMAT else (None, "other format")


class _Behind:
    """Where the streamed arrays of a file lie, one after the other."""

    def __init__(self, path: Path, offset: int, end: int) -> None:
        self.path, self.offset, self.end = path, offset, end

    def take(self, dtype: str, shape: list[int]) -> InFile:
        found = InFile(self.path, self.offset, np.dtype(dtype).str, tuple(map(int, shape)))
        self.offset += np.dtype(dtype).itemsize * math.prod(found.shape)
        if np.dtype(dtype).kind not in _KINDS or min(shape, default=0) < 0:
            raise ValueError(f"{dtype}: is no type of numbers")
        if self.offset > self.end:
            raise ValueError("a streamed array ends behind the file")
        return found


def _to_tensors(value: Any, streamed: list[NDArray[Any]]) -> Any:
    if isinstance(value, Streamed):
        streamed.append(value.array)
        return {_STREAMED: value.array.dtype.str, "shape": list(value.array.shape)}
    if isinstance(value, np.ndarray):
        return {_ARRAY: torch.from_numpy(np.ascontiguousarray(value)), "shape": list(value.shape)}
    if isinstance(value, dict):
        return {name: _to_tensors(item, streamed) for name, item in value.items()}
    if isinstance(value, list | tuple) and not _NUMBERS.issuperset(map(type, value)):
        return type(value)(_to_tensors(item, streamed) for item in value)
    return value


def _from_tensors(value: Any, behind: _Behind) -> Any:
    if isinstance(value, dict):
        if _STREAMED in value:
            return behind.take(value[_STREAMED], value["shape"])
        if _ARRAY in value:
            return value[_ARRAY].numpy().reshape(value["shape"])
        return {name: _from_tensors(item, behind) for name, item in value.items()}
    if isinstance(value, list | tuple) and not _NUMBERS.issuperset(map(type, value)):
        return type(value)(_from_tensors(item, behind) for item in value)
    return value
