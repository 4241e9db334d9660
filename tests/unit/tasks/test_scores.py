"""The expected returns of random, best memoryless and oracle agents, against agents that play."""

import numpy as np
import pytest

from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.tasks import make

NUM_EPISODES = 4000
CASES = [
    ("DelayedMatch-v0", {}),
    ("DelayedMatch-v0", {"delay": 0, "observation_noise": 0.7}),
    ("ContextDecision-v0", {}),
    ("ContextDecision-v0", {"stimulus_steps": 3, "coherence": 0.4}),
    ("GoNogo-v0", {}),
    ("GoNogo-v0", {"delay": 1, "observation_noise": 0.7}),
    ("DelayedComparison-v0", {}),
    ("DelayedComparison-v0", {"delay": 0, "observation_noise": 0.5}),
    ("DelayedPairedAssociation-v0", {}),
    ("DelayedPairedAssociation-v0", {"delay": 2, "observation_noise": 0.7}),
    ("PerceptualDecision-v0", {}),
    ("PerceptualDecision-v0", {"stimulus_steps": 1, "coherence": 0.5}),
    ("RepeatPrevious-v0", {}),
    ("RepeatPrevious-v0", {"k": 5}),
    ("RepeatFirst-v0", {}),
    ("MemoryLength-v0", {"memory_length": 1}),
    ("MemoryLength-v0", {}),
    ("TMaze-v0", {}),
    ("TMaze-v0", {"corridor_length": 1}),
]
CARTPOLES = {
    "PositionCartPole-v1": {"random": 22.2, "memoryless": 44.9, "oracle": 500.0},
    "VelocityCartPole-v1": {"random": 22.2, "memoryless": 472.0, "oracle": 500.0},
    "NoisyPositionCartPole-v1": {"random": 22.2, "memoryless": 50.1, "oracle": 489.5},
}
# tasks where the step that is judged shows nothing of the right answer
BLIND = sorted({name for name, _ in CASES} - {"TMaze-v0"})


def play_episodes(task, policy, seed=0):
    """Returns (N,) and correct fractions (N,) of the first episode of every environment.

    `policy` maps the observations so far (t + 1, N, D) to actions (N,).
    """
    observation, _ = task.reset(seed=seed)
    history = [observation]
    returns = np.zeros(task.num_envs)
    correct = np.full(task.num_envs, np.nan)
    answered = task.has_answer
    running = np.ones(task.num_envs, dtype=bool)
    while running.any():
        observation, reward, terminated, truncated, info = task.step(policy(np.stack(history)))
        returns += reward * running
        correct = np.where(running, info["correct"], correct) if answered else correct
        over = terminated | truncated
        running &= ~over
        if over.any():
            observation, _ = task.reset(options={"reset_mask": over})
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
    assert_mean(returns, task.expected("random")[0])


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_memoryless_agent(name, parameters):
    task = make(name, num_envs=NUM_EPISODES, **parameters)
    returns, correct = play_episodes(task, lambda history: task.memoryless_action(history[-1]))
    score, right = task.expected("memoryless")
    assert_mean(returns, score)
    assert_mean(correct, right)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_oracle_agent(name, parameters):
    task = make(name, num_envs=NUM_EPISODES, **parameters)
    returns, correct = play_episodes(task, task.oracle_action)
    score, right = task.expected("oracle")
    assert_mean(returns, score)
    assert_mean(correct, right)


@pytest.mark.parametrize("name", BLIND)
def test_decision_shows_nothing_of_the_answer(name):
    """What is seen where the action is judged has the same mean whatever the right action is."""
    trials = make(name).draw(np.random.default_rng(0), 20_000)
    step, answer = trials.observations[:, -1], trials.answers[:, -1]
    spread = step.std(axis=0) / np.sqrt(20_000 / 4) + 1e-12
    for action in range(answer.max() + 1):
        difference = step[answer == action].mean(axis=0) - step[answer != action].mean(axis=0)
        assert (np.abs(difference) < 5 * spread).all()


@pytest.mark.parametrize("name", CARTPOLES)
@pytest.mark.parametrize("agent", ["random", "memoryless", "oracle"])
def test_cartpole_agents(name, agent):
    task = make(name, num_envs=30 if agent == "oracle" else 80)
    generator = np.random.default_rng(1)
    policy = {
        "random": lambda history: generator.integers(2, size=history.shape[1]),
        "memoryless": lambda history: task.memoryless_action(history[-1]),
        "oracle": task.oracle_action,
    }[agent]
    returns, _ = play_episodes(task, policy)
    assert_mean(returns, CARTPOLES[name][agent])
    task.close()


def test_every_task_is_covered():
    assert set(TASKS) == {name for name, _ in CASES} | set(CARTPOLES)
