"""Random actions that are held, and how many of all steps are random."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.learning.exploration import HeldActions
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters

GREEDY = np.full(2000, 9)


def played(held, epsilon, steps, seed=0):
    """Actions (step, environment) where 9 is greedy and those below are random."""
    generator = torch.Generator().manual_seed(seed)
    return np.array([held.instead_of(GREEDY, epsilon, generator) for _ in range(steps)])


def test_durations_have_the_probabilities_that_are_said():
    held = HeldActions(len(GREEDY), 9, longest=4)
    assert held.mean == 1 + 1 / 2 + 1 / 3 + 1 / 4
    played(held, 1.0, 1)
    left = held.get_state()["left"]  # one step is taken already
    share = [(left >= k - 1).mean() for k in (1, 2, 3, 4, 5)]
    np.testing.assert_allclose(share, [1, 1 / 2, 1 / 3, 1 / 4, 0], atol=0.04)


@settings(max_examples=10)
@given(epsilon=st.floats(0.02, 1.0), longest=st.integers(1, 20), seed=st.integers(0, 1000))
def test_a_share_epsilon_of_all_steps_is_random(epsilon, longest, seed):
    actions = played(HeldActions(len(GREEDY), 9, longest), epsilon, 200, seed)[100:]
    assert (actions != 9).mean() == pytest.approx(epsilon, abs=0.03)


def test_what_is_held_stays_until_its_time_is_up_or_the_episode_ends():
    held = HeldActions(2, 5, longest=50)
    held.set_state({"action": np.array([3, 4]), "left": np.array([2, 40])})
    generator, greedy = torch.Generator().manual_seed(0), np.array([0, 0])
    actions = []
    for step in range(4):
        actions.append(held.instead_of(greedy, 0.0, generator).tolist())
        if step == 2:
            held.let_go(np.array([False, True]))
    assert actions == [[3, 4], [3, 4], [0, 4], [0, 0]]


@pytest.mark.parametrize("device_way", ["compiled", "torch"])
def test_a_training_goes_on_as_if_it_had_not_been_cut(device_way):
    hp = Hyperparameters(
        task="PositionCartPole-v1",
        learner="dqn",
        core="gru",
        num_steps=300,
        num_envs=4,
        hidden_dim=8,
        encoder_dim=8,
        batch_size=4,
        buffer_size=600,
        learning_starts=100,
        update_period=20,
        validation_period=10_000,
        validation_episodes=2,
        epsilon_hold=30,
        epsilon_decay=10_000,
    )

    def begin():
        training = SeedTraining(hp, 5)
        if device_way == "torch":
            training.learner._compiled = None
        return training

    whole, first, second = begin(), begin(), begin()
    while first.steps < 152:
        first.advance()
    assert (first.learner._held.get_state()["left"] > 0).any()
    second.set_state(first.get_state())
    for training in (whole, second):
        while not training.finished:
            training.advance()
    final = [training.finish() for training in (whole, second)]
    assert final[0].history == final[1].history
    for name, weights in final[0].final.items():
        torch.testing.assert_close(weights, final[1].final[name], rtol=0, atol=0)
