"""What a validation curve says, by hand."""

import numpy as np
import pytest

from mpn_rl.statistics.learning_measures import (
    area_under_curve,
    final_window,
    first_reaching,
    median_time,
)


def test_the_area_is_the_mean_height() -> None:
    # ½ over the first 10 steps, 1 over the next 30
    assert area_under_curve([0, 10, 40], [0.0, 1.0, 1.0]) == pytest.approx((5 + 30) / 40)
    assert area_under_curve([0, 5, 10], [0.0, np.nan, 1.0]) == 0.5
    assert area_under_curve([5], [0.25]) == 0.25
    assert np.isnan(area_under_curve([], []))


def test_the_final_window_is_a_tenth_and_three_at_least() -> None:
    assert final_window(np.arange(100.0)) == np.arange(90, 100).mean()
    assert final_window([9.0, 1.0, 2.0, 3.0]) == 2.0
    assert final_window([1.0, 2.0]) == 1.5
    assert final_window(np.arange(31.0)) == 28.5  # four, as a tenth is rounded up
    assert np.isnan(final_window([np.nan]))


def test_the_first_step_at_a_threshold() -> None:
    steps, values = [5, 10, 15, 20], [0.5, np.nan, 0.95, 0.2]
    assert first_reaching(steps, values, 0.95) == 15
    assert np.isnan(first_reaching(steps, values, 0.96))


def test_the_median_of_censored_times_by_hand() -> None:
    assert median_time([10, 20, 30], [True] * 3) == 20
    # 10, and three of four still on the way; 20 of two: the half
    assert median_time([10, 20, 60, 60], [True, True, False, False]) == 20
    # survival as a product of shares is a rounding above a half here
    five = [20, 20, 30, 30, 40, *[100] * 5]
    assert median_time(five, [True] * 5 + [False] * 5) == 40
    # of five two reached it within 60: the median is beyond
    assert np.isnan(median_time([10, 20, 60, 60, 60], [True, True, False, False, False]))
    assert np.isnan(median_time([60], [False]))
    # one who left at 15 counts until then: 1 · ¾ at 10, then two are left: ¾ · ½ at 20
    assert median_time([10, 15, 20, 60], [True, False, True, False]) == 20
