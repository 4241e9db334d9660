"""Several config files and `--config` entries as one config.

A later source stands over an earlier one, key by key. What is varied, grid, random and points
together, comes whole from the last source that gives any of it: a grid is never put together from
two.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mpn_rl.sweep.config.document import Document, as_written, read_document, read_entry

_VARIED = ("grid", "random", "points")
_PACKED = "packed_entries"


def read_sources(paths: Iterable[str | Path], entries: Iterable[str]) -> list[Document]:
    """The files, then the entries; ConfigError where one does not parse."""
    return [*map(read_document, paths), *map(read_entry, entries)]


def merged(documents: Sequence[Document]) -> tuple[dict[Any, Any], list[str]]:
    """What all sources say together, and a line for each that is not used as it stands."""
    data: dict[Any, Any] = {}
    notes: list[str] = []
    origin = ""
    for document in documents:
        given = _varied(document.data)
        for name in _varied(data) if given else []:
            data["sweep"] = {key: kept for key, kept in data["sweep"].items() if key != name}
            notes.append(
                f"sweep.{name}: that of {origin} is not used; "
                f"{document.name} says what is varied (sweep.{given[0]})"
            )
        origin = document.name if given else origin
        data = _over(data, document.data)
    return data, notes


def placed(problem: str, documents: Sequence[Document]) -> str:
    """A problem, which begins with its key, behind the source and line that the key stands in."""
    key = problem.split(": ", 1)[0]
    found = [(*document.find(key), document.name) for document in documents]
    depth, line, node, name = max(reversed(found), key=lambda place: place[0])
    if depth == 0:
        return f"{documents[0].name}: {problem}"
    at = "" if name == "--config" else f", line {line}"
    return f"{name}{at}: {problem}{as_written(node, problem)}"


def packed(entries: Sequence[str]) -> list[str]:
    """The entries as one without blanks, quotes and brackets.

    Executors write a job's arguments into shell lines and submit files, and some drop quotes.
    """
    if not entries:
        return []
    return [f"{_PACKED}={base64.urlsafe_b64encode(json.dumps(list(entries)).encode()).decode()}"]


def unpacked(entries: Sequence[str]) -> list[str]:
    """The entries that `packed` was given, or those that were never packed."""
    found: list[str] = []
    for entry in entries:
        key, _, value = entry.partition("=")
        found += json.loads(base64.urlsafe_b64decode(value)) if key == _PACKED else [entry]
    return found


def _varied(data: Mapping[Any, Any]) -> list[str]:
    sweep = data.get("sweep")
    return [name for name in _VARIED if name in sweep] if isinstance(sweep, Mapping) else []


def _over(below: Any, above: Any) -> Any:
    if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
        return above
    return {**below, **{key: _over(below.get(key), value) for key, value in above.items()}}
