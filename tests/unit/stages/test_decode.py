"""Decoding of recordings whose answer is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpn_rl.artifacts.activity import Activity, write_activity
from mpn_rl.artifacts.decoding import read_decoding
from mpn_rl.sweep.stages import decode as stage
from mpn_rl.sweep.stages.decode import decode
from mpn_rl.sweep.stages.runner import given_at

SETTINGS = {
    "checkpoint": "final",
    "folds": 4,
    "max_episodes": 40,
    "max_times": 24,
    "shuffles": 5,
    "centred": True,
}


def recorded(**changes: Any) -> Activity:
    """Two steps of noise, of which h shows the sample at the first."""
    generator = np.random.default_rng(0)
    sample = np.tile([0.0, 1.0], 20)[None, :, None].repeat(2, axis=2)
    h = generator.standard_normal((1, 40, 2, 3)).astype(np.float32)
    h[..., 0, 0] += 10 * sample[..., 0]
    content = {
        "seeds": np.array([7]),
        "lengths": np.full((1, 40), 2),
        "h": h,
        "x": generator.standard_normal((1, 40, 2, 4)).astype(np.float32),
        "observations": np.zeros((1, 40, 2, 1), np.float32),
        "actions": np.zeros((1, 40, 2), np.int64),
        "rewards": np.zeros((1, 40, 2), np.float32),
        "phases": np.tile([0, 1], (1, 40, 1)),
        "q_values": np.zeros((1, 40, 2, 2), np.float32),
        "correct": np.ones((1, 40)),
        "phase_names": ("sample", "delay"),
        "variables": {"sample": sample},
    }
    return Activity(**{**content, **changes})


class Holding:
    """A memory of noise that holds the sample from the first step on."""

    def first(self, count: int) -> "Holding":
        assert count == SETTINGS["max_episodes"]
        return self

    def at(self, times: np.ndarray) -> np.ndarray:
        M = np.random.default_rng(1).standard_normal((len(times), 40, 3, 4))
        M[..., 2, 1] += 10 * np.tile([0.0, 1.0], 20)
        return M


def decoded(home: Path, activity: Activity, **settings: Any) -> pd.DataFrame:
    given = given_at(home, "decode", "t_gru_00000000", {**SETTINGS, **settings})
    write_activity(given.inputs["activity"], activity)
    decode(given)
    return read_decoding(given.outputs["decoding"])


def test_what_holds_a_variable_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "_memories", lambda *_: {7: Holding()})
    table = decoded(tmp_path, recorded())
    scores = table.set_index(["source", "train_time", "test_time"])["score"]
    assert scores["M"].tolist() == [1.0] * 4
    assert scores["h", 0, 0] == 1.0
    assert scores["h", 1, 1] < 0.75
    assert scores["x"].max() < 0.75
    assert {*table["seed"]} == {7}
    assert {*table["variable"]} == {"sample"}
    assert {*table["chance"]} == {0.5}
    assert {*table["episodes"]} == {40}
    assert (table["control"] - 0.5).abs().max() < 0.2
    names = {0: "sample", 1: "delay"}
    assert table["train_phase"].tolist() == [names[time] for time in table["train_time"]]
    assert table["test_phase"].tolist() == [names[time] for time in table["test_time"]]


def test_without_variables_or_agents_there_are_no_rows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        assert decoded(tmp_path, recorded(variables={})).empty
    assert "nothing to decode: the task names no variables" in caplog.text
    none = {
        name: getattr(recorded(), name)[:0] for name in ("seeds", "lengths", "h", "x", "phases")
    }
    nothing = recorded(**none, variables={"sample": np.zeros((0, 0, 2))})
    assert decoded(tmp_path, nothing).empty


def test_a_recording_of_fewer_episodes_than_folds_has_no_rows(tmp_path: Path) -> None:
    assert decoded(tmp_path, recorded(), max_episodes=3).empty
