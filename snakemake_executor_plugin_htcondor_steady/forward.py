"""Runs a job's Snakemake, passes a SIGTERM on to what that runs, and gathers what it leaves.

`python forward.py [--bring FOLDER …] -m snakemake …`. HTCondor asks a job to stop by a SIGTERM to
its first process alone. Were that Snakemake, it would wait for its script, which knows nothing of
it, and all would be killed when the time is up. So the processes at the ends of the tree are asked:
a training then saves its state and leaves, and goes on from there on the next machine.

Where no files are shared, HTCondor holds a job that has not made all files that it is to bring
back, as after a failure or when it is vacated. So it is told to bring back one folder, `BROUGHT`,
into which goes at the end whatever is new in the folders named by `--bring`. That of a vacated job
goes to the machine where the job goes on; there all is put back first.

Started by path and made of the standard library, as it costs every job its start.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

BROUGHT = "brought_back"
Stamps = dict[Path, tuple[int, int]]


def ends(pid: int) -> list[int]:
    """Return the processes below `pid` that have no children, or `pid` itself."""
    children: list[str] = []
    # Snakemake starts its scripts in a thread, and each thread has children of its own
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += thread.read_text().split()
    return [end for child in children for end in ends(int(child))] or [pid]


def stamps(roots: Iterable[str]) -> Stamps:
    """Time of change [ns] and size of each file in these folders, or at these paths."""
    paths = [path for root in roots for path in (Path(root), *Path(root).rglob("*"))]
    files = {path: path.stat() for path in paths if path.is_file()}
    return {path: (status.st_mtime_ns, status.st_size) for path, status in files.items()}


def put_back() -> list[Path]:
    """Move what an earlier life of this job left to where it was; the files."""
    left = [path.relative_to(BROUGHT) for path in stamps([BROUGHT])]
    for path in left:
        _move(BROUGHT / path, path)
    return left


def gather(roots: Iterable[str], before: Stamps) -> None:
    """Move the files of `roots` that are not as `before` into the folder that is brought back."""
    for path, stamp in stamps(roots).items():
        if before.get(path) != stamp:
            _move(path, BROUGHT / path)


def _move(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    path.replace(to)


def run(arguments: list[str]) -> int:
    """Run this Python with `arguments` and return its exit code."""
    child = subprocess.Popen([sys.executable, *arguments])

    def pass_on(number: int, _frame: Any) -> None:
        for pid in ends(child.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    signal.signal(signal.SIGTERM, pass_on)
    code = child.wait()
    return code if code >= 0 else 128 - code


def main(arguments: list[str]) -> int:
    """Run Python with `arguments`, of which the first may be ours."""
    if arguments[:1] != ["--bring"]:
        return run(arguments)
    start = arguments.index("-m")
    roots = arguments[1:start]
    Path(BROUGHT).mkdir(exist_ok=True)
    before = stamps(roots)
    for path in put_back():
        before.pop(path, None)
    try:
        return run(arguments[start:])
    finally:
        gather(roots, before)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
