import numpy as np
import pytest

from mpn_rl.analysis.decoding import (
    Labels,
    Recording,
    Scores,
    Split,
    cross_temporal_scores,
)


def drawn(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def throughout(values: np.ndarray, times: int) -> Labels:
    return Labels.of(np.broadcast_to(values, (times, len(values))))


def decoded(features: np.ndarray, labels: Labels, shuffles: int = 0, **settings: bool) -> Scores:
    split = Split.drawn(labels, 5, shuffles, drawn())
    return cross_temporal_scores(Recording.of(features), labels, split, **settings)


def test_few_whole_numbers_are_classes_and_others_a_quantity() -> None:
    classes = Labels.of(np.array([[3.0, -1.0, np.nan]]))
    assert classes.are_classes
    assert classes.targets[0, :2].tolist() == [[0, 1], [1, 0]]
    assert classes.known.tolist() == [[True, True, False]]
    quantity = Labels.of(np.array([[0.5, 1.0, 2.0]]))
    assert not quantity.are_classes
    assert quantity.targets.tolist() == [[[0.5], [1.0], [2.0]]]
    assert not Labels.of(np.arange(11.0)[None]).are_classes


def test_folds_hold_as_many_of_each_class() -> None:
    labels = throughout(np.repeat([0.0, 1.0], [20, 10]), 2)
    fold = Split.drawn(labels, 5, 0, drawn()).fold
    for number in range(5):
        assert labels.targets[0, fold == number].sum(axis=0).tolist() == [4, 2]


def example(growth: float) -> tuple[np.ndarray, Labels]:
    """Two classes on one axis of many, along which all episodes drift as time goes on."""
    generator = drawn()
    sample = np.repeat([0.0, 1.0], 30)
    features = 0.3 * generator.standard_normal((3, 60, 200))
    features[1:, :, 0] += 4 * sample  # shown from the second step on
    features[:, :, 0] += growth * np.arange(3)[:, None]
    return features, throughout(sample, 3)


@pytest.mark.parametrize("growth", [0.0, 100.0])
def test_a_common_growth_moves_no_trial_across_the_border(growth: float) -> None:
    found = decoded(*example(growth))
    assert found.score.shape == (3, 3)
    assert (found.score[1:, 1:] == 1.0).all()
    assert np.abs(found.score[0] - 0.5).max() < 0.25  # nothing to read before it is shown
    assert np.abs(found.score[1:, 0] - 0.5).max() < 0.25
    assert found.chance.tolist() == [0.5] * 3
    assert found.episodes.tolist() == [60] * 3


def test_without_centring_it_does_so_across_times_alone() -> None:
    score = decoded(*example(100.0), centred=False).score
    assert score[1, 1] == score[2, 2] == 1.0
    assert score[1, 2] == score[2, 1] == 0.5


def test_decoders_of_shuffled_labels_are_at_chance() -> None:
    found = decoded(*example(0.0), shuffles=20)
    assert np.abs(found.control - 0.5).max() < 0.15
    assert abs(found.control.mean() - 0.5) < 0.05


def test_the_dual_form_is_ridge_regression() -> None:
    generator = drawn(3)
    features, values = generator.standard_normal((1, 12, 2)), generator.standard_normal(12)
    split = Split(np.arange(12) % 3, np.empty((0, 12), np.int64))
    predicted = np.zeros(12)
    for number in range(3):
        train, held = split.fold != number, split.fold == number
        x = features[0, train] - features[0, train].mean(axis=0)
        y = values[train] - values[train].mean()
        ridge = 1e-2 * np.square(x).sum() / len(x)
        weights = np.linalg.solve(x.T @ x + ridge * np.eye(2), x.T @ y)
        predicted[held] = (
            values[train].mean() + (features[0, held] - features[0, train].mean(axis=0)) @ weights
        )
    expected = 1 - np.square(predicted - values).sum() / np.square(values - values.mean()).sum()
    found = cross_temporal_scores(Recording.of(features), throughout(values, 1), split)
    assert found.score[0, 0] == pytest.approx(expected, rel=1e-9)
    assert found.chance.tolist() == [0.0]


def test_what_does_not_vary_is_read_at_chance() -> None:
    labels = throughout(np.repeat([0.0, 1.0], 10), 2)
    assert decoded(np.full((2, 20, 3), 0.1), labels).score.tolist() == [[0.5] * 2] * 2


def test_a_label_that_changes_is_read_as_it_is_at_each_time() -> None:
    generator = drawn()
    values = generator.integers(3, size=(2, 60)).astype(float)
    features = 0.1 * generator.standard_normal((2, 60, 8))
    features[np.arange(2)[:, None], np.arange(60), values.astype(int)] += 3
    found = decoded(features, Labels.of(values))
    assert found.score.tolist() == [[1.0] * 2] * 2
    assert found.chance.tolist() == pytest.approx([1 / 3] * 2)


def test_there_are_no_scores_where_one_class_is_left_or_too_few_episodes() -> None:
    features, labels = example(0.0)
    features[2, 4:] = np.nan  # four episodes of one class are not over
    found = decoded(features, labels)
    assert np.isfinite(found.score[:2, :2]).all()
    assert np.isnan(found.score[2]).all()
    assert np.isnan(found.score[:, 2]).all()
    assert found.episodes.tolist() == [60, 60, 4]
    alone = decoded(features, throughout(np.ones(60), 3))
    assert np.isnan(alone.score).all()
    constant = decoded(features, throughout(np.full(60, 0.5), 3))
    assert np.isnan(constant.score).all()


def test_rare_classes_are_not_scored() -> None:
    features, _ = example(0.0)
    values = np.repeat([0.0, 1.0, 2.0], [30, 27, 3])
    found = decoded(features, throughout(values, 3))
    assert found.chance.tolist() == [0.5] * 3
    assert found.score[1, 2] == 1.0


def test_the_same_episodes_give_the_same_scores_in_any_unit() -> None:
    features, labels = example(3.0)
    assert (decoded(features, labels).score == decoded(1024 * features, labels).score).all()
