"""The audit of a small results folder made of plain files, and the repair of what is false."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mpn_rl.artifacts.experiment import write_config
from mpn_rl.sweep.ledger import recording, stage_digest
from mpn_rl.sweep.ledger.audit import audit, set_aside
from mpn_rl.sweep.ledger.explanation import explain
from mpn_rl.sweep.ledger.inventory import Inventory
from mpn_rl.sweep.ledger.states import States
from mpn_rl.sweep.plan import points, rule_settings, task_settings
from tests.fixtures.results import DATA, Results, name_in, with_changes


def test_what_is_whole_has_no_findings(results: Results) -> None:
    found = audit(results.root)
    assert found.findings == ()
    assert found.checked == 4 * 5


@pytest.mark.parametrize("content", [b"", b"half", b"something else altogether"])
def test_a_damaged_artifact_is_named_with_its_maker(
    content: bytes, results: Results, home: Path
) -> None:
    (home / "evaluation.csv").write_bytes(content)
    [found] = audit(results.root).findings
    assert (found.path, found.kind) == (home / "evaluation.csv", "damaged")
    assert "stage evaluate made at" in found.reason


def test_a_lost_record_leaves_its_outputs_without(results: Results, home: Path) -> None:
    (home / "records" / "evaluate.json").unlink()
    assert results.kinds() == {name_in(results, home / "evaluation.csv"): "no record"}


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"format": 1}', '{"format": 9, "stage": "evaluate"}'],
)
def test_a_damaged_record_is_named_with_its_outputs(
    content: str, results: Results, home: Path
) -> None:
    (home / "records" / "evaluate.json").write_text(content)
    assert results.kinds() == {
        name_in(results, home / "evaluation.csv"): "no record",
        name_in(results, home / "records" / "evaluate.json"): "damaged",
    }


def test_a_record_cannot_claim_files_outside_its_folder(results: Results, home: Path) -> None:
    path = home / "records" / "evaluate.json"
    record = json.loads(path.read_text())
    record["outputs"] = {"../../../../outside": "0"}
    path.write_text(json.dumps(record))
    [_, found] = audit(results.root).findings
    assert "outside its folder" in found.reason


def test_an_input_that_was_made_anew_outdates_what_was_made_from_it(
    results: Results, home: Path
) -> None:
    evaluation, record = (home / "evaluation.csv").read_bytes(), home / "records" / "evaluate.json"
    before = record.read_bytes()
    results.make(home.parent.name, "0-0", weights="other")
    (home / "evaluation.csv").write_bytes(evaluation)
    record.write_bytes(before)
    [found] = audit(results.root).findings
    assert (found.path, found.kind) == (home / "evaluation.csv", "outdated")
    assert "checkpoints/final_model.pt" in found.reason


def test_a_missing_artifact_is_told_and_not_false(results: Results, home: Path) -> None:
    (home / "evaluation.csv").unlink()
    found = audit(results.root)
    assert [finding.kind for finding in found.findings] == ["missing"]
    assert found.false == ()


@pytest.mark.parametrize("what", ["a pipe", "a folder"])
def test_what_is_no_file_in_an_artifact_s_place_is_damaged(
    what: str, results: Results, home: Path
) -> None:
    path = home / "checkpoints" / "best_model.pt"
    path.unlink()
    os.mkfifo(path) if what == "a pipe" else path.mkdir()
    [found] = audit(results.root).findings
    assert (found.path, found.kind) == (path, "damaged")
    assert found.reason.startswith("cannot be read: ")


def test_a_block_copied_to_another_run_is_noticed(results: Results, home: Path) -> None:
    other = next(path for path in (results.root / "runs").iterdir() if path != home.parent)
    (other / "seeds_0-0").rename(results.root / "gone")
    home.rename(other / "seeds_0-0")
    found = audit(results.root / "runs")
    assert {finding.kind for finding in found.findings} == {"misplaced"}
    assert len(found.false) == 5


def test_code_that_has_changed_is_told_and_not_false(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = stage_digest

    def changed(stage: str, point: Any = None) -> str:
        return "other" if stage == "evaluate" else real(stage, point)

    monkeypatch.setattr("mpn_rl.sweep.ledger.states.stage_digest", changed)
    found = audit(results.root)
    assert {finding.kind for finding in found.findings} == {"old code"}
    assert len(found.findings) == 4
    assert found.false == ()


def test_fix_sets_aside_what_is_false_under_a_name_that_says_why(
    results: Results, home: Path
) -> None:
    for _ in range(2):
        (home / "evaluation.csv").write_text("altered")
        set_aside(results.root, audit(results.root).false)
        assert not (home / "evaluation.csv").exists()
    aside = results.root / ".set_aside" / "runs" / home.parent.name / home.name
    assert sorted(path.name for path in aside.iterdir()) == [
        "evaluation.csv.damaged-0",
        "evaluation.csv.damaged-1",
    ]
    assert set(results.kinds().values()) == {"missing"}
    results.evaluate(home)
    assert results.kinds() == {}


def test_an_unfinished_experiment_is_not_false(results: Results, home: Path) -> None:
    experiment = results.root.parent / "experiments" / "x"
    params = rule_settings(results.sweep, "train", home.parent.name)
    write_config(experiment / "config.json", run="r", hyperparameters=params, seeds=[0])
    [found] = audit(experiment.parent).findings
    assert (found.kind, found.is_false) == ("unfinished", False)


def test_an_extended_experiment_is_not_false_before_its_training_ends(
    results: Results, home: Path
) -> None:
    experiment = results.root.parent / "experiments" / "x"
    experiment.parent.mkdir()
    home.rename(experiment)
    assert audit(experiment).findings == ()
    params = rule_settings(results.sweep, "train", experiment_run := home.parent.name)
    longer = {**params, "num_steps": 200}
    write_config(experiment / "config.json", run=experiment_run, hyperparameters=longer, seeds=[0])
    [found] = audit(experiment).findings
    assert (found.path.name, found.kind) == ("config.json", "unfinished")


def baselines_of(results: Results, code: str | None = None) -> Path:
    """The baselines of the sweep's one task setting, as their stage would leave them."""
    ((setting, _),) = task_settings(results.sweep).items()
    path = results.root / "baselines" / f"{setting}.csv"
    with recording(
        results.root,
        "baselines",
        run=None,
        code=code or stage_digest("baselines", points(results.sweep)[setting]),
        params=rule_settings(results.sweep, "baselines", setting),
        inputs=[],
        outputs=[path],
        seeds=[],
        name=f"baselines_{setting}",
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_text("agent,return\n")
    return path


def test_baselines_are_those_of_their_task_setting(results: Results) -> None:
    path = baselines_of(results)
    assert results.kinds() == {}
    assert not explain(path, results.sweep).stale
    other = with_changes(seeds={"first": 1, "count": 2, "per_job": 1})
    assert explain(path, other).reasons == ("param first_seed: 0 -> 1",)
    baselines_of(results, code="other")
    assert results.kinds() == {name_in(results, path): "old code"}


def test_an_output_of_a_sweep_that_does_not_ask_for_it(results: Results, home: Path) -> None:
    other = with_changes(sweep={**DATA["sweep"], "grid": {"core": ["lstm"]}})
    states = States(Inventory(results.root), other)
    assert [state.kind for state in states.of(home / "evaluation.csv")] == ["unasked"]


def test_the_gravest_is_said_first(results: Results, home: Path) -> None:
    (home / "evaluation.csv").write_text("altered")
    states = States(Inventory(results.root), with_changes(evaluation={"num_episodes": 4}))
    kinds = [state.kind for state in states.of(home / "evaluation.csv")]
    assert kinds == ["damaged", "other params"]
