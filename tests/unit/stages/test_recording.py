"""What a recording asks of its machine: wide observations and long episodes."""

import logging
from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl import MPNDQN
from mpn_rl.errors import UserError
from mpn_rl.playing.activity import WIDE, Recorder, record_activity
from mpn_rl.playing.greedy import GreedyNetwork
from mpn_rl.playing.rollout import Moment
from mpn_rl.sweep.stages import recording
from mpn_rl.sweep.stages.memory import Bound
from mpn_rl.sweep.stages.recording import RecordingDemands
from tests.unit.playing.test_recorded_episode import STEPS, Drawn


def recorded(
    dim: int, megabytes: float, check: Any = lambda _: None, encoder: str = "dense"
) -> Any:
    draws = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    networks = [MPNDQN(dim, 4, 2, generator=draw, encoder=encoder) for draw in draws]
    agents = [(seed, GreedyNetwork(network)) for seed, network in enumerate(networks)]
    task = Drawn(lambda _: None, dim)
    return record_activity(agents, task, 3, max_recorded_mb=megabytes, check=check)


def test_wide_observations_are_bounded_and_others_are_not() -> None:
    dim, each = WIDE + 1, 4 * STEPS * (WIDE + 1) / 1e6
    assert recorded(dim, 2 * 3 * each).observations.shape == (2, 3, STEPS, dim)
    assert recorded(dim, 2 * 2.5 * each).observations.shape == (2, 2, STEPS, dim)
    assert recorded(dim, 2 * 0.5 * each).observations.shape[:2] == (2, 0)
    assert recorded(WIDE, 1e-6).observations.shape == (2, 3, STEPS, WIDE)
    assert recorded(dim, 2 * 2.5 * each, encoder="none").x.shape == (2, 2, STEPS, dim)
    assert recorded(WIDE, 1e-6, encoder="none").x.shape == (2, 3, STEPS, WIDE)
    bounded = recorded(dim, 1e-6)
    assert bounded.x.shape[:3] == (2, 3, STEPS)
    assert bounded.h.shape == (2, 3, STEPS, 4)
    np.testing.assert_array_equal(bounded.lengths, np.full((2, 3), STEPS))


def test_the_longest_episode_is_told_whenever_it_grows() -> None:
    told: list[int] = []
    recorded(2, 1.0, told.append)
    assert told == [*range(1, STEPS + 1)] * 2


def test_the_bytes_of_a_step() -> None:
    # 32 numbers into 64 hidden units, 2 entries, 2 actions, a reward; action and phase
    demands = RecordingDemands((32, 64), Drawn(lambda _: None), 2, 100)
    assert demands.step_bytes == 4 * (32 + 64 + 2 + 2 + 1) + 8 * 2
    assert demands.size(10_000) == 2 * 100 * 10_000 * 420
    wide = RecordingDemands((100_800, 64), Drawn(lambda _: None, 100_800), 2, 100)
    assert wide.step_bytes == 4 * (64 + 2 + 1) + 8 * 2


def test_much_is_said_before_and_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(Drawn, "longest_episode", 10_000)
    demands = RecordingDemands((32, 64), Drawn(lambda _: None), 2, 100)
    demands.tell()
    said = (
        "analysis.num_episodes: 100 episodes of up to 10,000 steps for 2 seeds need up to 840.0 MB"
    )
    assert said in caplog.text
    small = RecordingDemands((32, 64), Drawn(lambda _: None), 2, 3)
    small.tell()
    assert len(caplog.messages) == 1
    monkeypatch.setattr(recording, "bounds", lambda: [Bound("the 100.0 MB", 10**8, 10**8)])
    demands.check(1024)
    with pytest.raises(UserError, match=r"num_episodes: 100 episodes, .* 2,048 .*; 58 would"):
        demands.check(2048)


def test_episodes_that_run_beside_each_other_are_bounded_together() -> None:
    """All begin while there is room; what the last of them take is given back on the way."""
    dim, each = WIDE + 1, 4 * (WIDE + 1)
    task = Drawn(lambda _: None, dim)
    network = MPNDQN(dim, 4, 2, generator=torch.Generator().manual_seed(0))
    agent = GreedyNetwork(network)
    recorder = Recorder(agent, task, 3, max_bytes=1.5 * STEPS * each)
    agent(0, np.zeros((3, dim), np.float32))
    for time in range(STEPS):
        zeros = np.zeros(3, np.float32)
        info = {"phase": np.zeros(3, np.int64)}
        seen = np.zeros((3, dim), np.float32)
        recorder(Moment(time, np.arange(3), seen, info, np.zeros(3, np.int64), zeros))
    assert ["observations" in record for record in recorder.steps] == [True, False, False]
    assert [len(record["rewards"]) for record in recorder.steps] == [STEPS] * 3
