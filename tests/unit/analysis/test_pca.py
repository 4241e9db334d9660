"""Principal components on numbers that can be checked by hand."""

import numpy as np
import pytest

from mpn_rl.analysis.pca import (
    analyse_trajectories,
    participation_ratio,
    principal_components,
    streamed_components,
)


@pytest.mark.parametrize(
    ("variance", "expected"),
    [([1.0, 1.0, 1.0, 1.0], 4.0), ([5.0, 0.0], 1.0), ([3.0, 1.0], 16 / 10), ([0.0, 0.0], 0.0)],
)
def test_participation_ratio(variance: list[float], expected: float) -> None:
    assert participation_ratio(np.array(variance)) == pytest.approx(expected)


def test_components_of_a_cross() -> None:
    # Points at ±3 along x and ±1 along y: variances 18/3 and 2/3 around the mean (10, 20).
    samples = np.array([[13.0, 20.0], [7.0, 20.0], [10.0, 21.0], [10.0, 19.0]])
    variance, components, mean = principal_components(samples)
    assert variance == pytest.approx([6.0, 2 / 3])
    assert np.abs(components) == pytest.approx(np.eye(2))
    assert mean == pytest.approx([10.0, 20.0])


def test_the_full_spectrum_has_all_the_variance_whichever_way_it_is_found() -> None:
    generator = np.random.default_rng(0)
    for shape in ((50, 8), (8, 50)):
        samples = generator.normal(size=shape) * np.arange(1, shape[1] + 1)
        variance, _, _ = principal_components(samples)
        assert len(variance) == min(shape)
        assert variance.sum() == pytest.approx(samples.var(axis=0, ddof=1).sum())


@pytest.mark.parametrize("shape", [(1, 5), (0, 5), (6, 1), (6, 3)])
def test_nothing_varies(shape: tuple[int, int]) -> None:
    variance, components, _ = principal_components(np.full(shape, 2.0))
    assert variance.tolist() == [0.0] * min(shape)
    assert components.shape == (min(shape), shape[1])


def test_trajectories_keep_their_place_and_their_padding() -> None:
    values = np.full((3, 2, 1, 2), np.nan)
    values[:3, 0, 0] = [[0, 0], [2, 0], [4, 0]]
    values[0, 1, 0] = [2, 0]
    table, projection = analyse_trajectories(7, "hidden", np.array([3, 1]), lambda: values, 2)
    assert projection.shape == (2, 3, 3)
    assert np.abs(projection[0, :, 0]) == pytest.approx([2, 0, 2])
    assert projection[1, 0].tolist() == [0, 0, 0]
    assert np.isnan(projection[1, 1:]).all()
    assert table["variance"].tolist() == pytest.approx([8 / 3, 0.0])
    assert table["cumulative_ratio"].tolist() == pytest.approx([1.0, 1.0])
    assert table["participation_ratio"].tolist() == pytest.approx([1.0, 1.0])
    assert table["seed"].tolist() == [7, 7]
    assert table["variable"].tolist() == ["hidden", "hidden"]


def test_no_episode_gives_an_empty_table() -> None:
    table, projection = analyse_trajectories(7, "M", np.zeros(0, int), lambda: [], 5)
    assert len(table) == 0
    assert projection.shape == (0, 0, 3)


@pytest.mark.parametrize("shape", [(40, 6), (5, 9)])
def test_blocks_of_any_size_give_what_all_samples_give(shape: tuple[int, int]) -> None:
    samples = 100 + np.random.default_rng(2).normal(size=shape) * np.arange(1, shape[1] + 1)
    expected = principal_components(samples)
    for sizes in ((1,) * shape[0], (3, 0, shape[0] - 3)):
        blocks = np.split(samples, np.cumsum(sizes)[:-1])
        found = streamed_components(lambda given=blocks: given, *shape)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-9)
        first = streamed_components(lambda given=blocks: given, *shape, kept=2)
        np.testing.assert_allclose(first[1], expected[1][:2], atol=1e-9)
        assert len(first[0]) == min(shape)


def test_fewer_samples_than_features_have_the_same_components() -> None:
    generator = np.random.default_rng(1)
    samples = generator.normal(size=(6, 20)) * np.linspace(1, 3, 20)
    variance, components, mean = principal_components(samples)
    _, singular, rows = np.linalg.svd(samples - samples.mean(axis=0), full_matrices=False)
    assert variance == pytest.approx(singular**2 / 5)
    assert mean == pytest.approx(samples.mean(axis=0))
    assert np.abs(np.sum(components[:5] * rows[:5], axis=1)) == pytest.approx(np.ones(5))
    assert components[5].tolist() == [0.0] * 20  # six centred samples span five dimensions
    largest = np.abs(components[:5]).argmax(axis=1)
    assert (components[np.arange(5), largest] > 0).all()
