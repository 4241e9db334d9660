"""What a sweep asks for: the rule and the record of every output."""

from pathlib import Path

from mpn_rl.sweep.layout import job_of, rule_of
from mpn_rl.sweep.plan import asks_for
from tests.fixtures.results import Results, name_in


def test_every_output_of_a_sweep_has_its_rule_and_record(results: Results, home: Path) -> None:
    block = name_in(results, home)
    assert rule_of(f"{block}/videos/episode_0_0.gif") == "render"
    assert job_of(f"{block}/videos/episode_0_0.gif").record == f"{block}/records/render_0_0.json"
    assert job_of("summary.pdf").record == "records/summarise.json"
    assert asks_for(results.sweep, f"{block}/videos/episode_0_0.gif")
    assert not asks_for(results.sweep, f"{block}/videos/episode_0_1.gif")
    assert asks_for(results.sweep, f"{block}/analysis/m_matrix.png") == ("_mpn_" in block)
