"""Copies of the project, and the processor time of commands in them."""

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.turns import ROOT

# Not ru_maxrss, which begins at what the parent had when it started the process.
_MEASURED = """
import json, re, time
from pathlib import Path
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(json.dumps([time.process_time(), int(peak) / 1024]))
"""
PARTS = ("Snakefile", "workflow", "mpn_rl", "profiles", "config")


def copy_project(folder: Path) -> None:
    """Copy what a sweep needs to a new folder."""
    folder.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, folder / part)


def measured(script: str, folder: Path, seconds: float) -> tuple[float, float]:
    """Processor seconds and peak memory in MB of a Python script that is given `folder`.

    Raises RuntimeError, with its last words, if it fails.
    """
    command = [sys.executable, "-c", script + _MEASURED, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or "failed").splitlines()[-1])
    taken, peak = json.loads(done.stdout.splitlines()[-1])
    return taken, peak


def processor_seconds(
    folder: Path,
    *command: str,
    seconds: float,
    environment: dict[str, str] | None = None,
    said: str = "",
) -> float:
    """Processor seconds of a Python command in `folder` and of all that it starts.

    Raises RuntimeError if it fails or does not print `said`.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        cwd=folder,
        text=True,
        env=environment or {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    printed = done.stdout + done.stderr
    if done.returncode or said not in printed:
        raise RuntimeError(f"{folder.name}: {(printed.strip() or 'failed').splitlines()[-1]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
