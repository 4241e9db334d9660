"""The listings of code that records name."""

from pathlib import Path

import pytest

from mpn_rl.sweep.config.sweep import read_sweep
from mpn_rl.sweep.ledger import listing, recording
from mpn_rl.sweep.ledger.code import digests
from tests.fixtures.results import DATA, Results


def test_listings_are_kept_only_of_code_that_is_in_force(tmp_path: Path) -> None:
    results = Results(tmp_path / "results", read_sweep(DATA))
    run = next(iter(results.sweep.runs))
    home = results.make(run, "0-0")
    with recording(home, "evaluate", run=run, code="unknown", params={}, inputs=[], outputs=[]):
        pass
    kept = {path.stem for path in (results.root / "records" / "code").iterdir()}
    point = results.sweep.runs[run]
    assert kept == {digests.stage_digest(stage, point) for stage in ("train", "evaluate")}


@pytest.mark.parametrize("harm", [OSError("deleted"), SyntaxError("half written")])
def test_results_are_kept_where_the_code_cannot_be_listed(
    harm: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def harmed(*_: object) -> None:
        raise harm

    results = Results(tmp_path / "results", read_sweep(DATA))
    run, point = next(iter(results.sweep.runs.items()))
    home = results.make(run, "0-0")
    code = digests.stage_digest("plot", point)
    monkeypatch.setattr(listing, "functions_of_stage", harmed)
    with recording(home, "plot", run=run, code=code, params={}, inputs=[], outputs=[]):
        pass
    assert (home / "records" / "plot.json").is_file()
    assert not (results.root / "records" / "code" / f"{code}.json").exists()
