"""Training from Python: the files and bytes of `mpn-rl train`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mpn_rl import train
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.parameters.errors import ConfigError
from tests.unit.results.conftest import SMALL, made


def test_it_leaves_what_the_command_line_does(tmp_path: Path) -> None:
    made(tmp_path / "there", (3,), core="mpn")
    here = train(tmp_path / "here", [3], **SMALL, core="mpn")
    for name in ("training_history.json", "checkpoints/final_model.pt"):
        first, second = (tmp_path / folder / name for folder in ("here", "there"))
        assert first.read_bytes() == second.read_bytes()
    assert here.seeds == [3]
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "here").rglob("*")}
    again = train(tmp_path / "here", [3], **SMALL, core="mpn")
    assert again.run == here.run
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "here").rglob("*")}
    with pytest.raises(ConfigError, match="here exists with seeds: \\[3\\]"):
        train(tmp_path / "here", [4], **SMALL, core="mpn")


@pytest.mark.parametrize("seeds", [3, None, "0", [-1], [0.5], [0, 0], [], [2**63]])
def test_seeds_that_are_none_are_said(tmp_path: Path, seeds: Any) -> None:
    with pytest.raises(ConfigError, match=r"seeds: .* is not a list of different seeds from 0 up"):
        train(tmp_path / "new", seeds)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        ({"device": "abacus"}, "device: 'abacus' is not one of auto, cpu, cuda"),
        ({"device": None}, "device: None is not one of auto, cpu, cuda"),
        ({"device": "mps:7"}, "device: this machine has no mps:7"),
        ({"seeds_at_once": 0}, "seeds_at_once: 0 is not a whole number at least 1"),
    ],
)
def test_a_machine_that_is_none_is_said(tmp_path: Path, machine: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        train(tmp_path / "new", **machine)
    assert not (tmp_path / "new").exists()


def test_agents_that_never_learned_do_not_play(tmp_path: Path) -> None:
    failed = train(tmp_path / "new", task="Taxi-v4", num_steps=16, num_envs=2, hidden_dim=4)
    for play in (failed.evaluate, failed.record, failed.network):
        with pytest.raises(ArtifactError, match="no seed completed; seed 0: no gradient update"):
            play()


def test_numbers_of_numpy_are_numbers(tmp_path: Path) -> None:
    point = {**SMALL, "num_steps": np.int64(SMALL["num_steps"]), "gamma": np.float32(0.5)}
    agents = train(tmp_path / "new", np.arange(1), **point, core="gru")
    assert (agents.seeds, agents.hyperparameters.gamma) == ([0], 0.5)
    with pytest.raises(ConfigError, match=r"new exists with core: 'gru', gamma: 0.5; choose"):
        train(tmp_path / "new", [0], **SMALL, core="mpn")


def test_a_file_in_the_place_of_a_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(ConfigError, match="notes exists and is not an experiment"):
        train(tmp_path / "notes", **SMALL)
    assert (tmp_path / "notes").read_text() == "mine"


def test_what_cannot_be_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gamma: 2 is not a number in"):
        train(tmp_path / "new", gamma=2)
    with pytest.raises(UserError, match="eta: core gru has no eta"):
        train(tmp_path / "new", core="gru", eta=0.1)
    assert not (tmp_path / "new").exists()
