"""What a training needs, by hand, and what is said of it before the first step."""

import logging
import os
from types import SimpleNamespace

import pytest

from mpn_rl.errors import UserError
from mpn_rl.learning.replay import ReplayShape
from mpn_rl.learning.training import SeedTraining
from mpn_rl.observations import ObservationForm, Part, numbers
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.stages.demands import (
    SPARE_BYTES,
    advise_processes,
    check_demands,
    check_memory,
)
from mpn_rl.sweep.stages.memory import Bound
from mpn_rl.tasks.making import tell

# action, reward, and four flags of a row
ROW = 8 + 4 + 4
SMALL = {"num_envs": 2, "hidden_dim": 8, "encoder_dim": 4, "delay": 1}
STORED = {"replay_start": "stored", "sequence_length": 10, "burn_in_length": 5}
PICTURE = ObservationForm((Part((8, 8, 3), "picture", 0, 255),), "uint8")


def test_a_replay_takes_what_its_arrays_take() -> None:
    whole = ReplayShape(2, 100, numbers(3))
    # rows, and the first rows of 100 / 2 + 2 episodes
    assert whole.nbytes == 2 * 100 * (ROW + 3 * 4) + 2 * 52 * 8
    cut = ReplayShape(2, 100, PICTURE, 10, 5, state_shape=(8, 4), prioritised=True)
    windows = 2 * (100 // 5) * (8 * 4 * 4 + 8)
    assert cut.nbytes == 2 * 100 * (ROW + 192) + 2 * 52 * 8 + windows
    assert ReplayShape(2, 100, PICTURE, prioritised=True).nbytes == (
        2 * 100 * (ROW + 192) + 2 * 52 * 16
    )


def training(**settings) -> SeedTraining:
    return SeedTraining(Hyperparameters(**{**SMALL, **settings}), 0)


def bound(room: int, free: int | None = None) -> list[Bound]:
    wide = Bound("the machine", 10**15, 10**15)
    return [wide, Bound("the group", SPARE_BYTES + room, SPARE_BYTES + (free or room))]


@pytest.mark.parametrize(
    "settings",
    [
        {"buffer_size": 1000},
        {"buffer_size": 1000, **STORED, "batch_size": 2},
        {"buffer_size": 1000, "priority_exponent": 0.5},
        {"learner": "pqn", "rollout_length": 200},
    ],
)
def test_what_does_not_fit_is_refused_with_what_does(settings) -> None:
    made = training(**settings)
    learner, hp = made.learner, made.hyperparameters
    need = learner.replay_shape(hp).nbytes
    need += 4 * learner.form.dim * (learner.update_rows(hp) or 0)
    assert check_memory(learner, hp, bound(need)) is None
    key = learner.size_key
    with pytest.raises(UserError, match=rf"^{key}: \d+ needs .* the group leaves only") as refused:
        check_memory(learner, hp, bound(need // 2))
    fits = int(str(refused.value).rpartition(f"{key}: ")[2].removesuffix(" fits"))
    smaller, larger = (hp.model_copy(update={key: fits + n}) for n in (0, 1 + hp.num_envs))
    assert check_memory(learner, smaller, bound(need // 2)) is None
    with pytest.raises(UserError):
        check_memory(learner, larger, bound(need // 2))
    with pytest.raises(UserError, match="no smaller value fits"):
        check_memory(learner, hp, bound(10))
    warning = check_memory(learner, hp, bound(need, need // 2))
    assert warning is not None
    assert f"{key}: {fits} fits" in warning


def test_the_need_is_said_with_its_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    check_demands(training(buffer_size=100_000))
    (said,) = (text for text in caplog.messages if "the replay will need up to" in text)
    # 100,000 rows of 16 + 4 · 3 bytes or so
    assert "MB of memory" in said
    assert "buffer_size: 100000" in said


def test_nothing_is_taken_before_it_is_said() -> None:
    made = training(buffer_size=10**12)
    with pytest.raises(UserError, match=r"^buffer_size: 1000000000000 needs"):
        check_demands(made)


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        ({"task": "CartPole-v1"}, 500),
        ({"task": "CartPole-v1", "max_episode_steps": 40}, 40),
        ({"task": "PositionCartPole-v1", "previous_action": True}, 500),
        ({"task": "TMaze-v0", "corridor_length": 9}, 40),
        ({"task": "DelayedMatch-v0", "delay": 30}, 33),
    ],
)
def test_known_episodes_that_are_too_long_are_refused_at_the_start(settings, steps: int) -> None:
    settings = {**settings, "replay_start": "episode"}
    made = training(**settings, buffer_size=2 * steps)
    with pytest.raises(UserError, match=f"cannot hold an episode of {steps} steps"):
        check_demands(made)
    check_demands(training(**settings, buffer_size=2 * steps + 2))


@pytest.mark.parametrize(
    ("task", "task_seconds", "load", "processes", "advised"),
    [
        ("CartPole-v1", 6.0, 0.3, 1, 4),
        ("CartPole-v1", 6.0, 5.2, 1, 3),
        ("CartPole-v1", 6.0, 8.0, 1, None),  # no core is idle
        ("CartPole-v1", 4.0, 0.3, 1, None),  # the network takes more
        ("CartPole-v1", 6.0, 0.3, 2, None),
        ("DelayedMatch-v0", 6.0, 0.3, 1, None),  # steps all its environments at once
    ],
)
def test_processes_are_advised_once_where_they_would_pay(
    task, task_seconds, load, processes, advised, monkeypatch, caplog
) -> None:
    tell.cache_clear()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    hp = Hyperparameters(task=task, num_envs=4)
    slow = SimpleNamespace(hyperparameters=hp, task_seconds=task_seconds)
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            advise_processes(slow, 10.0, processes)
    assert [f"env_processes {advised} " in line for line in caplog.messages] == [True] * (
        advised is not None
    )
