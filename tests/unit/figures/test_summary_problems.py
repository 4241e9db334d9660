"""The verdict on each problem, in words."""

import pytest

from mpn_rl.sweep.summary.problems import verdict
from tests.fixtures.summary_by_hand import by_hand, tables_of

THREE = {0: 1.0, 1: 1.0, 2: 1.0}


@pytest.mark.parametrize(
    ("mpn", "frozen", "said"),
    [
        (
            {0: 1.0, 1: 1.0},
            {0: 0.5, 1: 0.5},
            "above mpn-frozen by 0.50 in fraction correct on each",
        ),
        (
            {0: 0.5, 1: 0.5},
            {0: 1.0, 1: 1.0},
            "below mpn-frozen by 0.50 in fraction correct on each",
        ),
        (THREE, {0: 0.25, 1: 0.25, 2: 0.0}, "plasticity helped: +0.83 [0.47, 1.19]"),
        ({0: 0.25, 1: 0.25, 2: 0.0}, THREE, "plasticity hurt: −0.83"),
        ({0: 0.5, 1: 1.0}, {0: 1.0, 1: 0.5}, "no clear difference"),
        ({0: 0.5, 1: 0.5}, {0: 0.5, 1: 0.5}, "level with mpn-frozen on each of 2 common seeds"),
        ({0: 1.0}, {0: 0.5}, "too few seeds to tell"),
        ({0: 1.0}, {1: 0.5}, "no seed completed with both"),
        ({0: 1.0}, None, "cannot be said without mpn-frozen"),
    ],
)
def test_the_verdict(mpn: dict, frozen: dict | None, said: str) -> None:
    blocks = [by_hand("mpn", mpn)] + ([] if frozen is None else [by_hand("mpn-frozen", frozen)])
    tables = tables_of(blocks)
    assert said in verdict(tables, tables.problems()[0])
