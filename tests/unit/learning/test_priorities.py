"""Prioritised sequences: the formula by hand, and draws that follow it."""

import numpy as np
import pytest

from mpn_rl.learning.priorities import SequencePriorities, sequence_priority
from tests.fixtures.replay_streams import check_consistent, make

ENV, NUMBER = np.array([0, 0, 1]), np.array([0, 1, 0])


def test_priority_mixes_the_largest_and_the_mean_error() -> None:
    error = np.array([[1.0, 5.0], [-3.0, 7.0], [100.0, -9.0]])
    valid = np.array([[True, False], [True, False], [False, False]])
    # 0.9 * 3 + 0.1 * 2 = 2.9; nothing valid leaves the smallest
    assert sequence_priority(error, valid, 0.9, 1.0) == pytest.approx([2.9, 1e-6])
    assert sequence_priority(error, valid, 0.0, 2.0) == pytest.approx([4.0, 1e-12])


def test_draws_follow_the_priorities() -> None:
    priorities = SequencePriorities(np.zeros((2, 4)))
    priorities.enter(ENV, NUMBER)
    priorities.update(ENV, NUMBER, np.array([1.0, 3.0, 4.0]))
    env, number = priorities.draw(
        np.array([0, 0]), np.array([2, 1]), 8000, np.random.default_rng(0)
    )
    share = [np.mean((env == e) & (number == n)) for e, n in zip(ENV, NUMBER, strict=True)]
    assert share == pytest.approx([1 / 8, 3 / 8, 4 / 8], abs=0.02)


def test_a_new_sequence_gets_the_highest_priority_so_far() -> None:
    priorities = SequencePriorities(np.zeros((1, 2)))
    priorities.enter(np.array([0, 0]), np.array([0, 1]))
    priorities.update(np.array([0, 0]), np.array([0, 1]), np.array([7.0, 0.1]))
    priorities.update(np.array([0]), np.array([0]), np.array([0.2]))
    priorities.enter(np.array([0]), np.array([2]))  # takes the slot of number 0
    assert priorities.priority.tolist() == [[7.0, 0.1]]


@pytest.mark.parametrize("window", [None, 4])
def test_what_is_worth_most_is_drawn_most_and_what_is_gone_never(window: int | None) -> None:
    options = {"sequence_length": window, "stride": 1 if window is None else 2}
    replay, envs = make([[3], [4]], rows=40, prioritised=True, **options)
    for _ in range(100):
        envs.feed(replay)
    batch = replay.sample(64, np.random.default_rng(0))
    check_consistent(batch)
    replay.set_priorities(batch, np.full(64, 1e-9))
    chosen = (batch.env == batch.env[0]) & (batch.number == batch.number[0])
    replay.set_priorities(batch, np.where(chosen, 1e6, 1e-9))
    again = replay.sample(64, np.random.default_rng(1))
    check_consistent(again)
    same = (again.env == batch.env[0]) & (again.number == batch.number[0])
    assert same.mean() > 0.9
    for _ in range(100):
        envs.feed(replay)
    later = replay.sample(64, np.random.default_rng(2))
    check_consistent(later)
    assert not ((later.env == batch.env[0]) & (later.number == batch.number[0])).any()
