"""Training curves, whatever the history."""

from typing import Any

import numpy as np
import pytest

from mpn_rl.figures.style import (
    figure_to_png_bytes,
)
from mpn_rl.figures.training_curves import mean_curve, training_curves
from tests.fixtures.drawn import decoded, history, texts


def test_training_curves_label_what_they_show() -> None:
    figure = training_curves({0: history(), 3: history(450, status="failed")}, "gru", "run")
    words = texts(figure)
    for word in ("environment steps", "fraction correct", "epsilon", "Huber loss", "return"):
        assert word in words
    assert "seed 3 failed at step 450" in words
    assert "seeds 0, 3" in words


def test_mean_curve_is_over_the_seeds_that_reach_a_step() -> None:
    long = (np.array([0.0, 10.0, 20.0]), np.array([0.0, 1.0, 2.0]))
    short = (np.array([0.0, 10.0]), np.array([2.0, 3.0]))
    mean = mean_curve([long, short], np.array([0.0, 5.0, 20.0, 30.0]))
    np.testing.assert_allclose(mean, [1.0, 1.5, 2.0, np.nan])


EMPTY = {key: [] if isinstance(value, list) else value for key, value in history(steps=9).items()}


@pytest.mark.parametrize(
    "seeds",
    [
        {0: history(9)},  # a single episode
        {0: EMPTY | {"status": "failed"}},  # failed before the first episode ended
        {0: history(validation_correct=None), 1: EMPTY},
        {0: history(loss=[None] * 100, gradient_norm=[None] * 100, status="failed")},
        {seed: history(episode_return=[0.0] * 100) for seed in range(12)},
    ],
)
def test_training_curves_survive(seeds: dict[int, dict[str, Any]]) -> None:
    assert decoded(figure_to_png_bytes(training_curves(seeds, "mpn"))).std() > 0
