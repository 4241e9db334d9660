import numpy as np
import pytest

from mpn_rl.analysis.decoding import Labels, balanced_folds, cross_temporal_scores


def drawn(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_few_whole_numbers_are_classes_and_others_a_quantity() -> None:
    classes = Labels.of(np.array([3.0, -1.0, 3.0]))
    assert classes.are_classes
    assert classes.targets.tolist() == [[0, 1], [1, 0], [0, 1]]
    quantity = Labels.of(np.array([0.5, 1.0, 2.0]))
    assert not quantity.are_classes
    assert quantity.targets.tolist() == [[0.5], [1.0], [2.0]]


def test_folds_hold_as_many_of_each_class() -> None:
    labels = Labels.of(np.repeat([0.0, 1.0], [20, 10]))
    fold = balanced_folds(labels, 5, drawn())
    for number in range(5):
        assert labels.targets[fold == number].sum(axis=0).tolist() == [4, 2]


def example(growth: float) -> tuple[np.ndarray, Labels, np.ndarray]:
    """Two classes on one axis of many, which all episodes leave along another as time goes on."""
    generator = drawn()
    sample = np.repeat([0.0, 1.0], 30)
    features = 0.3 * generator.standard_normal((3, 60, 200))
    features[1:, :, 0] += 4 * sample  # shown from the second step on
    features[:, :, 0] += growth * np.arange(3)[:, None]
    labels = Labels.of(sample)
    return features, labels, balanced_folds(labels, 5, generator)


@pytest.mark.parametrize("growth", [0.0, 100.0])
def test_a_common_growth_moves_no_trial_across_the_border(growth: float) -> None:
    scores = cross_temporal_scores(*example(growth))
    assert scores.shape == (3, 3)
    assert (scores[1:, 1:] == 1.0).all()
    assert np.abs(scores[0] - 0.5).max() < 0.25  # nothing to read before it is shown
    assert np.abs(scores[1:, 0] - 0.5).max() < 0.25


def test_shuffled_labels_are_read_at_chance() -> None:
    features, labels, fold = example(0.0)
    found = [
        cross_temporal_scores(features, labels.shuffled(drawn(seed)), fold)[1, 1]
        for seed in range(20)
    ]
    assert abs(np.mean(found) - 0.5) < 0.06


def test_the_dual_form_is_ridge_regression() -> None:
    generator = drawn(3)
    features, values = generator.standard_normal((1, 12, 2)), generator.standard_normal(12)
    fold = np.arange(12) % 3
    predicted = np.zeros(12)
    for number in range(3):
        train, held = fold != number, fold == number
        x = features[0, train] - features[0, train].mean(axis=0)
        y = values[train] - values[train].mean()
        ridge = 1e-2 * np.square(x).sum() / len(x)
        weights = np.linalg.solve(x.T @ x + ridge * np.eye(2), x.T @ y)
        predicted[held] = (
            values[train].mean() + (features[0, held] - features[0, train].mean(axis=0)) @ weights
        )
    expected = 1 - np.square(predicted - values).sum() / np.square(values - values.mean()).sum()
    labels = Labels(values[:, None], False)
    assert cross_temporal_scores(features, labels, fold)[0, 0] == pytest.approx(expected, abs=1e-12)


def test_what_does_not_vary_is_read_at_chance() -> None:
    labels = Labels.of(np.repeat([0.0, 1.0], 10))
    fold = balanced_folds(labels, 5, drawn())
    assert cross_temporal_scores(np.ones((2, 20, 3)), labels, fold).tolist() == [[0.5] * 2] * 2
