"""What the measurement of coverage measures, and that intervals of few seeds hold."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks.coverage import bootstrap, coverage, exact, rows, student, trimmed_rate


def test_the_share_of_intervals_with_a_width_and_of_these_that_cover() -> None:
    # exact intervals of 0, 2, 4 of 4: [0, 0.60], [0.07, 0.93], [0.40, 1], all wide
    samples = np.array([[0, 0, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1.0]])
    generator = np.random.default_rng(0)
    assert coverage(exact, samples, 0.3, generator) == (1.0, pytest.approx(2 / 3))
    # all alike: the bootstrap has no width and the t-interval is none
    for interval in (bootstrap, student):
        assert coverage(interval, samples, 0.5, generator) == (pytest.approx(1 / 3), 1.0)


def test_the_target_of_all_or_nothing_outcomes() -> None:
    assert trimmed_rate(0.8, 3) == 0.8  # three values: nothing is cut
    assert trimmed_rate(0.8, 5) == pytest.approx(1.0)  # a fifth at each end
    assert trimmed_rate(0.4, 20) == pytest.approx((0.4 - 0.25) / 0.5)


@pytest.mark.parametrize("number", [3, 5])
def test_the_interval_holds_where_the_bootstrap_does_not(number: int) -> None:
    generator = np.random.default_rng(number)
    samples = generator.normal(size=(1000, number))
    # one standard error of a coverage of 0.95 in 1000 samples is 0.007
    assert coverage(student, samples, 0.0, generator)[1] == pytest.approx(0.95, abs=0.021)
    assert coverage(bootstrap, samples, 0.0, generator)[1] < 0.93


def test_every_outcome_and_number_has_a_row() -> None:
    found = list(rows(20))
    assert len(found) == 5 * 4
    assert {len(row) for row in found} == {7}
