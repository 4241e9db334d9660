"""Trainings begin with what other blocks and shorter runs kept, and end as they would alone."""

import logging
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mpn_rl.learning.results import SeedResult
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.sweep.ledger.lease import lease
from mpn_rl.sweep.stages.resuming import Folder, MachineSettings

SHORT = Hyperparameters(
    core="gru",
    learner="dqn",
    delay=1,
    encoder_dim=4,
    hidden_dim=4,
    num_steps=80,
    num_envs=4,
    batch_size=4,
    buffer_size=400,
    learning_starts=20,
    replay_start="episode",
    learning_rate_decay=None,
    learning_rate_power=1.0,
    epsilon_decay=100,
    validation_period=40,
    validation_episodes=4,
    validation_share=None,
)


def replace(point: Hyperparameters, **changes: Any) -> Hyperparameters:
    return point.model_copy(update=changes)


LONG = replace(SHORT, num_steps=160)
KEEP = MachineSettings(keep_state=True)


def train(path: Path, point: Hyperparameters, machine: MachineSettings = KEEP) -> SeedResult:
    key = {"hyperparameters": resolved(point), "code": "c"}
    with lease(path) as held:
        make = partial(SeedTraining, point, 0, "cpu")
        return Folder(path, key, held).train(0, make, machine)


def work(folder: Path, name: str) -> Path:
    return folder / "results" / ".work" / name


def begun(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines = [record.getMessage() for record in caplog.records]
    return [line for line in lines if "continues from" in line or "already complete" in line]


@pytest.fixture(autouse=True)
def listen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_a_grown_block_keeps_its_seeds(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = train(work(tmp_path, "T_gru_1/seeds_0-0"), SHORT, MachineSettings())
    caplog.clear()
    after = train(work(tmp_path, "T_gru_1/seeds_0-1"), SHORT)
    assert len(begun(caplog)) == 1
    assert before.history == after.history
    caplog.clear()
    train(work(tmp_path, "T_gru_1/seeds_0-2"), replace(SHORT, gamma=0.5))
    train(tmp_path / "experiments" / ".work" / "seeds_0-1", SHORT)
    assert begun(caplog) == []


def test_more_steps_go_on_from_fewer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    alone = train(work(tmp_path / "alone", "T_gru_2/seeds_0-0"), LONG)
    train(work(tmp_path, "T_gru_0/seeds_0-0"), replace(SHORT, num_steps=40))
    train(work(tmp_path, "T_gru_1/seeds_0-4"), SHORT)
    train(work(tmp_path, "T_gru_3/seeds_0-0"), replace(SHORT, num_steps=240))
    caplog.clear()
    grown = train(work(tmp_path, "T_gru_2/seeds_0-0"), LONG)
    (line,) = begun(caplog)
    assert line == "seed 0: continues from step 80"
    assert grown.history == alone.history
    for name, weights in alone.final.items():
        assert (weights == grown.final[name]).all()


@pytest.mark.parametrize(
    "changed",
    [{"learning_rate_decay": "training"}, {"gamma": 0.5}, {"learning_rate": 0.01}],
)
def test_another_course_is_trained_from_the_start(
    changed: dict[str, object], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    short = SHORT if "gamma" in changed else replace(SHORT, **changed)
    if "learning_rate" in changed:
        short = SHORT
    train(work(tmp_path, "T_gru_1/seeds_0-0"), short)
    caplog.clear()
    train(work(tmp_path, "T_gru_2/seeds_0-0"), replace(LONG, **changed))
    assert begun(caplog) == []


def test_what_is_unfinished_or_damaged_is_not_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = work(tmp_path, "T_gru_1/seeds_0-0")
    train(kept, SHORT)
    (kept / "seed_0.result").rename(kept / "elsewhere")
    caplog.clear()
    train(work(tmp_path, "T_gru_2/seeds_0-0"), LONG)
    assert begun(caplog) == []
    (kept / "elsewhere").rename(kept / "seed_0.result")
    damaged = bytearray((kept / "seed_0.state").read_bytes())
    damaged[-1] ^= 1
    (kept / "seed_0.state").write_bytes(damaged)
    train(work(tmp_path, "T_gru_4/seeds_0-0"), replace(LONG, num_steps=120))
    assert begun(caplog) == []
    assert "damaged" in caplog.text
