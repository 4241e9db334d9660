"""The expected returns of random, best memoryless and oracle agents, against agents that play."""

import numpy as np
import pytest

from mpn_rl.config.catalogue import TASKS
from mpn_rl.tasks import make

NUM_EPISODES = 4000
CASES = [
    ("DelayedMatch-v0", {}),
    ("DelayedMatch-v0", {"delay": 0, "observation_noise": 0.7}),
    ("ContextDecision-v0", {}),
    ("ContextDecision-v0", {"stimulus_steps": 3, "coherence": 0.4}),
]


def play_episodes(task, policy, seed=0):
    """Returns (N,) and correct fractions (N,) of the first episode of every environment.

    `policy` maps the observations so far (t + 1, N, D) to actions (N,).
    """
    observation, _ = task.reset(seed=seed)
    history = [observation]
    returns = np.zeros(task.num_envs)
    correct = np.full(task.num_envs, np.nan)
    running = np.ones(task.num_envs, dtype=bool)
    while running.any():
        observation, reward, terminated, truncated, info = task.step(policy(np.stack(history)))
        returns += reward * running
        correct = np.where(running, info["correct"], correct)
        running &= ~(terminated | truncated)
        history.append(observation)
    return returns, correct


def assert_mean(values, expected):
    """The mean lies within 4 standard errors (a false alarm in 1 of 16,000)."""
    error = 4 * values.std() / np.sqrt(len(values)) + 1e-3
    assert values.mean() == pytest.approx(expected, abs=error)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_random_agent(name, parameters):
    task = make(name, num_envs=NUM_EPISODES, **parameters)
    generator = np.random.default_rng(1)
    returns, _ = play_episodes(
        task, lambda history: generator.integers(task.num_actions, size=history.shape[1])
    )
    assert_mean(returns, task.random_score)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_memoryless_agent(name, parameters):
    task = make(name, num_envs=NUM_EPISODES, **parameters)
    returns, correct = play_episodes(task, lambda history: task.memoryless_action(history[-1]))
    assert_mean(returns, task.memoryless_score)
    assert_mean(correct, task.memoryless_accuracy)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_oracle_agent(name, parameters):
    task = make(name, num_envs=NUM_EPISODES, **parameters)
    returns, correct = play_episodes(task, task.oracle_action)
    assert_mean(returns, task.oracle_score)
    assert_mean(correct, task.oracle_accuracy)


@pytest.mark.parametrize("name", ["DelayedMatch-v0", "ContextDecision-v0"])
def test_decision_shows_nothing_of_the_answer(name):
    """What is seen where the action is judged has the same mean whatever the right action is."""
    task = make(name, num_envs=20_000)
    trials = task.draw(np.random.default_rng(0), 20_000)
    step, answer = trials.observations[:, -1], trials.answers[:, -1]
    spread = step.std(axis=0) / np.sqrt(5_000) + 1e-12
    assert (np.abs(step[answer == 1].mean(0) - step[answer == 0].mean(0)) < 5 * spread).all()


def test_every_trial_task_is_covered():
    assert {name for name in TASKS if "CartPole" not in name} == {name for name, _ in CASES}
