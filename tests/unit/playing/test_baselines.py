"""What can be reached without learning: the agents that play, on episodes counted by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from gymnasium import spaces

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing import baselines
from mpn_rl.playing.baselines import Remembering, baseline_table
from mpn_rl.playing.rollout import run_episodes
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task


@pytest.fixture(autouse=True)
def few_episodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "EPISODES", 7)


class Counting(VectorTask):
    """Environment n of three earns its action at each of n + 1 steps; right where it ends on 1."""

    has_answer = True

    def __init__(self) -> None:
        super().__init__(3, spaces.Box(0.0, 9.0, (1,), np.float32), 2)
        self.time = np.zeros(3, np.int64)

    def _start_episodes(self, mask: Any) -> Any:
        self.time[mask] = 0
        return self.time[:, None].astype(np.float32), {"correct": np.full(3, np.nan)}

    def step(self, actions: Any) -> Any:
        self.time += 1
        ended = self.time > np.arange(3)
        correct = np.where(ended, actions, np.nan)
        seen, reward = self.time[:, None].astype(np.float32), actions.astype(np.float32)
        return seen, reward, ended, np.zeros(3, bool), {"correct": correct}


def table(**settings: Any) -> pd.DataFrame:
    return baseline_table(Hyperparameters(**settings), 3).set_index("agent")


def play(policy: Any, num_episodes: int, **keywords: Any) -> tuple[Any, Any]:
    scores = run_episodes(Remembering(policy), Counting(), num_episodes, 0, **keywords)
    assert scores.lengths.tolist() == [1 + n % 3 for n in range(len(scores.lengths))] or keywords
    return scores.returns, scores.correct


def test_episodes_of_unequal_length_count_alike() -> None:
    returns, correct = play(lambda _: np.ones(3, np.int64), 5)
    assert returns.tolist() == [1, 2, 3, 1, 2]
    assert correct.tolist() == [1] * 5


def test_an_agent_is_given_all_that_was_seen() -> None:
    shapes = []

    def policy(seen: Any) -> Any:
        shapes.append(seen.shape)
        assert seen[:, 2, 0].tolist() == list(range(len(seen)))
        return np.zeros(3, np.int64)

    returns, correct = play(policy, 3)
    assert shapes == [(1, 3, 1), (2, 3, 1), (3, 3, 1)]
    assert returns.tolist() == correct.tolist() == [0, 0, 0]


def test_an_episode_without_end_is_cut() -> None:
    returns, correct = play(lambda _: np.ones(3, np.int64), 3, most_steps=2)
    assert returns.tolist() == [1, 2, 2]
    assert correct.tolist() == [1, 1, 0]  # cut before it could answer


def test_long_episodes_are_fewer() -> None:
    returns, correct = play(lambda _: np.ones(3, np.int64), 12, most_steps=4)
    assert returns.tolist() == [1, 2, 3, 1, 2, 3]  # two rounds of three steps
    assert len(correct) == 6


def test_nothing_is_remembered_of_the_round_before() -> None:
    task = build_task(Hyperparameters(delay=60, observation_noise=0.0), 2)
    oracle = Remembering(task.oracle_action)  # type: ignore[attr-defined]
    assert run_episodes(oracle, task, 4, seed=0).returns.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("task", ["DelayedMatch-v0", "RepeatPrevious-v0", "TMaze-v0"])
def test_what_a_task_expects_is_not_played(task: str) -> None:
    found, made = table(task=task), build_task(Hyperparameters(task=task), 1)
    for agent in ("random", "memoryless", "oracle"):
        score, right = made.expected(agent) or (None, None)
        assert found["return"][agent] == score
        assert found["correct"][agent] == pytest.approx(right)
    assert (found["num_episodes"] == 0).all()


def test_the_same_table_again_and_another_for_another_seed() -> None:
    point = Hyperparameters(task="RepeatPrevious-v0", max_episode_steps=20)
    first = baseline_table(point, 3)
    pd.testing.assert_frame_equal(first, baseline_table(point, 3))
    assert not first.equals(baseline_table(point, 4))
    # what an agent is told of its last step changes nothing for those that need no telling
    told = point.model_copy(update={"previous_action": True, "previous_reward": True})
    pd.testing.assert_frame_equal(first, baseline_table(told, 3))


def test_where_nothing_is_judged_nothing_is_reached() -> None:
    found = table(delay=4, max_episode_steps=2)
    assert (found["return"] == 0).all()
    assert (found["correct"] == 0).all()
    assert (found["num_episodes"] == 7).all()


@pytest.mark.parametrize(
    ("settings", "agents", "known"),
    [
        ({"task": "CartPole-v1"}, ["random", "memoryless", "oracle"], {"memoryless": 500.0}),
        ({"task": "CartPole-v1", "max_episode_steps": 60}, None, {"oracle": 60.0}),
        ({"task": "PositionCartPole-v1"}, ["random", "memoryless", "oracle"], {"oracle": 500.0}),
        ({"task": "FrozenLake-v1"}, ["random"], {}),
    ],
)
def test_environments_with_and_without_known_agents(
    settings: dict[str, Any], agents: list[str] | None, known: dict[str, float]
) -> None:
    found = table(**settings)
    assert agents is None or list(found.index) == agents
    for agent, value in known.items():
        assert (found["return"][agent], found["num_episodes"][agent]) == (value, 0)
    assert found["num_episodes"]["random"] == 7
    assert found["correct"].isna().all()
