"""The ring of streams: what is stored is what is drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures.replay_streams import check_consistent, make


def test_whole_episodes_are_padded_to_the_longest() -> None:
    replay, envs = make([[2], [4]], rows=50)
    for _ in range(8):
        envs.feed(replay)
    assert replay.num_candidates() == 4 + 2
    batch = replay.sample(64, np.random.default_rng(0))
    check_consistent(batch)
    assert batch.action.shape == (5, 64)
    lengths = batch.valid.sum(axis=0)
    assert set(lengths) == {2, 4}
    ends = batch.terminated & batch.valid
    assert (ends.sum(axis=0) == 1).all()
    assert (np.argmax(ends, axis=0) == lengths - 1).all()
    assert batch.start[0].all()
    assert batch.state is None


def test_overwritten_episodes_are_never_drawn() -> None:
    replay, envs = make([[3], [3]], rows=9)
    for _ in range(30):
        envs.feed(replay)
    assert replay.num_candidates() == 2 * 2
    drawn = replay.sample(100, np.random.default_rng(1))
    check_consistent(drawn)
    assert set(drawn.observation[0, :, 1]) == {8.0, 9.0}


def test_windows_cross_episodes_with_the_state_of_their_first_row() -> None:
    replay, envs = make([[3], [5]], rows=64, sequence_length=6, stride=2, state_shape=(3, 1))
    for _ in range(40):
        envs.feed(replay)
    batch = replay.sample(200, np.random.default_rng(2))
    check_consistent(batch)
    assert batch.action.shape == (7, 200)
    assert (batch.start[1:].sum(axis=0) > 0).any(), "some window runs across a border"
    assert batch.state is not None
    at_step = batch.valid[0]
    assert (batch.state[at_step, :, 0] == batch.observation[0, at_step]).all()


def test_final_observation_has_a_row_without_a_transition() -> None:
    replay, envs = make([[2]], rows=50, sequence_length=5)
    for _ in range(10):
        envs.feed(replay, truncate=True)
    batch = replay.sample(50, np.random.default_rng(3))
    after = batch.truncated[:-1] & batch.valid[:-1]
    assert not batch.valid[1:][after].any()
    assert (batch.observation[1:][after][:, 2] == 2).all()


def test_nothing_to_draw_is_an_error() -> None:
    replay, envs = make([[4]], rows=20)
    envs.feed(replay)
    assert replay.num_candidates() == 0
    with pytest.raises(ValueError, match="no complete sequence"):
        replay.sample(1, np.random.default_rng(0))


def test_batch_may_exceed_what_is_stored() -> None:
    replay, envs = make([[1]], rows=2)
    for _ in range(5):
        envs.feed(replay)
    assert replay.sample(32, np.random.default_rng(0)).action.shape == (2, 32)


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.lists(st.integers(1, 7), min_size=1, max_size=4), min_size=1, max_size=3),
    rows=st.integers(10, 40),
    steps=st.integers(12, 80),
    window=st.one_of(st.none(), st.integers(1, 6)),
    seed=st.integers(0, 5),
    prioritised=st.booleans(),
)
def test_any_history_is_replayed_faithfully_and_survives_a_save(
    lengths: list[list[int]],
    rows: int,
    steps: int,
    window: int | None,
    seed: int,
    prioritised: bool,
) -> None:
    options = {"sequence_length": window, "stride": max(1, (window or 1) - 1)}
    options["prioritised"] = prioritised
    replay, envs = make(lengths, rows, **options)
    for _ in range(steps):
        envs.feed(replay)
    if replay.num_candidates():
        drawn = replay.sample(8, np.random.default_rng(seed))
        replay.set_priorities(drawn, np.linspace(0.1, 9.0, 8))
    copy, _ = make(lengths, rows, **options)
    copy.set_state(replay.get_state())
    if replay.num_candidates() == 0:
        return
    batch = replay.sample(16, np.random.default_rng(seed))
    check_consistent(batch)
    again = copy.sample(16, np.random.default_rng(seed))
    for name in ("observation", "action", "valid", "start"):
        assert (getattr(batch, name) == getattr(again, name)).all()


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.lists(st.integers(1, 7), min_size=1, max_size=4), min_size=1, max_size=3),
    rollout=st.integers(2, 9),
    truncate=st.booleans(),
)
def test_rollouts_hold_every_step_once_and_end_like_a_truncation(
    lengths: list[list[int]], rollout: int, truncate: bool
) -> None:
    replay, envs = make(lengths, 2 * rollout + 2)
    first, seen = np.zeros(len(lengths), np.int64), []
    for _ in range(4):
        for _ in range(rollout):
            envs.feed(replay, truncate)
        batch = replay.since(first)
        now, then = batch.observation[:-1][batch.valid[:-1]], batch.observation[1:]
        assert (then[batch.valid[:-1]] == now + np.array([0, 0, 1])).all()
        seen += [tuple(row) for row in batch.observation[batch.valid].astype(int)]
        rows = replay.written - first
        envs_of = np.arange(len(lengths))
        assert not batch.valid[rows - 1, envs_of].any()
        assert batch.truncated[np.maximum(rows - 2, 0), envs_of].all()
        first = replay.written - 1
    assert len(seen) == len(set(seen))
    # all but each environment's last step, unless that ended an episode
    assert 4 * rollout * len(lengths) - len(seen) <= len(lengths)
