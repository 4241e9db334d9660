"""Decoding of agents made by hand, whose answer is known."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from mpn_rl.artifacts.activity import Activity, write_activity
from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.decoding import read_decoding
from mpn_rl.networks.build import build_network
from mpn_rl.observations import numbers
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved, run_id
from mpn_rl.playing.activity import record_activity
from mpn_rl.sweep.layout import file_in
from mpn_rl.sweep.stages.agents import load_trained
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
POINT = Hyperparameters(
    task="DelayedMatch-v0",
    delay=3,
    observation_noise=0.02,
    core="mpn",
    encoder="none",
    hidden_dim=2,
    eta=0.5,
    lambda_decay=0.9,
)
DELAY = slice(1, 4)


def made_by_hand(home: Path) -> Activity:
    """40 episodes of an agent whose first unit tells the sample, and is always shown fixation.

    With h = tanh(2 a - 2 b + (1 + M) f / 2) the synapse from fixation holds tanh(5/2) or tanh(-3/2)
    after the sample, and so h tells it as long as there is fixation.
    """
    network = build_network(POINT, numbers(4), 2, torch.Generator().manual_seed(0))
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    weights["core.layers.0.W"] = torch.tensor([[2.0, -2.0, 0.5, 0.0], [0.0] * 4])
    weights["core.layers.0.b"] = torch.zeros(2)
    path = file_in(home, "final")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_checkpoint(path, Checkpoint(resolved(POINT), 4, 2, {7: weights}))
    found = load_trained(path)
    return record_activity(found.agents(16), found.task(16), 40, max_recorded_mb=1.0)


def with_x_off_in_the_delay(home: Path, activity: Activity) -> Activity:
    """What the core does when it is given nothing in the delay."""
    x = activity.x.copy()
    x[:, :, DELAY] = 0
    [(_, [core])] = load_trained(file_in(home, "final")).from_core(40, 1)
    h = []
    for time in range(x.shape[2]):
        core(time, x[0, :, time])
        h.append(core.h.copy())
    return replace(activity, x=x, h=np.stack(h, axis=1)[None])


def decoded(home: Path, activity: Activity, **settings: Any) -> pd.DataFrame:
    given = given_at(home, "decode", run_id(POINT), {**SETTINGS, **settings})
    write_activity(given.inputs["activity"], activity)
    decode(given)
    return read_decoding(given.outputs["decoding"])


def over_time(table: pd.DataFrame, source: str) -> np.ndarray:
    """Scores of the sample at each time, by the decoder of that time."""
    of = table[(table["source"] == source) & (table["variable"] == "sample")]
    return of.loc[of["train_time"] == of["test_time"], "score"].to_numpy()


def test_M_and_h_hold_the_sample_and_the_input_does_not(tmp_path: Path) -> None:
    table = decoded(tmp_path, made_by_hand(tmp_path))
    assert over_time(table, "M").tolist() == [1.0] * 6
    assert over_time(table, "h")[:4].tolist() == [1.0] * 4
    assert over_time(table, "x")[0] == 1.0
    assert over_time(table, "x")[1:].max() < 0.75
    across = table[(table["source"] == "M") & (table["variable"] == "sample")]
    assert across["score"].mean() > 0.9
    assert len(across) == 36
    assert {*table["variable"]} == {"sample", "test", "match"}
    assert (table["seed"] == 7).all()
    assert (table["chance"] == 0.5).all()
    assert (table["episodes"] == 40).all()
    assert (table["control"].groupby(table["source"]).mean() - 0.5).abs().max() < 0.05
    names = ["sample", "delay", "delay", "delay", "test", "decision"]
    assert table["train_phase"].tolist() == [names[time] for time in table["train_time"]]
    assert table["test_phase"].tolist() == [names[time] for time in table["test_time"]]


def test_without_input_in_the_delay_h_is_silent_and_M_holds_the_sample(tmp_path: Path) -> None:
    table = decoded(tmp_path, with_x_off_in_the_delay(tmp_path, made_by_hand(tmp_path)))
    assert over_time(table, "M")[:4].tolist() == [1.0] * 4
    assert (over_time(table, "h")[DELAY] == 0.5).all()
    assert over_time(table, "h")[0] == 1.0


def test_other_cores_have_no_M(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    activity = made_by_hand(tmp_path)
    given = given_at(tmp_path, "decode", run_id(POINT.model_copy(update={"core": "gru"})), SETTINGS)
    write_activity(given.inputs["activity"], activity)
    with caplog.at_level("INFO"):
        decode(given)
    assert {*read_decoding(given.outputs["decoding"])["source"]} == {"h", "x"}
    assert "nothing is decoded from M: gru has none" in caplog.text


def test_what_was_too_wide_to_be_kept_is_not_read_from(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    activity = made_by_hand(tmp_path)
    with caplog.at_level("INFO"):
        table = decoded(tmp_path, replace(activity, x=activity.x[:, :3]))
    assert {*table["source"]} == {"h"}
    assert "x was too wide to be kept of all episodes" in caplog.text


def test_without_variables_or_agents_there_are_no_rows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    activity = made_by_hand(tmp_path)
    with caplog.at_level("INFO"):
        assert decoded(tmp_path, replace(activity, variables={})).empty
    assert "nothing to decode: the task names no variables" in caplog.text
    none = {name: getattr(activity, name)[:0] for name in ("seeds", "lengths", "h", "x", "phases")}
    variables = {name: values[:0] for name, values in activity.variables.items()}
    assert decoded(tmp_path, replace(activity, **none, variables=variables)).empty


def test_a_recording_of_fewer_episodes_than_folds_has_no_rows(tmp_path: Path) -> None:
    assert decoded(tmp_path, made_by_hand(tmp_path), max_episodes=3).empty


def test_of_many_synapses_some_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("mpn_rl.sweep.stages.decode.MOST_SYNAPSES", 6)
    with caplog.at_level("INFO"):
        one = decoded(tmp_path, made_by_hand(tmp_path))
    assert "of 8 synapses 6 are drawn" in caplog.text
    pd.testing.assert_frame_equal(one, decoded(tmp_path, made_by_hand(tmp_path)))
