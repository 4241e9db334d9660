"""What tells a variable in what is held: axes and units known by hand."""

import numpy as np
import pytest

from mpn_rl.analysis.held import Sample, explained, other_axes, random_axes, targets_of
from mpn_rl.analysis.pca import principal_components


def test_two_classes_have_one_axis_between_their_means() -> None:
    values = np.array([[3.0, 4.0, 7.0], [-3.0, -4.0, 7.0], [3.0, 4.0, 5.0], [-3.0, -4.0, 5.0]])
    axes, variance = explained(values, targets_of(np.array([1.0, 0.0, 1.0, 0.0])))
    assert np.abs(axes) == pytest.approx(np.array([[0.6, 0.8, 0.0]]), abs=1e-12)
    assert variance == pytest.approx([9.0, 16.0, 0.0])


def test_three_classes_span_two_axes_and_a_quantity_one() -> None:
    values = np.eye(3).repeat(2, axis=0)
    axes, _ = explained(values, targets_of(np.arange(3.0).repeat(2)))
    assert axes.shape == (2, 3)
    assert axes @ axes.T == pytest.approx(np.eye(2), abs=1e-12)
    assert axes.sum(axis=1) == pytest.approx(0.0, abs=1e-12)
    quantity = np.linspace(0.1, 2.0, 9)
    axes, variance = explained(np.outer(quantity, [0.0, 2.0]), targets_of(quantity))
    assert np.abs(axes) == pytest.approx(np.array([[0.0, 1.0]]))
    assert variance == pytest.approx([0.0, 4 * quantity.var()])


def test_only_variables_that_are_held_are_told() -> None:
    generator = np.random.default_rng(0)
    held, other = generator.integers(2, size=(2, 80)).astype(np.float64)
    state = generator.standard_normal((80, 3, 2)).astype(np.float32)
    state[:, 1, 0] += 5 * held
    sample = Sample(state, {"held": held, "other": other, "constant": np.ones(80)})
    told = sample.told(np.random.default_rng(1))
    assert [*told] == ["held"]
    _, variance = explained(sample.flat, told["held"])
    assert variance.reshape(3, 2).sum(axis=1).argmax() == 1


def test_the_largest_other_axis_is_at_right_angles() -> None:
    generator = np.random.default_rng(0)
    values = generator.standard_normal((50, 4)) * [5.0, 3.0, 1.0, 0.1]
    variance, components, _ = principal_components(values)
    other = other_axes(components, variance, np.array([[1.0, 0.0, 0.0, 0.0]]))
    assert other.shape == (1, 4)
    assert abs(other[0, 0]) < 1e-12
    assert abs(other[0, 1]) > 0.98


def test_random_axes_are_orthonormal() -> None:
    axes = random_axes(3, 7, np.random.default_rng(0))
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
