"""Results of others: nothing of theirs is run, and a checkpoint is that of its own run."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.experiment import write_config
from mpn_rl.errors import UserError
from mpn_rl.parameters.points import read_point, resolved, run_id
from mpn_rl.sweep.cli.main import main
from mpn_rl.sweep.ledger import recording
from mpn_rl.sweep.ledger.audit import audit
from mpn_rl.sweep.ledger.belonging import OtherRunError, check_belongs
from mpn_rl.sweep.ledger.named import modules_of, note_named, refuse_unnamed
from mpn_rl.sweep.ledger.states import MISPLACED

POINT = {"task": "DelayedMatch-v0", "core": "gru", "num_steps": 100, "learner": "dqn"}
EVIL = "evil_mod:Evil-v0"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def evil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module on Python's path that leaves a trace where it is imported."""
    trace = tmp_path / "executed"
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "evil_mod.py").write_text(f"open({str(trace)!r}, 'w').close()\n")
    monkeypatch.syspath_prepend(folder)
    return trace


def experiment(home: Path, of: dict[str, Any], in_checkpoint: dict[str, Any]) -> Path:
    """A trained experiment of `of`, with a checkpoint that says something else."""
    point, other = read_point(of), read_point(in_checkpoint)
    path = home / "checkpoints" / "final_model.pt"
    history = home / "training_history.json"
    outputs = [home / "config.json", history, path, path.with_name("best_model.pt")]
    params = resolved(point)
    with recording(
        home,
        "train",
        run=run_id(point),
        code="c",
        params=params,
        inputs=[],
        outputs=outputs,
        seeds=[0],
    ):
        write_config(outputs[0], run=run_id(point), hyperparameters=params, seeds=[0])
        history.write_text(json.dumps({"seeds": {"0": {"failure": None}}}))
        for output in outputs[2:]:
            write_checkpoint(output, Checkpoint(resolved(other), 4, 3, {0: {"W": torch.ones(2)}}))
    return path


@pytest.mark.parametrize("changes", [{"task": EVIL}, {"task": "CartPole-v1"}, {"hidden_dim": 65}])
def test_a_checkpoint_of_another_run_is_refused_and_found(
    changes: dict[str, Any], tmp_path: Path, evil: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "experiments" / "victim"
    path = experiment(home, POINT, {**POINT, **changes})
    with pytest.raises(OtherRunError, match=f"differs in .*{next(iter(changes))}"):
        check_belongs(path, home, None)
    folder = ["--experiment-name", "victim", "--experiments", str(home.parent)]
    with pytest.raises(SystemExit) as ended:
        main(["eval", *folder])
    assert ended.value.code == 1
    assert "is of another run" in capsys.readouterr().err
    kinds = {state.path.name: state.kind for state in audit(home).findings}
    assert (kinds["final_model.pt"], kinds["best_model.pt"]) == (MISPLACED, MISPLACED)
    assert not evil.exists()


def test_a_longer_training_has_been_asked_for_since(tmp_path: Path) -> None:
    path = experiment(tmp_path, {**POINT, "num_steps": 200}, POINT)
    check_belongs(path, tmp_path, None)


def test_in_a_sweep_the_checkpoint_is_that_of_its_folder(tmp_path: Path) -> None:
    run = run_id(read_point(POINT))
    home = tmp_path / "runs" / run / "seeds_0-0"
    path = experiment(home, POINT, POINT)
    check_belongs(path, home, run)
    moved = tmp_path / "runs" / f"{run[:-8]}00000000"
    home.parent.rename(moved)
    with pytest.raises(OtherRunError, match="is of another run"):
        check_belongs(moved / "seeds_0-0" / path.relative_to(home), moved / "seeds_0-0", moved.name)


@pytest.mark.parametrize("command", [["eval"], ["render"], ["analyze", "collect"], ["resume"]])
def test_no_module_is_imported_on_the_word_of_results(
    command: list[str], tmp_path: Path, evil: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "experiments" / "victim"
    of = {**POINT, "task": EVIL}
    experiment(home, of, of)
    folder = ["--experiment-name", "victim", "--experiments", str(home.parent)]
    with pytest.raises(SystemExit) as ended:
        main([*command, *folder])
    assert ended.value.code == 1
    assert "add --trust evil_mod" in capsys.readouterr().err
    assert not evil.exists()
    for look in (["audit", str(home)], ["explain", str(home / "evaluation.csv")]):
        with pytest.raises(SystemExit):
            main(look)
    assert not evil.exists()


def test_a_module_may_be_imported_where_the_user_names_it(tmp_path: Path, evil: Path) -> None:
    point = read_point({**POINT, "task": EVIL})
    said_by = tmp_path / "config.json"
    with pytest.raises(UserError, match="add --trust evil_mod"):
        refuse_unnamed(point, said_by)
    refuse_unnamed(point, said_by, ["evil_mod"])
    note_named([point])
    refuse_unnamed(point, said_by)
    assert not evil.exists()


def test_a_module_of_that_name_in_another_place_is_another(
    tmp_path: Path, evil: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = read_point({**POINT, "task": EVIL})
    note_named([point])
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "evil_mod.py").write_text("raise SystemExit(7)")
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="add --trust evil_mod"):
        refuse_unnamed(point, tmp_path)
    assert not evil.exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"task": "CartPole-v1"}, []),
        ({"task": "popgym:popgym-RepeatFirstEasy-v0"}, []),
        ({"task": "ALE/Pong-v5"}, []),
        ({"task": "a.b:X-v0"}, ["a.b"]),
        ({"task": "CartPole-v1", "env_wrappers": "TimeAwareObservation"}, []),
        ({"task": "CartPole-v1", "env_wrappers": "evil_mod.sub.Wrapper"}, ["evil_mod.sub"]),
        (
            {"task": "CartPole-v1", "env_wrappers": "gymnasium.wrappers.common.os.system"},
            ["common.os"],
        ),
    ],
)
def test_modules_that_a_run_names(changes: dict[str, Any], expected: list[str]) -> None:
    assert modules_of(read_point({**POINT, **changes})) == expected
