"""Training from Python: the files and bytes of `mpn-rl train`."""

from pathlib import Path

import pytest

from mpn_rl import train
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


def test_what_cannot_be_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gamma: 2 is not a number in"):
        train(tmp_path / "new", gamma=2)
    with pytest.raises(UserError, match="eta: core gru has no eta"):
        train(tmp_path / "new", core="gru", eta=0.1)
    assert not (tmp_path / "new").exists()
