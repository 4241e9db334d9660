"""A training that goes on elsewhere says so, and is the same for all that."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mpn_rl.learning.results import SeedResult
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.sweep.ledger.lease import lease
from mpn_rl.sweep.stages import resuming
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
    validation_period=40,
    validation_episodes=4,
)
KEY: dict[str, Any] = {"hyperparameters": resolved(POINT), "code": "c"}


def train(path: Path, stop: Callable[[], bool] = lambda: False) -> SeedResult:
    with lease(path) as held:
        machine = MachineSettings(stop=stop)
        return Folder(path, KEY, held).train(0, lambda: SeedTraining(POINT, 0, "cpu"), machine)


def cut_off(path: Path, monkeypatch: pytest.MonkeyPatch, processor: str) -> None:
    """Train for some steps on a processor of that type."""
    monkeypatch.setattr(resuming, "processor", lambda: processor)
    asked = iter([False] * 5)
    with pytest.raises(InterruptedError):
        train(path, lambda: next(asked, True))


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
    assert any("goes on from step" in record.getMessage() for record in caplog.records)
