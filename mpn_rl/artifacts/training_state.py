"""The resumable state of an unfinished training: two generations of a checksummed file.

A file is a magic line, a header line of JSON (format, key, SHA-256 of the payload) and a payload
that `torch.load(weights_only=True)` reads, so that a crafted file executes nothing. A file that is
not what it should be is set aside under a name that says why, and the generation before it is used.
"""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_bytes, remove_drafts
from mpn_rl.artifacts.tensors import load_tensors

MAGIC = b"mpn-rl training state\n"
FORMAT = 1
_ARRAY = "__array__"


def write_state(path: Path, content: dict[str, Any], key: dict[str, Any]) -> None:
    """Write a state that `read_state` gives back to whoever has the same `key` (plain JSON)."""
    buffer = io.BytesIO()
    torch.save(_to_tensors(content), buffer)
    payload = buffer.getvalue()
    header = {"format": FORMAT, "key": key, "sha256": hashlib.sha256(payload).hexdigest()}
    data = MAGIC + json.dumps(header, sort_keys=True).encode() + b"\n" + payload
    if path.exists():
        _rename(path, _previous(path))
    atomic_write_bytes(path, data)


def read_state(path: Path, key: dict[str, Any]) -> tuple[dict[str, Any] | None, list[str]]:
    """The newest good state (None if there is none), and a message per file that was set aside.

    What a process that was killed while it wrote has left is deleted.
    """
    messages: list[str] = []
    remove_drafts(path)
    for candidate in (path, _previous(path)):
        if not candidate.exists():
            continue
        content, fault = _read_one(candidate, key)
        if content is not None:
            return content, messages
        aside = _set_aside(candidate, fault)
        messages.append(f"{candidate.name}: {fault}; set aside as {aside.name}")
    return None, messages


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
        path.replace(target)
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be renamed: {error.strerror or error}") from error


def _read_one(path: Path, key: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not data:
        return None, "empty"
    if not data.startswith(MAGIC):
        return None, "not a training state"
    header_line, _, payload = data[len(MAGIC) :].partition(b"\n")
    try:
        header = json.loads(header_line)
        found, written = header["key"], header["sha256"]
    except (ValueError, KeyError, TypeError):
        return None, "damaged header"
    if header.get("format") != FORMAT:
        return None, "other format"
    if hashlib.sha256(payload).hexdigest() != written:
        return None, "damaged or cut short"
    if found != key:
        differing = sorted(name for name in key if found.get(name) != key[name])
        return None, "other " + " and ".join(differing or ["key"])
    try:
        return _from_tensors(load_tensors(payload)), ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, "unreadable payload"


def _to_tensors(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {_ARRAY: torch.from_numpy(np.ascontiguousarray(value)), "shape": list(value.shape)}
    if isinstance(value, dict):
        return {name: _to_tensors(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_to_tensors(item) for item in value)
    return value


def _from_tensors(value: Any) -> Any:
    if isinstance(value, dict):
        if _ARRAY in value:
            return value[_ARRAY].numpy().reshape(value["shape"])
        return {name: _from_tensors(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_from_tensors(item) for item in value)
    return value
