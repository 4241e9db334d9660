"""Rounds of episodes: numbered as expected, and started alike whoever plays them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.tasks import make
from mpn_rl.tasks.rounds import rounds

VARIABLE = ["TMaze-v0", "PositionCartPole-v1", "NoisyPositionCartPole-v1", "CartPole-v1"]


def first_observations(task, num_episodes, policy, seed=5):
    """What each round starts with (round, N, D), where `policy` (time, N) gives the actions."""
    starts = []
    for episode, observation, _ in rounds(task, num_episodes, seed):
        starts.append(observation.copy())
        running, time = episode >= 0, 0
        while running.any():
            *_, terminated, truncated, _ = task.step(policy(time, task.num_envs))
            over = terminated | truncated
            running &= ~over
            if over.any() and running.any():
                task.reset(options={"reset_mask": over})
            time += 1
    return np.stack(starts)


def one_side(time, count):  # noqa: ARG001
    return np.zeros(count, int)


def alternating(time, count):
    return np.full(count, time % 2)


def scattered(time, count):
    return np.random.default_rng(time).integers(2, size=count)


@pytest.mark.parametrize("extra", [{}, {"previous_action": True}])
@pytest.mark.parametrize("name", VARIABLE)
def test_rounds_start_alike_for_agents_whose_episodes_differ_in_length(name, extra):
    task = make(name, num_envs=6, **extra)
    starts = [first_observations(task, 24, p) for p in (one_side, alternating, scattered)]
    assert starts[0].shape[0] == 4
    for other in starts[1:]:
        np.testing.assert_array_equal(other, starts[0])
    # and no two rounds are the same one
    assert len(np.unique(starts[0].reshape(4, -1), axis=0)) == 4
    task.close()


@pytest.mark.parametrize("name", [n for n in TASKS if "CartPole" not in n and n != "TMaze-v0"])
def test_rounds_of_trials_are_those_of_a_generator_that_goes_on(name):
    """Tasks of fixed length keep the episodes that they have always had."""
    task = make(name, num_envs=4)
    starts = first_observations(task, 12, one_side, seed=3)
    other = make(name, num_envs=4)
    for number, seen in enumerate(starts):
        np.testing.assert_array_equal(seen, other.reset(seed=3 if number == 0 else None)[0])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 7), st.integers(0, 23))
def test_each_episode_is_played_once(num_envs, num_episodes):
    task = make("GoNogo-v0", num_envs=num_envs)
    numbers = [episode for episode, _, _ in rounds(task, num_episodes, 0)]
    played = np.concatenate(numbers) if numbers else np.zeros(0, int)
    assert played[played >= 0].tolist() == list(range(num_episodes))
    for number, episode in enumerate(numbers):
        assert (episode[episode >= 0] % num_envs == np.flatnonzero(episode >= 0)).all()
        assert (episode >= 0).all() or number == len(numbers) - 1


def test_the_noise_of_an_episode_does_not_depend_on_the_other_environments():
    """Environment 0 pushes alike in both; the others fall early in one and late in the other."""
    task = make("NoisyPositionCartPole-v1", num_envs=3)
    courses = []
    for policy in (one_side, alternating):
        observation, _ = task.reset(seed=1)
        course = [observation[0].copy()]
        for time in range(9):
            actions = policy(time, 3)
            actions[0] = time % 2
            observation, _, terminated, truncated, _ = task.step(actions)
            course.append(observation[0].copy())
            assert not terminated[0]
            over = terminated | truncated
            over[1] |= policy is one_side and time == 4
            task.reset(options={"reset_mask": over})
        courses.append(course)
    np.testing.assert_array_equal(*courses)
