"""How much memory this process may still take: of the machine, its control groups, its limits."""

import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# Of a process that trains, beside replay and update: libraries and compiled code, as measured.
PROCESS_BYTES = 420_000_000
_KB = 1024
# Of the two versions of control groups: limit, usage, and what of it is given back when needed.
_V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_V2 = ("memory.max", "memory.current", "inactive_file")


@dataclass(frozen=True)
class Bound:
    """What bounds this process, and the bytes that it leaves: `most` if all others left, `free`."""

    name: str
    most: int
    free: int


def bounds(root: Path = Path("/")) -> list[Bound]:
    """All that bounds this process; `root` is where /proc and /sys are."""
    own = _table(root / "proc/self/status")
    resident = own.get("VmRSS", 0) * _KB
    return [
        _machine(root, resident),
        *_groups(root, resident),
        *_limits(own),
    ]


def in_words(size: int) -> str:
    """A number of bytes: `1.2 GB`."""
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size / 1000:,.1f} kB"


def _machine(root: Path, resident: int) -> Bound:
    memory = _table(root / "proc/meminfo")
    pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    total = memory.get("MemTotal", 0) * _KB or pages * page
    free = memory.get("MemAvailable", 0) * _KB or total
    return Bound(f"the {in_words(total)} of this machine", total - resident, free)


def _groups(root: Path, resident: int) -> Iterator[Bound]:
    for folder, (limit_file, usage_file, inactive) in _group_folders(root):
        limit = _number(folder / limit_file)
        if limit is None:
            continue
        used = _number(folder / usage_file) or 0
        used -= _table(folder / "memory.stat").get(inactive, 0)
        name = f"the limit of {in_words(limit)} of this process's control group"
        yield Bound(name, limit - resident, limit - used)


def _group_folders(root: Path) -> Iterator[tuple[Path, tuple[str, str, str]]]:
    """The control groups that this process is in, from the root down, with their files' names."""
    mounted = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers:
            hierarchies = [(mounted, _V2), (mounted / "unified", _V2)]
        elif "memory" in controllers.split(","):
            hierarchies = [(mounted / "memory", _V1)]
        else:
            continue
        for folder, names in hierarchies:
            yield folder, names
            for part in PurePosixPath(path).parts[1:]:
                folder /= part
                yield folder, names


def _limits(own: dict[str, int]) -> Iterator[Bound]:
    for kind, what, flag in (("AS", "VmSize", "v"), ("DATA", "VmData", "d")):
        limit, _ = resource.getrlimit(getattr(resource, f"RLIMIT_{kind}"))
        if limit != resource.RLIM_INFINITY:
            left = limit - own.get(what, 0) * _KB
            yield Bound(f"the limit of {in_words(limit)} (ulimit -{flag})", left, left)


def _table(path: Path) -> dict[str, int]:
    """The numbers of a file of lines `name: number unit` or `name number`."""
    lines = (line.replace(":", " ").split() for line in _text(path).splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdigit()}


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
