"""Hand-computed values, and agreement with scipy."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mpn_rl.statistics.statistics import (
    common_grid,
    interquartile_mean,
    on_grid,
    paired_differences,
    running_mean,
)


def test_interquartile_mean_by_hand() -> None:
    # of eight values the two lowest and two highest go: (3 + 4 + 5 + 6) / 4
    assert interquartile_mean([100, 1, 2, 3, 4, 5, 6, -50]) == pytest.approx((2 + 3 + 4 + 5) / 4)
    assert interquartile_mean([0.0, 0.0, 9.0]) == pytest.approx(3.0)  # three: nothing is cut
    assert interquartile_mean([0.0, 1.0, 3.0, 50.0]) == pytest.approx(2.0)  # four: one each side


def test_interquartile_mean_leaves_nan_out() -> None:
    values = np.array([[0.0, np.nan, 1.0, 3.0, 50.0], [np.nan] * 5])
    np.testing.assert_allclose(interquartile_mean(values), [2.0, np.nan])
    assert np.isnan(interquartile_mean([]))


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 12), st.integers(1, 4)),
        elements=st.floats(-1e6, 1e6),
    )
)
def test_interquartile_mean_is_scipys_trimmed_mean(values: np.ndarray) -> None:
    expected = scipy.stats.trim_mean(values, 0.25, axis=0)
    np.testing.assert_allclose(interquartile_mean(values, axis=0), expected, atol=1e-9)
    # the path for nan gives the same
    padded = np.concatenate([values, np.full((1, values.shape[1]), np.nan)])
    np.testing.assert_allclose(interquartile_mean(padded, axis=0), expected, atol=1e-9)


def test_paired_differences_use_common_finite_seeds() -> None:
    first = {0: 1.0, 1: 0.5, 2: np.nan, 5: 9.0}
    second = {1: 0.25, 0: 0.5, 2: 1.0, 7: 1.0}
    np.testing.assert_allclose(paired_differences(first, second), [0.5, 0.25])


def test_running_mean_by_hand() -> None:
    np.testing.assert_allclose(running_mean([1, 2, 3, 4], 2), [1, 1.5, 2.5, 3.5])
    np.testing.assert_allclose(running_mean([np.nan, 2, np.nan, 4], 2), [np.nan, 2, 2, 4])
    assert running_mean([], 3).shape == (0,)
    with pytest.raises(ValueError, match="window"):
        running_mean([1.0], 0)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.integers(1, 10))
@settings(max_examples=50)
def test_running_mean_against_a_loop(values: list[float], window: int) -> None:
    expected = [np.mean(values[max(0, end - window) : end]) for end in range(1, len(values) + 1)]
    np.testing.assert_allclose(running_mean(values, window), expected, atol=1e-9)


def test_curves_on_a_common_grid() -> None:
    np.testing.assert_allclose(common_grid([[0, 10], [10, 20]]), [0, 10, 20])
    np.testing.assert_allclose(common_grid([np.arange(1001)], points=5), [0, 250, 500, 750, 1000])
    assert common_grid([]).shape == (0,)
    np.testing.assert_allclose(
        on_grid([0, 10], [0.0, 1.0], [-1, 0, 5, 10, 11]), [np.nan, 0, 0.5, 1, np.nan]
    )
    assert np.isnan(on_grid([], [], [1.0, 2.0])).all()
