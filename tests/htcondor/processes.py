"""The processes below a process, by /proc."""

import contextlib
from pathlib import Path


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in thread.read_text().split()]
    return found


def descendants(pid: int) -> list[int]:
    found = []
    for child in _children(pid):
        found += [child, *descendants(child)]
    return found


def only_child(pid: int) -> int:
    children = _children(pid)
    if len(children) != 1:
        raise ProcessLookupError(f"process {pid} has {len(children)} children")
    return children[0]
