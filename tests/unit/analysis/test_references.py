"""What can be reached without learning: the agents that play, on episodes counted by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from gymnasium import spaces

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing import baselines as references
from mpn_rl.playing.baselines import play, reference_table
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.build import build_task


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
    return reference_table(Hyperparameters(**settings), 3, 7).set_index("agent")


def test_episodes_of_unequal_length_count_alike() -> None:
    returns, correct = play(Counting(), lambda _: np.ones(3, np.int64), 5, seed=0)
    assert returns.tolist() == [1, 2, 3, 1, 2]
    assert correct.tolist() == [1] * 5


def test_an_agent_is_given_all_that_was_seen() -> None:
    shapes = []

    def policy(seen: Any) -> Any:
        shapes.append(seen.shape)
        assert seen[:, 2, 0].tolist() == list(range(len(seen)))
        return np.zeros(3, np.int64)

    returns, correct = play(Counting(), policy, 3, seed=0)
    assert shapes == [(1, 3, 1), (2, 3, 1), (3, 3, 1)]
    assert returns.tolist() == correct.tolist() == [0, 0, 0]


def test_an_episode_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MOST_STEPS", 2)
    returns, correct = play(Counting(), lambda _: np.ones(3, np.int64), 3, seed=0)
    assert returns.tolist() == [1, 2, 2]
    assert correct.tolist() == [1, 1, 0]  # cut before it could answer


def test_long_episodes_are_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MOST_STEPS", 4)
    returns, correct = play(Counting(), lambda _: np.ones(3, np.int64), 12, seed=0)
    assert returns.tolist() == [1, 2, 3, 1, 2, 3]  # two rounds of three steps
    assert len(correct) == 6


def test_a_history_longer_than_its_first_room() -> None:
    task = build_task(Hyperparameters(delay=60), 2)
    returns, _ = play(task, task.oracle_action, 4, seed=0)  # type: ignore[attr-defined]
    assert returns.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("task", ["DelayedMatch-v0", "RepeatPrevious-v0", "TMaze-v0"])
def test_agents_reach_what_the_task_expects_of_them(task: str) -> None:
    found, made = table(task=task), build_task(Hyperparameters(task=task), 1)
    for agent in ("random", "memoryless", "oracle"):
        expected = getattr(made, f"{agent}_score")
        assert found["return"][agent] == pytest.approx(expected, abs=0.05)
    assert found["correct"]["oracle"] == 1
    assert (found["num_episodes"] == references.EPISODES).all()
    assert found["parameters"].isna().all()


def test_the_same_table_again_and_another_for_another_seed() -> None:
    point = Hyperparameters()
    first = reference_table(point, 3, 7)
    pd.testing.assert_frame_equal(first, reference_table(point, 3, 7))
    assert not first.equals(reference_table(point, 4, 7))
    # what an agent is told of its last step changes nothing for those that need no telling
    told = point.model_copy(update={"previous_action": True, "previous_reward": True})
    pd.testing.assert_frame_equal(first, reference_table(told, 3, 7))


def test_where_nothing_is_judged_nothing_is_reached() -> None:
    found = table(delay=4, max_episode_steps=2)
    assert (found["return"] == 0).all()
    assert (found["correct"] == 0).all()


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
