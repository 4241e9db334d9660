"""What each stage after training loads: a process of its own is mostly the start of libraries."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.history import write_history
from mpn_rl.networks.build import build_network
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved, run_id
from mpn_rl.sweep.layout import file_in
from mpn_rl.sweep.ledger import recording

HEAVY = (
    "gymnasium",
    "matplotlib",
    "matplotlib.pyplot",
    "numba",
    "pandas",
    "scipy",
    "torch",
    "yaml",
)
POINT = Hyperparameters(task="DelayedMatch-v0", hidden_dim=4, encoder_dim=4, delay=1)
COMPILED = {"numba", "scipy", "yaml"}  # numba reads a file of settings, if there is one
PLAYS = {*COMPILED, "gymnasium"}
MOVES = {*PLAYS, "matplotlib", "mpn_rl.sweep.config"}
DECODING = {
    "checkpoint": "final",
    "folds": 2,
    "max_episodes": 2,
    "max_times": 4,
    "shuffles": 1,
    "centred": True,
}
# stage -> its settings and wildcards, and which of HEAVY it may load
STAGES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "evaluate": ({"num_episodes": 2, "checkpoint": "final"}, PLAYS),
    "collect": ({"num_episodes": 2, "checkpoint": "final", "max_recorded_mb": 1.0}, PLAYS),
    "analyse": ({"checkpoint": "final"}, COMPILED),
    "decode": (DECODING, COMPILED),
    "fixed_points": ({"checkpoint": "final", "num_states": 2}, set()),
    "lesion": ({"num_episodes": 2, "checkpoint": "final"}, PLAYS),
    "generalise": ({"num_episodes": 2, "checkpoint": "final", "values": [0, 3]}, PLAYS),
    "measure": (
        {"analysis": "own_counts:Counts", "checkpoint": "final"},
        {*COMPILED, "matplotlib"},
    ),
    "plot": ({"color_by": "phase"}, {"matplotlib"}),
    "plot_memory": ({"tables": ["decoding", "fixed_points"]}, {"matplotlib"}),
    "plot_plasticity": (
        {"color_by": "phase", "checkpoint": "final"},
        {*COMPILED, "matplotlib"},
    ),
    "render": (
        {"seed": 0, "episode": 0, "fps": 5, "checkpoint": "final"},
        {*PLAYS, "matplotlib", "mpn_rl.sweep.config"},
    ),
}
SCRIPT = """
import json, sys
from pathlib import Path
home, rule, run, settings, heavy = json.loads(sys.argv[1])
import mpn_rl.sweep.stages.jobs
from mpn_rl.sweep.stages.runner import given_at, run_stage
wildcards = {n: str(settings.pop(n)) for n in ("seed", "episode") if n in settings}
wildcards |= {"analysis": "own"} if rule == "measure" else {}
run_stage(given_at(Path(home), rule, run, settings, wildcards), "c")
print(*sorted({*heavy} & {*sys.modules}))
"""

COUNTS = """
from mpn_rl.analysis.base import Analysis

class Counts(Analysis):
    columns = {"steps": int}

    def measure(self, recorded):
        return {"steps": recorded.lengths}
"""


def trained(home: Path) -> None:
    """What training leaves behind of one agent with random weights."""
    weights = build_network(POINT, 4, 2, torch.Generator().manual_seed(0)).state_dict()
    checkpoint, history = file_in(home, "final"), file_in(home, "history")
    outputs = [checkpoint, history]
    with recording(
        home, "train", run="r", code="c", params={}, inputs=[], outputs=outputs, seeds=[0]
    ):
        write_checkpoint(checkpoint, Checkpoint(resolved(POINT), 4, 2, {0: weights}))
        write_history(history, {0: {"status": "completed", "failure": None}})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An experiment directory that is trained."""
    trained(tmp_path)
    (tmp_path / "own_counts.py").write_text(COUNTS)
    return tmp_path


def assert_loads_no_more(home: Path, rule: str) -> None:
    """Run a stage in a process of its own, and look which libraries it has loaded."""
    settings, allowed = STAGES[rule]
    asked = json.dumps([str(home), rule, run_id(POINT), settings, HEAVY])
    command = [sys.executable, "-c", SCRIPT, asked]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert {*done.stdout.split()} <= allowed, rule


def test_a_stage_that_plays_loads_no_more_than_it_needs(home: Path) -> None:
    assert_loads_no_more(home, "evaluate")


@pytest.mark.slow
def test_each_stage_loads_no_more_than_it_needs(home: Path) -> None:
    for rule in STAGES:
        assert_loads_no_more(home, rule)


@pytest.mark.parametrize("module", ["mpn_rl.networks", "mpn_rl.playing.rollout", "mpn_rl.tasks"])
def test_rooms_below_do_not_load_torch(module: str) -> None:
    script = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], timeout=120).returncode == 0
