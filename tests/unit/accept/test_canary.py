"""The canary's tiny runs take the ways of the real ones."""

import pytest

from mpn_rl.accept.canary import FIRST_STEPS, canary, tiny
from mpn_rl.config.sweep import load_sweep
from mpn_rl.provenance.aliases import combination
from tests.workflow.project import ROOT


@pytest.mark.parametrize("name", ["config", "report", "ablation", "tuning", "parameters"])
def test_every_run_has_a_canary_of_its_combination(name):
    for point in load_sweep(ROOT / "config" / f"{name}.yaml").runs.values():
        small = tiny(point)
        same = {**combination(point), "num_episodes": None}
        assert {**combination(small), "num_episodes": None} == same
        assert FIRST_STEPS < (small.num_steps or 0) <= 1200


def test_code_that_is_not_at_hand_is_no_refutation(tmp_path):
    for commit, reason in (
        (None, "the records name no commit"),
        ("0" * 40, "is not at hand"),
        ("1234-dirty", "with changes"),
    ):
        outcome = canary([], commit, tmp_path)
        assert outcome.difference is None
        assert reason in str(outcome.skipped)
