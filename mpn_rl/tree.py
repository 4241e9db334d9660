"""The sources that a process has begun with, known by one hash.

The package imports this module before any other of its own, so that an edit that comes between a
module's loading and its digest is noticed.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ("Snakefile", "mpn_rl", "workflow")


def tree_hash(root: Path, parts: Iterable[str] = SOURCES) -> str:
    """One hash for the content of all files of `root` in `parts`, by relative path."""
    digest = hashlib.sha256()
    for path in source_files(root, parts):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:32]


def source_files(root: Path, parts: Iterable[str] = SOURCES) -> list[Path]:
    """The files of `root` in `parts` (files, or folders with all below them), sorted."""
    found = []
    for part in parts:
        place = root / part
        found += [str(place)] if place.is_file() else _below(str(place))
    return [Path(path) for path in sorted(found)]


def _below(folder: str) -> list[str]:
    """All files below a folder, but byte code; by names alone, as each job looks for them."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                found += _below(entry.path) if entry.name != "__pycache__" else []
            elif entry.is_file():
                found.append(entry.path)
    return found


BEGUN_WITH = tree_hash(ROOT)
