"""Copies of code and config for the jobs of a sweep."""

import json
from pathlib import Path

import pytest

from mpn_rl import tree
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.config.sweep import read_sweep
from mpn_rl.sweep.ledger import asked, frozen, in_force
from mpn_rl.sweep.ledger.code.digests import Named, stage_digest

RUNS = {"run": Named("DelayedMatch-v0", "gru", "pqn", "recipe")}
STAGES = {"train": True, "summarise": False}
GRU = Hyperparameters(core="gru")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(asked.VARIABLE, raising=False)
    return tmp_path


def test_the_copy_is_the_code_and_the_digests_are_its(elsewhere, monkeypatch):
    path = asked.ask({"sweep": {}}, RUNS, STAGES)
    monkeypatch.setenv(asked.VARIABLE, str(path))
    found = asked.asked_for()
    assert found.document == {"sweep": {}}
    code = Path(found.search[0]).absolute()
    assert tree.tree_hash(code) == tree.BEGUN_WITH
    assert code.is_relative_to(elsewhere)
    assert "commit" in json.loads((code / "commit.json").read_bytes())
    assert found.digest("train", "run") == stage_digest("train", GRU)
    assert found.digest("summarise", None) == stage_digest("summarise")
    assert found.digest("train", "other") is None
    assert asked.ask({"sweep": {}}, RUNS, STAGES) == path


def test_the_runs_of_a_kept_config_stand_in_its_order(elsewhere):
    grid = {"task": ["RepeatPrevious-v0", "DelayedMatch-v0"], "core": ["mpn", "gru"]}
    document = {"sweep": {"grid": grid}}
    asked.ask(document, {"b": RUNS["run"], "a": Named()}, {"summarise": False})
    kept = asked.last_asked(elsewhere)
    assert list(kept.runs) == ["b", "a"]
    assert list(read_sweep(kept.document).runs) == list(read_sweep(document).runs)


def test_code_that_was_edited_since_the_process_began_is_not_copied(elsewhere, monkeypatch):  # noqa: ARG001
    monkeypatch.setattr(frozen, "tree_hash", lambda _: "another")
    with pytest.raises(UserError, match="was edited while this process was starting"):
        asked.ask({}, RUNS, STAGES)
    assert not list((asked.FOLDER / "code").glob("*/mpn_rl"))


def test_a_job_with_other_code_than_was_asked_for_refuses(elsewhere, monkeypatch):  # noqa: ARG001
    path = asked.ask({}, RUNS, STAGES)
    monkeypatch.setenv(asked.VARIABLE, str(path))
    assert in_force.code_in_force("train", run="run") == stage_digest("train", GRU)
    content = json.loads(path.read_bytes())
    content["digests"]["train DelayedMatch-v0 gru pqn recipe"] = "0123456789abcdef"
    path.write_text(json.dumps(content))
    with pytest.raises(ArtifactError, match=r"is not the code that the sweep began with \(0123"):
        in_force.code_in_force("train", run="run")


def test_a_process_whose_code_was_edited_refuses(monkeypatch):
    monkeypatch.setattr(in_force, "tree_hash", lambda _: "another")
    with pytest.raises(ArtifactError, match="was edited while this process was starting"):
        in_force.code_in_force("analyse")


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 2}', '{"format": 1, "runs": 3}'])
def test_what_cannot_be_read_is_one_sentence(elsewhere, monkeypatch, content):
    path = elsewhere / "asked.json"
    path.write_text(content)
    monkeypatch.setenv(asked.VARIABLE, str(path))
    with pytest.raises(UserError, match="what the sweep asked for cannot be read"):
        asked.asked_for()


def test_the_users_module_is_copied_and_its_neighbours_are_linked(elsewhere, monkeypatch):
    own = elsewhere / "own"
    (own / "big").mkdir(parents=True)
    (own / "frozen_task.py").write_text("import frozen_part\n")
    (own / "frozen_part.py").write_text("x = 1\n")
    (own / "data.bin").write_text("1")
    monkeypatch.syspath_prepend(str(own))
    copy = frozen.copy_own(asked.FOLDER, ["frozen_task:X-v0"])[0]
    (own / "frozen_part.py").write_text("x = 2\n")
    assert (copy / "frozen_part.py").read_text() == "x = 1\n"
    assert not (copy / "frozen_task.py").is_symlink()
    assert (copy / "data.bin").is_symlink()
    assert (copy / "big").is_symlink()
    assert frozen.copy_own(asked.FOLDER, ["DelayedMatch-v0", "mpn"]) == []


def test_no_link_leads_round_in_a_circle(elsewhere, monkeypatch):
    """The task lies in the working directory itself, or in a folder above it."""
    (elsewhere / "work").mkdir()
    (elsewhere / "circle_task.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(elsewhere))
    for place in (elsewhere, elsewhere / "work"):
        monkeypatch.chdir(place)
        copy = frozen.copy_own(asked.FOLDER, ["circle_task:X-v0"])[0]
        for path in copy.iterdir():
            assert not copy.resolve().is_relative_to(path.resolve())


def test_copies_that_nobody_begins_with_any_more_are_deleted(elsewhere, monkeypatch):  # noqa: ARG001
    asked.ask({}, RUNS, STAGES)
    monkeypatch.setattr(frozen.time, "time", lambda: 4e9)
    frozen.forget_old(asked.FOLDER)
    assert not list((asked.FOLDER / "code").iterdir())
