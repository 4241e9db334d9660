"""Processor seconds of compiling: where there are no kernels on the disk, and where there are."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.marks import Mark, Missing
from benchmarks.parts import Part
from benchmarks.pqn import CORES
from benchmarks.turns import ROOT, one_thread

COLD, WARM = 20.0, 1.0
SECONDS = 300
# What a training of two rollouts and its greedy episodes takes beyond the same once more.
_TRAIN = """
import json, sys, time
from benchmarks.pqn import SETTINGS
from mpn_rl.learning.training import make_training
from mpn_rl.parameters.hyperparameters import Hyperparameters
hp = Hyperparameters(**SETTINGS | {"core": sys.argv[1], "num_steps": 2048})
def train():
    begin = time.process_time()
    training = make_training(hp, 0)
    training.prepare()
    training.run(lambda: None)
    return time.process_time() - begin
first = train()
print(json.dumps(first - train()))
"""


def measure(quick: bool) -> Part:
    """Compile for each core in a folder of its own, then load from it."""
    found = {core: _cold_and_warm(core) for core in (CORES[:1] if quick else CORES)}
    rows = [["core", "cold", "from the disk"]]
    marks: list[Mark | Missing] = []
    for core, seconds in found.items():
        if isinstance(seconds, str):
            marks.append(Missing(f"compiling, {core}", seconds))
            continue
        rows.append([core, *(f"{value:.2f} s" for value in seconds)])
        for what, value, mark in zip(("cold", "from the disk"), seconds, (COLD, WARM), strict=True):
            name = f"compiling, {core}, {what}"
            marks.append(Mark(name, f"{value:.2f} s", "", value, mark, unit="s", at_most=True))
    return Part({"compiling": rows}, marks)


def _cold_and_warm(core: str) -> list[float] | str:
    """The seconds without and with kernels on disk, or why there are none."""
    with tempfile.TemporaryDirectory() as folder:
        environment = one_thread(NUMBA_CACHE_DIR=folder, XDG_CACHE_HOME=str(Path(folder) / "other"))
        try:
            return [_seconds(core, environment) for _ in range(2)]
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return str(error)


def _seconds(core: str, environment: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _TRAIN, core],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or "failed").splitlines()[-1])
    return float(json.loads(done.stdout.splitlines()[-1]))
