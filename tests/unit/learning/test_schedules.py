"""Exploration schedules on hand-computed numbers."""

import pytest

from mpn_rl.learning.schedules import exploration_epsilon, learning_rate
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters


def point(schedule: str, decay: float) -> Hyperparameters:
    return Hyperparameters(
        epsilon_schedule=schedule, epsilon_start=1.0, epsilon_end=0.1, epsilon_decay=decay
    )


@pytest.mark.parametrize(("steps", "expected"), [(0, 1.0), (50, 0.55), (100, 0.1), (900, 0.1)])
def test_linear_falls_by_steps(steps: int, expected: float) -> None:
    assert exploration_epsilon(point("linear", 100.0), steps, 7) == pytest.approx(expected)


@pytest.mark.parametrize(("episodes", "expected"), [(0, 1.0), (1, 0.5), (2, 0.25), (9, 0.1)])
def test_exponential_falls_by_episodes(episodes: int, expected: float) -> None:
    value = exploration_epsilon(point("exponential", 0.5), 12345, episodes)
    assert value == pytest.approx(expected)


@pytest.mark.parametrize(("steps", "expected"), [(0, 0.2), (25, 0.15), (100, 0.0), (300, 0.0)])
def test_the_learning_rate_falls_to_zero_or_stays(steps: int, expected: float) -> None:
    falling = Hyperparameters(learning_rate=0.2, learning_rate_decay=100.0)
    assert learning_rate(falling, steps) == pytest.approx(expected)
    stays = Hyperparameters(learning_rate=0.2, learning_rate_decay=None)
    assert learning_rate(stays, steps) == 0.2


@pytest.mark.parametrize(
    ("steps", "power", "expected"),
    [(0, 1.0, 0.2), (75, 1.0, 0.05), (100, 1.0, 0.0), (0, 2.0, 0.2), (75, 2.0, 0.0125)],
)
def test_the_learning_rate_falls_over_the_whole_training(
    steps: int, power: float, expected: float
) -> None:
    falling = {"learning_rate": 0.2, "learning_rate_decay": "training"}
    falling |= {"learning_rate_power": power}
    assert learning_rate(Hyperparameters(**falling, num_steps=100), steps) == pytest.approx(
        expected
    )
    without_end = Hyperparameters(**falling, num_steps=None, num_episodes=7)
    assert learning_rate(without_end, steps) == 0.2


def test_another_word_than_training_is_refused_in_one_line() -> None:
    with pytest.raises(ConfigError) as refused:
        FIELDS["learning_rate_decay"].read("always")
    assert str(refused.value) == (
        "learning_rate_decay: 'always' is not a number greater than 0, or training, or null"
    )
