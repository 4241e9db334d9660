"""Taking acceptances back, on a folder of plain files."""

from pathlib import Path

import pytest

from mpn_rl.sweep.accept import acceptance
from mpn_rl.sweep.ledger.aliases import combination, read_aliases, write_alias
from mpn_rl.sweep.ledger.engine import Metadata
from tests.fixtures.results import Results


def remembered(results: Results, rule: str) -> Path:
    """What the engine remembers of a record, as a file that is there."""
    home = f"runs/{next(iter(results.sweep.runs))}/seeds_0-0"
    path = Metadata(results.root.parent).path(f"results/{home}/records/{rule}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    return path


@pytest.fixture
def accepted(results: Results) -> Results:
    point = next(iter(results.sweep.runs.values()))
    write_alias(results.root, "train", "0" * 16, "1" * 16, combination(point), {"when": "now"})
    return results


def test_taking_back_that_is_cut_off_is_done_by_a_repetition(
    accepted: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    trained = remembered(accepted, "train")
    with monkeypatch.context() as patched:
        patched.setattr(acceptance, "_forget", cut_off)
        with pytest.raises(KeyboardInterrupt):
            acceptance.take_back(accepted.root)
    assert acceptance.take_back(accepted.root) == 1
    assert not trained.exists()
    assert not read_aliases(accepted.root)


def test_what_the_engine_remembers_of_other_stages_stays(accepted: Results) -> None:
    trained, evaluated = remembered(accepted, "train"), remembered(accepted, "evaluate")
    acceptance.take_back(accepted.root)
    assert not trained.exists()
    assert evaluated.exists()
