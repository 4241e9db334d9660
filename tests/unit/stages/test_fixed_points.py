"""The stage fixed_points on an agent made by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpn_rl.artifacts.activity import Activity, write_activity
from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.fixed_points import read_fixed_points, read_timescales
from mpn_rl.sweep.stages.fixed_points import fixed_points
from mpn_rl.sweep.stages.runner import given_at

SETTINGS = {"checkpoint": "final", "num_states": 4}
POINT = {"task": "DelayedMatch-v0", "encoder": "none", "hidden_dim": 1, "learn_lambda": False}
# λ = 0.5, η = 1, W = 3: under x = 1 the gain is 6, and c = W + b = 0
WEIGHTS = {
    "core.layers.0.W": np.array([[3.0]], np.float32),
    "core.layers.0.b": np.array([-3.0], np.float32),
    "core.layers.0.eta": np.float32(1.0),
    "core.layers.0.lambda_raw": np.float32(0.5),
}


def recorded(**changes: Any) -> Activity:
    """12 episodes of 2 steps under x = 1, whose h has the sign of the sample."""
    sample = np.repeat([0.0, 1.0], 6)
    steps = np.repeat(sample[None, :, None], 2, axis=2)
    content: dict[str, Any] = {
        "seeds": np.array([7]),
        "lengths": np.full((1, 12), 2),
        "h": np.where(steps > 0, 0.5, -0.5).astype(np.float32)[..., None],
        "x": np.ones((1, 12, 2, 1), np.float32),
        "observations": np.ones((1, 12, 2, 1), np.float32),
        "actions": np.zeros((1, 12, 2), np.int64),
        "rewards": np.zeros((1, 12, 2), np.float32),
        "phases": np.tile([0, 1], (1, 12, 1)),
        "q_values": np.zeros((1, 12, 2, 2), np.float32),
        "correct": np.ones((1, 12)),
        "phase_names": ("sample", "delay"),
        "variables": {"sample": steps},
    }
    return Activity(**{**content, **changes})


def tables(
    home: Path, activity: Activity, weights: dict[str, Any] = WEIGHTS, **point: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    given = given_at(home, "fixed_points", "r", SETTINGS)
    write_activity(given.inputs["activity"], activity)
    own = Checkpoint({**POINT, **point}, 1, 2, {7: weights})
    write_checkpoint(given.inputs["checkpoint"], own)
    fixed_points(given)
    outputs = given.outputs
    return read_fixed_points(outputs["fixed_points"]), read_timescales(outputs["timescales"])


def test_a_bistable_unit_holds_the_sample(tmp_path: Path) -> None:
    points, scales = tables(tmp_path, recorded())
    delay = points[points["phase"] == "delay"]
    assert delay["h"].tolist() == pytest.approx([-0.999988, 0.0, 0.999988], abs=1e-6)
    assert delay["stable"].tolist() == [1, 0, 1]
    assert {*delay["holds"]} == {"sample"}
    assert {*points["seed"]} == {7}
    assert scales["bistable_units"].tolist() == [1, 1]
    assert scales["horizon"].tolist() == [np.inf, np.inf]
    assert scales["tau"].tolist() == [2, 2]


def test_what_does_not_apply_has_no_rows(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        points, scales = tables(tmp_path, recorded(), {}, core="mpn-frozen")
    assert points.empty
    assert scales.empty
    assert "core mpn-frozen has no memory that is known here" in caplog.text
    with caplog.at_level("INFO"):
        points, _ = tables(tmp_path, recorded(x=np.ones((1, 0, 2, 1), np.float32)))
    assert points.empty
    assert "what the core is given is not recorded" in caplog.text


def test_a_recording_of_another_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="has no seed 8"):
        tables(tmp_path, recorded(seeds=np.array([8])))
