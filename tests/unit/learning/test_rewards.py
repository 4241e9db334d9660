"""The factor of rewards on hand-computed numbers, and in both ways of training."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.compiled import rewards
from mpn_rl.compiled.compiling import compiled
from mpn_rl.learning.rewards import RewardScale

GOES_ON, ENDS = np.array([False]), np.array([True])
SIZES = st.floats(-100, 100, width=32)

_count, _scale = (compiled(function.py_func) for function in (rewards.count, rewards.scale))


def reward(*values):
    return np.array(values, np.float32)


def fed(*steps, gamma=0.5, envs=1):
    scale = RewardScale(None, gamma, envs)
    for values, ended in steps:
        scale.add(values, ended)
    return scale


def test_a_number_stays():
    scale = RewardScale(0.1, 0.99, 1)
    scale.add(reward(700.0), GOES_ON)
    assert scale.value == 0.1


def test_it_is_one_over_the_deviation_of_discounted_returns():
    found = fed(*(5 * [(reward(1.0), GOES_ON)]), gamma=1.0)
    # R: 1, 2, 3, 4, 5: deviation sqrt(2)
    assert found.value == pytest.approx(1 / math.sqrt(2))
    halved = fed((reward(2.0), GOES_ON), (reward(2.0), ENDS), (reward(-2.0), GOES_ON))
    # R: 2, 3, -2: mean 1, deviation sqrt((1 + 4 + 9) / 3)
    assert halved.value == pytest.approx(1 / math.sqrt(14 / 3))


def test_no_reward_is_scaled_beyond_one():
    found = fed((reward(4.0), GOES_ON), (reward(4.0), ENDS), (reward(4.0), ENDS), gamma=1.0)
    # R: 4, 8, 4: deviation 1.9
    assert found.value == 1 / 4.0


def test_each_environment_has_a_return_of_its_own():
    ones, going = reward(1.0, -1.0), np.array([False, False])
    found = fed((ones, going), (ones, going), gamma=1.0, envs=2)
    # R: 1, -1, 2, -2: mean 0, deviation sqrt(10 / 4)
    assert found.value == pytest.approx(1 / math.sqrt(2.5))


def test_no_reward_is_made_larger():
    assert fed(*(20 * [(reward(0.01), GOES_ON)]), gamma=1.0).value == 1.0
    # R: 0.5, 1, … 10: mean 5.25, deviation 0.5 sqrt((20^2 - 1) / 12) = 2.88
    found = fed(*(20 * [(reward(0.5), GOES_ON)]), gamma=1.0)
    assert found.value == pytest.approx(2 / math.sqrt(399 / 12))


def test_no_rewards_and_constant_ones_do_not_blow_up():
    assert fed().value == 1.0
    assert fed(*(9 * [(reward(0.0), GOES_ON)])).value == 1.0
    assert fed((reward(-20.0), GOES_ON)).value == 1 / 20.0
    assert fed(*(99 * [(reward(3.0), ENDS)])).value == pytest.approx(1 / 3.0)
    assert fed(*(9_999 * [(reward(0.0), GOES_ON)]), (reward(1.0), ENDS)).value == 1.0


@given(st.lists(st.tuples(SIZES, SIZES, st.booleans(), st.booleans()), max_size=40))
@settings(max_examples=30, deadline=None)
def test_the_compiled_one_is_the_plain_one_and_goes_on_from_a_state(steps):
    whole, cut = RewardScale(None, 0.9, 2), RewardScale(None, 0.9, 2)
    spread, discounted = np.zeros(rewards.SPREAD), np.zeros(2)
    for one, other, over, too in steps:
        values, ended = reward(one, other), np.array([over, too])
        whole.add(values, ended)
        cut.add(values, ended)
        resumed = RewardScale(None, 0.9, 2)
        resumed.set_state(cut.get_state())
        cut = resumed
        for n in range(2):
            _count(spread, discounted, n, float(values[n]), int(ended[n]), 0.9)
    assert cut.value == whole.value
    assert _scale(spread, 0.0) == pytest.approx(whole.value, rel=1e-9)
    assert _scale(spread, 0.25) == 0.25
    largest = max((abs(r) for row in steps for r in row[:2]), default=0.0)
    assert largest * whole.value <= 1 + 1e-6
