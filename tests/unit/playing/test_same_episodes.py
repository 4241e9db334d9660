"""Every agent meets the same episodes, whatever the length of those it played before."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl.learning.results import History
from mpn_rl.learning.training import SeedTraining
from mpn_rl.networks.build import build_network
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.activity import record_activity
from mpn_rl.playing.baselines import Remembering
from mpn_rl.playing.evaluation import evaluate_agents
from mpn_rl.playing.greedy import GreedyNetwork
from mpn_rl.playing.rollout import run_episodes
from mpn_rl.playing.seeding import integer_seed
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task

TASKS = ["TMaze-v0", "PositionCartPole-v1", "NoisyPositionCartPole-v1"]
NUM_ENVS, NUM_EPISODES = 6, 24
MOVES = 7  # an agent that reaches a turn in TMaze, where agent 0 walks into the wall


def rounds_seen(task: VectorTask) -> list[np.ndarray]:
    """Where the first observations of every further round of `task` are put."""
    seen: list[np.ndarray] = []
    reset = task.reset

    def spy(**keywords: Any) -> Any:
        observation, info = reset(**keywords)
        if keywords.get("options") is None:
            seen.append(observation.copy())
        return observation, info

    task.reset = spy  # type: ignore[method-assign]
    return seen


def agent(hyperparameters: Hyperparameters, task: VectorTask, number: int) -> MPNDQN:
    """Agent 0 always takes the first action; the others act on what they see, each in its way."""
    generator = torch.Generator().manual_seed(number)
    network = build_network(hyperparameters, task.observation_dim, task.num_actions, generator)
    for parameter in network.parameters():
        drawn = torch.randn(parameter.shape, generator=generator)
        parameter.data = drawn * (parameter.dim() > 1) * (number > 0)
    return network


def point(name: str, core: str = "gru") -> Hyperparameters:
    limit = 100 if "CartPole" in name else None
    return Hyperparameters(
        task=name,
        core=core,
        hidden_dim=8,
        max_episode_steps=limit,
        validation_episodes=70,
        layer_norm=False,
        weight_averaging=None,
    )


def of_two_agents(name: str, run: Callable[[MPNDQN, VectorTask], Any]) -> tuple[Any, Any, Any, Any]:
    """What agents 0 and MOVES see at the start of rounds, and what `run` gives for each."""
    seen, results = [], []
    for number in (0, MOVES):
        task = build_task(point(name), NUM_ENVS)
        starts = rounds_seen(task)
        results.append(run(agent(point(name), task, number), task))
        seen.append(np.array(starts))
        task.close()
    return (*seen, *results)


@pytest.mark.parametrize("name", TASKS)
def test_evaluation(name: str) -> None:
    def run(network: MPNDQN, task: VectorTask) -> Any:
        return evaluate_agents([(7, GreedyNetwork(network))], task, NUM_EPISODES)["length"].tolist()

    one, other, lengths, other_lengths = of_two_agents(name, run)
    assert lengths != other_lengths
    assert len(one) == NUM_EPISODES // NUM_ENVS
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", TASKS)
def test_collection(name: str) -> None:
    def run(network: MPNDQN, task: VectorTask) -> Any:
        return record_activity(
            [(7, GreedyNetwork(network))], task, NUM_EPISODES, max_recorded_mb=1.0
        )

    *_, one, other = of_two_agents(name, run)
    assert one.lengths.tolist() != other.lengths.tolist()
    np.testing.assert_array_equal(one.observations[:, :, 0], other.observations[:, :, 0])
    if name == "TMaze-v0":
        sign = one.variables["sign"][0, :, 0]
        np.testing.assert_array_equal(sign, other.variables["sign"][0, :, 0])


@pytest.mark.parametrize("name", TASKS)
def test_validation(name: str) -> None:
    """Before and after the weights have changed, and of another core of the same seed."""
    seen, lengths = [], []
    for core, number in (("gru", 0), ("gru", MOVES), ("rnn", 0)):
        training = SeedTraining(point(name, core), 3)
        weights = agent(point(name, core), training.task, number).state_dict()
        training.learner.online.load_state_dict(weights)
        starts = rounds_seen(training._validation_task)
        history = History()
        history.add_validation = lambda _, scores, __: lengths.append(scores.lengths.tolist())
        training._validate(history)
        seen.append(np.array(starts))
    assert lengths[0] != lengths[1]
    assert len(seen[0]) == 3
    np.testing.assert_array_equal(seen[0], seen[1])
    np.testing.assert_array_equal(seen[0], seen[2])


@pytest.mark.parametrize("name", TASKS)
def test_baselines(name: str) -> None:
    task = build_task(point(name), NUM_ENVS)
    starts = rounds_seen(task)
    generator = np.random.default_rng(0)
    policies = [
        lambda seen: generator.integers(task.num_actions, size=seen.shape[1]),
        lambda seen: task.memoryless_action(seen[-1]),  # type: ignore[attr-defined]
        task.oracle_action,  # type: ignore[attr-defined]
    ]
    for number, policy in enumerate(policies):
        run_episodes(Remembering(policy), task, NUM_EPISODES, seed=9)
        assert len(starts) == 4 * (number + 1)
    np.testing.assert_array_equal(starts[:4], starts[4:8])
    np.testing.assert_array_equal(starts[:4], starts[8:])
    task.close()


@pytest.mark.parametrize("name", ["TMaze-v0", "CartPole-v1"])
def test_evaluation_meets_what_the_baselines_meet(name: str) -> None:
    """With the same seed and as many environments: the scores of both are of the same episodes."""
    task = build_task(point(name), NUM_ENVS)
    starts = rounds_seen(task)
    network = agent(point(name), task, MOVES)
    evaluate_agents([(7, GreedyNetwork(network))], task, NUM_EPISODES)
    seed = integer_seed(7, "evaluation_task")
    run_episodes(lambda _, seen: np.zeros(len(seen), int), task, NUM_EPISODES, seed)
    np.testing.assert_array_equal(starts[:4], starts[4:])
    task.close()
