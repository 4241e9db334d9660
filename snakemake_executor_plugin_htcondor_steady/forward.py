"""Runs a job's Snakemake, and passes a SIGTERM on to what that runs.

`python forward.py -m snakemake …`: HTCondor asks a job to stop by a SIGTERM to its first
process alone. Were that Snakemake, it would wait for its script, which knows nothing of it, and
all would be killed when the time is up. So the processes at the ends of the tree are asked: a
training then saves its state and leaves, and goes on from there on the next machine.

Started by path and made of the standard library, as it costs every job its start.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any


def ends(pid: int) -> list[int]:
    """Return the processes below `pid` that have no children, or `pid` itself."""
    children: list[str] = []
    # Snakemake starts its scripts in a thread, and each thread has children of its own
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += thread.read_text().split()
    return [end for child in children for end in ends(int(child))] or [pid]


def main(arguments: list[str]) -> int:
    """Run this Python with `arguments` and return its exit code."""
    child = subprocess.Popen([sys.executable, *arguments])

    def pass_on(number: int, _frame: Any) -> None:
        for pid in ends(child.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    signal.signal(signal.SIGTERM, pass_on)
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
