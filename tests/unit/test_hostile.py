"""Files and names that mean harm: nothing is executed, nothing lands outside the results."""

import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl.artifacts.activity import read_activity
from mpn_rl.artifacts.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.pca import read_projection
from mpn_rl.errors import UserError
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.sweep.cli.main import main
from mpn_rl.sweep.config.sweep import read_sweep
from mpn_rl.sweep.ledger import recording
from tests.fixtures.stages import run_rule

RUN_ID = r"[A-Za-z0-9.-]+_[a-z-]+_[0-9a-f]{8}"
HOSTILE = [
    "../../outside",
    "/etc/passwd",
    "a/../../b",
    "..",
    ".",
    "a\nb",
    "a\0b",
    "a b",
    "a\\..\\b",
    "~root",
    "{run}",
    "$(touch x)",
    "`touch x`",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u2025/x",
    "\uff0e\uff0e/x",
    "a\u202eb",
    "CON:../x",
    "é",
    "",
    " ",
    "x" * 300,
    "-rf",
    "a:b:c",
]


class Crafted:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


@pytest.fixture
def touched(tmp_path: Path) -> Path:
    return tmp_path / "touched"


@pytest.mark.parametrize("how", ["pickle", "torch", "torch, old format", "inside a checkpoint"])
def test_a_crafted_checkpoint_executes_nothing(how: str, tmp_path: Path, touched: Path) -> None:
    path = tmp_path / "final_model.pt"
    crafted = Crafted(touched)
    if how == "pickle":
        path.write_bytes(pickle.dumps(crafted))
    elif how == "inside a checkpoint":
        write_checkpoint(path, Checkpoint({"x": crafted}, 1, 1, {0: {"w": torch.zeros(1)}}))
    else:
        torch.save(crafted, path, _use_new_zipfile_serialization=how == "torch")
    with pytest.raises(ArtifactError, match=re.escape(str(path))):
        read_checkpoint(path)
    assert not touched.exists()
    with recording(
        tmp_path, "train", run="r", code="c", params={}, inputs=[], outputs=[path], seeds=[0]
    ):
        pass  # even one that has a record
    with pytest.raises(ArtifactError):
        run_rule(tmp_path, "evaluate", "r", num_episodes=1, checkpoint="final")
    assert not touched.exists()


@pytest.mark.parametrize("read", [read_activity, read_projection])
def test_crafted_arrays_execute_nothing(read: Any, tmp_path: Path, touched: Path) -> None:
    path = tmp_path / "arrays.npz"
    np.savez(path, seeds=np.array([Crafted(touched)], dtype=object))
    with pytest.raises(ArtifactError, match=re.escape(str(path))):
        read(path)
    path.write_bytes(pickle.dumps(Crafted(touched)))
    with pytest.raises(ArtifactError, match=re.escape(str(path))):
        read(path)
    assert not touched.exists()


def sweep(**changes: Any) -> Any:
    sections = {"base": {"num_steps": 10}, **changes}
    return read_sweep({"sweep": {"name": "s", **sections}})


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_a_config_cannot_leave_the_results(name: str, tmp_path: Path) -> None:
    for changes in ({"base": {"task": name}}, {"grid": {"core": [name]}}, {"grid": {name: [1]}}):
        with pytest.raises(ConfigError):
            sweep(**changes)
    with pytest.raises(SystemExit) as ended:
        main(["train", f"--experiment-name={name}", "--experiments", str(tmp_path / "here")])
    assert ended.value.code in (1, 2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [n for n in HOSTILE if not re.fullmatch(r"[\w.-]+", n, re.ASCII)])
def test_the_title_of_a_sweep_carries_no_markup(name: str) -> None:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}", name):
        assert sweep(name=name).name == name
        return
    with pytest.raises(ConfigError, match=r"sweep\.name"):
        sweep(name=name)


@given(st.text(max_size=40) | st.from_regex(r"[\w./:-]{1,40}", fullmatch=True))
def test_whatever_task_a_config_names_the_run_is_one_safe_file_name(name: str) -> None:
    try:
        found = sweep(base={"task": name, "num_steps": 10})
    except ConfigError:
        return
    [run] = found.runs
    assert re.fullmatch(RUN_ID, run, re.ASCII)
    assert run not in (".", "..")


def test_a_record_that_names_files_elsewhere_gives_nothing_away(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    home = tmp_path / "home"
    with recording(home, "train", run="r", code="c", params={}, inputs=[], outputs=[], seeds=[]):
        pass
    path = home / "records" / "train.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "outputs": {"../outside": "0" * 64}}))
    with pytest.raises(SystemExit):
        main(["audit", str(home), "--fix"])
    assert outside.read_text() == "x"
    with pytest.raises(UserError):
        run_rule(home, "evaluate", "r", num_episodes=1, checkpoint="final")
