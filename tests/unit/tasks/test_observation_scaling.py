"""Numbers as shares of the bounds that their space has."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.tasks import make
from mpn_rl.tasks.kinds import Seen
from mpn_rl.tasks.observations import LOOSE, lay_out


def laid_out(space, scaling="bounds", kind=None):
    return lay_out("T-v0", space, lambda *_: [Seen()], kind, scaling)


def test_every_number_is_divided_by_the_larger_size_of_its_bounds():
    layout = laid_out(spaces.Box(np.float32([-1.2, -0.5, 0.0]), np.float32([0.6, 2.0, 0.0])))
    np.testing.assert_allclose(layout.factors, [1 / 1.2, 0.5, 1.0], rtol=1e-6)
    flat = layout.flatten(np.float32([0.6, -0.5, 0.0]))
    assert flat.dtype == np.float32
    np.testing.assert_allclose(flat, [0.5, -0.25, 0.0], rtol=1e-6)
    np.testing.assert_allclose(layout.box.low, [-1.0, -0.25, 0.0], rtol=1e-6)
    np.testing.assert_allclose(layout.box.high, [0.5, 1.0, 0.0], rtol=1e-6)


@pytest.mark.parametrize("bound", [np.inf, 2 * LOOSE, np.finfo(np.float32).max])
def test_a_box_with_a_bound_that_tells_nothing_stays_as_it_is(bound):
    high = np.float32([4.8, bound])
    layout = laid_out(spaces.Box(-high, high))
    assert layout.factors == ()
    np.testing.assert_array_equal(layout.flatten(np.float32([4.8, 3.0])), np.float32([4.8, 3.0]))


def test_what_lies_in_minus_one_to_one_stays_byte_for_byte():
    shown = np.float32([0.1, -0.7])
    assert laid_out(spaces.Box(-1, 1, (2,), np.float32)).flatten(shown).tobytes() == shown.tobytes()


def test_symbols_and_whole_numbers_stay_and_numbers_beside_symbols_are_scaled():
    both = spaces.Tuple([spaces.Discrete(3), spaces.Box(-10, 10, (1,), np.float32)])
    flat = laid_out(both).flatten((1, np.float32([5.0])))
    np.testing.assert_array_equal(flat, np.float32([0, 1, 0, 0.5]))
    assert laid_out(spaces.Box(-5, 5, (2,), np.int8), kind="numbers").factors == ()


@given(
    st.lists(st.floats(-LOOSE, LOOSE, width=32), min_size=1, max_size=5),
    st.integers(0, 2**32 - 1),
)
def test_what_is_seen_lies_in_minus_one_to_one_and_zero_stays(ends, seed):
    ends = np.float32(ends)
    space = spaces.Box(np.minimum(ends, 0), np.maximum(ends, 0), seed=seed)
    layout = laid_out(space)
    flat = layout.flatten(space.sample())
    assert np.abs(flat).max() <= 1 + 1e-6
    assert not layout.flatten(np.zeros_like(ends)).any()


def test_a_task_shows_shares_and_says_so_in_its_space():
    seen = {}
    for scaling in ("none", "bounds"):
        task = make("MountainCar-v0", 2, observation_scaling=scaling)
        seen[scaling] = task.reset(seed=3)[0], task.single_observation_space
    sizes = np.float32([1.2, 0.07])
    np.testing.assert_allclose(seen["bounds"][0], seen["none"][0] / sizes, rtol=1e-6)
    np.testing.assert_allclose(seen["bounds"][1].high, [0.5, 1.0], rtol=1e-6)


def test_cartpole_stays_as_compiled_loops_play_it():
    cartpole = gymnasium.make("CartPole-v1").observation_space
    assert laid_out(cartpole).factors == ()


def test_another_scaling_is_refused():
    with pytest.raises(ConfigError, match="observation_scaling: 'units'"):
        Hyperparameters.read({"task": "Acrobot-v1", "observation_scaling": "units"})
