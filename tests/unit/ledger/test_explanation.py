"""Why an output would be made anew, on a small results folder made of plain files."""

import json
from pathlib import Path
from typing import Any

import pytest

from mpn_rl.errors import UserError
from mpn_rl.sweep.ledger import stage_digest
from mpn_rl.sweep.ledger.explanation import explain
from tests.fixtures.results import DATA, Results, name_in, with_changes


def test_an_explanation_of_what_is_up_to_date(results: Results, home: Path) -> None:
    found = explain(home / "evaluation.csv", results.sweep)
    assert not found.stale
    assert "made it at" in found.reasons[0]


@pytest.mark.usefixtures("results")
def test_an_explanation_names_the_param(home: Path) -> None:
    changed = with_changes(evaluation={"num_episodes": 4})
    assert explain(home / "evaluation.csv", changed).reasons == ("param num_episodes: 3 -> 4",)
    assert not explain(home / "checkpoints" / "final_model.pt", changed).stale


def test_an_explanation_names_module_and_function(
    results: Results, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listings = list((results.root / "records" / "code").iterdir())
    assert len(listings) == 4
    for path in listings:
        listing = json.loads(path.read_text())
        if listing["stage"] == "train":
            listing["parts"]["mpn_rl.learning.dqn"] = "old"
            listing["functions"]["mpn_rl.learning.dqn"]["RecurrentDQN.update"] = "old"
            del listing["parts"]["mpn_rl.learning.targets"]
            path.write_text(json.dumps(listing))
    real = stage_digest

    def changed(stage: str, point: Any = None) -> str:
        return "new" if stage == "train" else real(stage, point)

    monkeypatch.setattr("mpn_rl.sweep.ledger.states.stage_digest", changed)
    assert explain(home / "training_history.json", results.sweep).reasons == (
        "code: mpn_rl.learning.dqn has changed: RecurrentDQN.update",
        "code: mpn_rl.learning.targets is used now",
    )
    below = explain(home / "evaluation.csv", results.sweep).reasons
    checkpoint = name_in(results, home / "checkpoints" / "final_model.pt")
    assert below[0].startswith(f"input {checkpoint} is stale: code: mpn_rl.learning.dqn")


def test_an_explanation_names_the_input(results: Results, home: Path) -> None:
    (home / "checkpoints" / "final_model.pt").unlink()
    checkpoint = name_in(results, home / "checkpoints" / "final_model.pt")
    assert explain(home / "evaluation.csv", results.sweep).reasons == (
        f"input {checkpoint} is stale: it does not exist",
    )


def test_an_explanation_of_what_is_damaged_or_unrecorded(results: Results, home: Path) -> None:
    (home / "evaluation.csv").write_text("altered")
    assert "audit --fix" in explain(home / "evaluation.csv", results.sweep).reasons[0]
    (home / "records" / "evaluate.json").unlink()
    assert "is not there" in explain(home / "evaluation.csv", results.sweep).reasons[0]


def test_an_explanation_of_what_is_not_asked_for(results: Results, home: Path) -> None:
    other = with_changes(sweep={**DATA["sweep"], "grid": {"core": ["lstm"]}})
    found = explain(home / "evaluation.csv", other)
    assert (found.stale, found.reasons) == (False, ("this config does not ask for it",))
    with pytest.raises(UserError, match="no stage makes such a file"):
        explain(home / "notes.txt", results.sweep)
