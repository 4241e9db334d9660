"""How a contest is judged, and how a tuning goes on: numbers by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks.contest_statistics import (
    Difference,
    difference,
    holm,
    mean_over_problems,
    permutation_p,
    verdict,
)
from benchmarks.tuning_scores import Trial, ranking, row_of, survivors, trial_of


def test_the_permutation_test_by_hand() -> None:
    # sums of two of 1, 2, 3, 4: 3, 4, 5, 5, 6, 7, of which two are as far from 5 as 3
    assert permutation_p([1, 2], [3, 4]) == pytest.approx(2 / 6)
    assert permutation_p([1, 1, 1], [1, 1]) == 1.0


@given(st.lists(st.integers(0, 200), min_size=4, max_size=8))
def test_p_is_a_share_and_the_order_of_arms_does_not_matter(right: list[int]) -> None:
    scores, half = [count / 200 for count in right], len(right) // 2
    p = permutation_p(scores[:half], scores[half : 2 * half])
    assert 0 < p <= 1
    assert p == pytest.approx(permutation_p(scores[half : 2 * half], scores[:half]))


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(
    ("found", "corrected", "said"),
    [
        (Difference(0.2, 0.1, 0.3, 0.001), 0.01, "more"),
        (Difference(-0.2, -0.3, -0.1, 0.001), 0.01, "less"),
        (Difference(0.2, 0.1, 0.3, 0.01), 0.06, "open"),
        (Difference(0.02, -0.01, 0.04, 0.3), 1.0, "equal"),
        (Difference(0.04, 0.03, 0.06, 0.001), 0.01, "open"),
        (Difference(0.0, np.nan, np.nan, 1.0), 1.0, "equal"),
        (Difference(0.5, np.nan, np.nan, 0.001), 0.01, "more"),
    ],
)
def test_verdicts(found: Difference, corrected: float, said: str) -> None:
    assert verdict(found, corrected, 0.05) == said


def test_a_difference_has_welchs_interval() -> None:
    # means 2 and 5, variances 1 of 3 each: t(4 degrees) 2.776 times sqrt(2 / 3)
    found = difference([1, 2, 3], [4, 5, 6])
    assert found[:3] == pytest.approx((-3, -3 - 2.2668, -3 + 2.2668), abs=1e-3)


def test_the_mean_over_problems_is_that_of_means() -> None:
    value, low, high = mean_over_problems({"a": [1.0, 1.0], "b": [0.0, 1.0, 0.5, 0.5]}, 0)
    assert value == pytest.approx(0.75)
    assert 0.5 < low < 0.75 < high < 1.0


def trial(arm: str, configuration: str, seed: int, area: float, problem: str = "a") -> Trial:
    return Trial(arm, configuration, problem, seed, area, area, 1.0, f"{arm}{configuration}")


TRIALS = [
    trial("mpn", "fast", 0, 0.2),
    trial("mpn", "fast", 0, 0.4, "b"),
    trial("mpn", "slow", 0, 0.9),
    trial("mpn", "slow", 0, 0.1, "b"),
    trial("gru", "fast", 0, 0.8),
    trial("gru", "slow", 0, 0.1),
    trial("gru", "slow", 1, 1.0),
]


def test_configurations_are_ranked_by_arm_or_for_all() -> None:
    assert ranking(TRIALS) == {
        "mpn": [("slow", pytest.approx(0.5)), ("fast", pytest.approx(0.3))],
        "gru": [("fast", pytest.approx(0.8)), ("slow", pytest.approx(0.55))],
    }
    pooled = ranking(TRIALS, pooled=True)["all"]
    assert pooled == [("slow", pytest.approx(1.55 / 3)), ("fast", pytest.approx(1.4 / 3))]


def test_the_best_of_each_arm_go_on() -> None:
    assert survivors(TRIALS, [0], 1) == {("mpn", "slow"), ("gru", "fast")}
    assert survivors(TRIALS, [0], 1, pooled=True) == {("mpn", "fast"), ("gru", "fast")}


def test_a_trial_comes_back_from_its_line() -> None:
    line = row_of(TRIALS[0])
    fields = ("arm", "configuration", "problem", "seed", "area", "final", "seconds", "run")
    assert trial_of(dict(zip(fields, line, strict=True))) == TRIALS[0]
