"""A training that goes on elsewhere says so, and is the same for all that."""

import itertools
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from mpn_rl import interruption
from mpn_rl.artifacts import metrics
from mpn_rl.artifacts.metrics import MetricsFile, read_metrics
from mpn_rl.interruption import Stopped
from mpn_rl.learning.results import SeedResult
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.playing import rollout
from mpn_rl.sweep.ledger.lease import lease
from mpn_rl.sweep.stages import progress, resuming
from mpn_rl.sweep.stages.progress import heard
from mpn_rl.sweep.stages.resuming import Folder, MachineSettings

POINT = Hyperparameters(
    core="gru",
    delay=1,
    encoder_dim=4,
    hidden_dim=4,
    num_steps=80,
    num_envs=4,
    batch_size=4,
    learning_starts=20,
    replay_start="episode",
    validation_period=40,
    validation_episodes=4,
)
KEY: dict[str, Any] = {"hyperparameters": resolved(POINT), "code": "c"}


def train(path: Path) -> SeedResult:
    with lease(path) as held:
        make = partial(SeedTraining, POINT, 0, "cpu")
        return Folder(path, KEY, held).train(0, make, MachineSettings())


def stopped_after(calls: int) -> Callable[[], None]:
    """A look at whether one was asked to end that says yes after so many."""
    counted = itertools.count(1)

    def check() -> None:
        if next(counted) > calls:
            raise Stopped

    return check


def cut_off(path: Path, monkeypatch: pytest.MonkeyPatch, processor: str) -> None:
    """Train for some steps on a processor of that type."""
    monkeypatch.setattr(resuming, "processor", lambda: processor)
    with monkeypatch.context() as asked:
        asked.setattr(resuming, "check", stopped_after(5))
        with pytest.raises(Stopped, match="saved at step 24"):
            train(path)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_another_processor_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cut_off(tmp_path / "a", monkeypatch, "EPYC (x86_64)")
    monkeypatch.setattr(resuming, "processor", lambda: "Xeon (x86_64)")
    resumed = train(tmp_path / "a")
    (line,) = said(caplog)
    assert "seed 0" in line
    assert line.index("EPYC (x86_64)") < line.index("Xeon (x86_64)")
    assert resumed.history == train(tmp_path / "b").history


def test_the_same_processor_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cut_off(tmp_path, monkeypatch, "EPYC (x86_64)")
    train(tmp_path)
    assert said(caplog) == []


def test_a_state_of_an_earlier_version_names_none_and_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write = resuming.write_state
    monkeypatch.setattr(
        resuming,
        "write_state",
        lambda path, content, key: write(
            path, {name: item for name, item in content.items() if name != "processor"}, key
        ),
    )
    cut_off(tmp_path, monkeypatch, "EPYC (x86_64)")
    caplog.set_level(logging.INFO)
    train(tmp_path)
    assert said(caplog) == []
    assert any("continues from step" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("calls", [0, 2, 5])
def test_a_validation_that_was_cut_off_is_done_again(
    calls: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as asked:
        asked.setattr(rollout, "check", stopped_after(calls))
        with pytest.raises(Stopped, match="saved at step"):
            train(tmp_path / "a")
    resumed, whole = train(tmp_path / "a"), train(tmp_path / "b")
    assert resumed.history == whole.history
    assert resumed.history.validation_step == [40, 80]
    for name, weights in whole.final.items():
        assert torch.equal(weights, resumed.final[name])


def test_whoever_asks_to_stop_waits_until_all_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            waited.append((function.__name__, interruption._request.unhurried > 0))
            return function(*given)

        return call

    monkeypatch.setattr(SeedTraining, "get_state", watched(SeedTraining.get_state))
    monkeypatch.setattr(resuming, "write_state", watched(resuming.write_state))
    cut_off(tmp_path, monkeypatch, "EPYC (x86_64)")
    assert waited == [("get_state", True), ("write_state", True)]
    train(tmp_path)
    assert waited[-1] == ("write_state", True)  # the result


def test_saving_takes_a_tenth_of_the_time_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    saves: list[float] = []
    monkeypatch.setattr(resuming, "PROGRESS_SECONDS", 1e9)
    training = SeedTraining(POINT, 0, "cpu")
    between = resuming._Between(
        training, lambda: saves.append(now), MachineSettings(save_seconds=0)
    )
    between.saved_at = 0.0
    # a save takes two seconds: another one begins eighteen after its end, or later
    for step in range(1, 50):
        now = float(step)
        between.saved_step = -1  # there is something to save
        times = iter([now, now, now + 2])
        monkeypatch.setattr(
            resuming.time, "monotonic", lambda times=times, now=now: next(times, now)
        )
        between()
    assert saves == [1.0, 21.0, 41.0]


def test_progress_is_told_once_of_each_step_however_often_training_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "EVENT_SECONDS", 0.0)
    monkeypatch.setattr(metrics, "WRITE_SECONDS", 0.0)
    whole, cut = MetricsFile(tmp_path / "whole.jsonl"), MetricsFile(tmp_path / "cut.jsonl")
    with heard(whole.add):
        train(tmp_path / "a")
    with heard(cut.add):
        cut_off(tmp_path / "b", monkeypatch, "EPYC")
        state = tmp_path / "b" / "seed_0.state"
        kept = state.read_bytes()
        with monkeypatch.context() as asked:  # goes on, and is killed before it has saved
            asked.setattr(resuming, "check", stopped_after(5))
            with pytest.raises(Stopped):
                train(tmp_path / "b")
        state.write_bytes(kept)
    with heard(MetricsFile(cut.path).add):
        train(tmp_path / "b")
    volatile = {"time", "steps_per_second", "status"}
    lines = [
        [{n: v for n, v in event.items() if n not in volatile} for event in read_metrics(file.path)]
        for file in (whole, cut)
    ]
    assert lines[0] == lines[1]
    assert [event["step"] for event in lines[0]] == [*range(0, 81, 4)]
    assert [read_metrics(file.path)[-1]["status"] for file in (whole, cut)] == ["completed"] * 2
