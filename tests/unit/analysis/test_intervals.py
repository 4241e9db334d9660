"""Intervals over few seeds, by hand and beside scipy's."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl.statistics.intervals import (
    exact_interval,
    improvement,
    mean_of_intervals,
    trimmed_interval,
)

THOUSANDTHS = st.integers(-100_000, 100_000).map(lambda number: number / 1000)


def test_a_t_interval_by_hand() -> None:
    # three values: nothing is cut; mean 2, s² = 1, variance 1/3, t of two degrees 4.3027
    half = 4.3027 / np.sqrt(3)
    assert trimmed_interval([[1.0, 2.0, 3.0]]) == pytest.approx((2 - half, 2 + half), abs=1e-4)


def test_what_is_cut_still_widens_the_interval() -> None:
    # 0 1 1 1 1: the IQM is 1, winsorised nothing differs; s² = 0.2, so 0.2 / 5 and t of four 2.7764
    low, high = trimmed_interval([[0.0, 1.0, 1.0, 1.0, 1.0]])
    assert (low, high) == pytest.approx((1 - 2.7764 * 0.2, 1 + 2.7764 * 0.2), abs=1e-4)
    bounded = trimmed_interval([[0.0, 1.0, 1.0, 1.0, 1.0]], bounds=(0.0, 1.0))
    assert bounded == (low, 1.0)


def test_the_winsorised_variance_by_hand() -> None:
    # 0 0 3 6 6, one cut at each end: (0 + 3 + 6) / 3 = 3; s² = 9 of the winsorised, which are the
    # values themselves; 5 · 9 / 3² = 5 is more than 9 / 5
    low, high = trimmed_interval([[6.0, 0.0, 3.0, 0.0, 6.0]])
    half = 2.7764 * np.sqrt(5)
    assert (low, high) == pytest.approx((3 - half, 3 + half), abs=1e-3)


@given(st.lists(THOUSANDTHS, min_size=2, max_size=20, unique=True))
def test_without_a_cut_it_is_scipys_interval_of_the_mean(values: list[float]) -> None:
    expected = scipy.stats.ttest_1samp(values, 0.0).confidence_interval()
    found = trimmed_interval([values], cut=0.0)
    assert found == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-6)


@given(st.lists(THOUSANDTHS, min_size=4, max_size=20, unique=True))
def test_it_is_never_narrower_than_that_of_tukey_and_mclaughlin(values: list[float]) -> None:
    n, each = len(values), len(values) // 4
    ordered = np.sort(values)
    middle = np.clip(ordered, ordered[each], ordered[n - each - 1])
    error = middle.std(ddof=1) * np.sqrt(n) / (n - 2 * each)
    low, high = trimmed_interval([values])
    assert high - low >= 2 * scipy.stats.t.ppf(0.975, n - 1) * error * (1 - 1e-9)
    assert (low + high) / 2 == pytest.approx(scipy.stats.trim_mean(values, 0.25), abs=1e-6)


def test_strata_apart() -> None:
    # how strata differ makes nothing uncertain, what differs within does: s² = 2 in each of two
    # strata of two, pooled 0 2 10 12, one cut at each end; winsorised 2 2 10 10: nothing within.
    # The mean's: (2 · 2 + 2 · 2) / 4² = ½; Welch: (¼ + ¼)² / (1/16 + 1/16) = 2 degrees of freedom
    low, high = trimmed_interval([[0.0, 2.0], [10.0, 12.0]])
    half = 4.3027 * np.sqrt(0.5)
    assert (low, high) == pytest.approx((6 - half, 6 + half), abs=1e-3)
    assert np.isnan(trimmed_interval([[0.0, 0.0], [1.0, 1.0]])).all()


@pytest.mark.parametrize("strata", [[], [[]], [[0.3]], [[0.3], [0.5]], [[1.0] * 5], [[np.nan, 1]]])
def test_seeds_that_are_alike_give_no_interval(strata: list) -> None:
    assert np.isnan(trimmed_interval(strata)).all()


def test_missing_values_are_left_out() -> None:
    assert trimmed_interval([[1, np.nan, 2, 3]]) == trimmed_interval([[1, 2, 3]])


def test_exact_intervals_by_hand() -> None:
    # of five successes in five the lower end p has p⁵ = 0.025
    assert exact_interval(5, 5) == pytest.approx((0.025 ** (1 / 5), 1.0))
    assert exact_interval(0, 3) == pytest.approx((0.0, 1 - 0.025 ** (1 / 3)))
    assert exact_interval(10, 10)[0] == pytest.approx(0.6915, abs=1e-4)
    assert np.isnan(exact_interval(0, 0)).all()


def test_the_probability_of_improvement_by_hand() -> None:
    # pairs: 3 > 1, 3 > 2, 2 > 1, 2 = 2: (3 + ½) / 4
    value, low, high = improvement([3.0, 2.0], [1.0, 2.0])
    assert value == 0.875
    assert 0 < low < value < high < 1
    assert improvement([1.0, 2.0], [3.0, 2.0]) == pytest.approx((0.125, 1 - high, 1 - low))
    assert np.isnan(improvement([], [1.0])).all()
    assert improvement([np.nan, 3.0, 2.0], [1.0, 2.0])[0] == 0.875


def test_seeds_that_all_win_are_not_certain() -> None:
    # m = n = 1, so k = 0: (θ − 1)² = z² θ (1 − θ), θ = 1 / (1 + z²), z = 1.96
    value, low, high = improvement([1.0], [0.0])
    assert (value, high) == (1.0, 1.0)
    assert low == pytest.approx(1 / (1 + 1.959964**2), abs=1e-6)
    assert improvement([0.0], [1.0]) == pytest.approx((0.0, 0.0, 1 - low))
    five = improvement([1.0] * 5, [0.0] * 5)
    assert low < five[1] < 1.0


def test_the_mean_of_intervals_by_hand() -> None:
    # distances 0.3 and 0.4 below, of which the root of squares is 0.5; none above the first
    found = mean_of_intervals([(1.0, 0.7, 1.0), (0.5, 0.1, 0.7)])
    assert found == pytest.approx((0.75, 0.5, 0.85))
    assert np.isnan(mean_of_intervals([])).all()
