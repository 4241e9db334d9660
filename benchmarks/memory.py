"""Peak memory of a training of the default run, and of the summary of a thousand runs."""

import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.marks import Mark, Missing
from benchmarks.parts import Part
from benchmarks.project import measured
from benchmarks.synthetic import write_results

RUNS, FEW_RUNS, SECONDS = 1000, 20, 300
_TRAIN = """
import sys
from pathlib import Path
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.sweep.stages.resuming import MachineSettings, train_block
from mpn_rl.sweep.stages.runner import given_at
folder = Path(sys.argv[1])
given = given_at(folder / "run", "train", "default", resolved(Hyperparameters()), seeds=[0])
train_block(given, "0", MachineSettings(save_seconds=5))
"""
_SUMMARISE = """
import json, sys
from pathlib import Path
from mpn_rl.sweep.stages.runner import given_at, run_stage
folder = Path(sys.argv[1])
settings = json.loads((folder / "params.json").read_text())
run_stage(given_at(folder, "summarise", None, settings), "0")
"""


def measure(quick: bool) -> Part:
    """Measure both, each in a process of its own."""
    runs = FEW_RUNS if quick else RUNS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        training = _peak("training, default run", _TRAIN, folder / "training", 450)
        results = folder / "results"
        results.mkdir()
        (results / "params.json").write_text(json.dumps(write_results(results, runs)))
        what = f"summary of {runs:,} runs of 10 seeds"
        return Part(marks=[training, _peak(what, _SUMMARISE, results, 600)])


def _peak(what: str, script: str, folder: Path, mark: float) -> Mark | Missing:
    what = f"peak memory, {what}"
    folder.mkdir(exist_ok=True)
    try:
        _, peak = measured(script, folder, SECONDS)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return Missing(what, str(error))
    return Mark(what, f"{peak:.0f} MB", "", peak, mark, unit="MB", at_most=True)
