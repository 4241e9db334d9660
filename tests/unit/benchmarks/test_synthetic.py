"""Made-up results are results: the summary of them is made."""

from pathlib import Path

from benchmarks.synthetic import write_results
from mpn_rl.sweep.stages.runner import given_at, run_stage


def test_a_summary_is_made_of_them(tmp_path: Path) -> None:
    run_stage(given_at(tmp_path, "summarise", None, write_results(tmp_path, 2)), "0")
    assert (tmp_path / "summary.pdf").read_bytes().startswith(b"%PDF")
