"""The listings of code that records name."""

from pathlib import Path

from mpn_rl.config.sweep import read_sweep
from mpn_rl.provenance import digests, recording
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
