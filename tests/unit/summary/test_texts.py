"""Numbers, and the verdict on each problem, in words."""

import numpy as np
import pytest

from mpn_rl.sweep.summary.texts import (
    headline,
    interval_text,
    number_text,
    verdict,
)
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


def test_the_headline_of_one_problem_is_its_verdict_and_of_several_a_count() -> None:
    def blocks(delay: int, frozen: float) -> list:
        return [
            by_hand("mpn", {0: 1.0, 1: 1.0, 2: 1.0}, delay=delay),
            by_hand("mpn-frozen", {0: frozen, 1: frozen, 2: frozen}, delay=delay),
        ]

    assert headline(tables_of(blocks(6, 0.5))).startswith("mpn is above mpn-frozen by 0.50 in")
    several = tables_of([*blocks(6, 0.5), *blocks(12, 1.0)])
    assert headline(several) == "Plasticity helped in 1 of 2 problems"
    alone = headline(tables_of([by_hand("mpn", {0: 1.0})]))
    assert alone == "Whether plasticity helps cannot be said without mpn-frozen in the sweep"
    lost = [by_hand("mpn", {0: 1.0}, delay=delay) for delay in (6, 12)]
    said = "Whether plasticity helps cannot be said in any of 2 problems"
    assert headline(tables_of(lost)) == said


def test_numbers_as_text() -> None:
    assert [number_text(v) for v in (0.984, -0.004, -3.2, 123.45, 54321.0, np.nan)] == [
        "0.98",
        "0.00",
        "−3.20",
        "123.5",
        "54,321",
        "–",
    ]
    assert interval_text(0.5, 0.25, 0.75) == "0.50 [0.25, 0.75]"
    assert interval_text(0.5, np.nan, np.nan, signed=True) == "+0.50"
