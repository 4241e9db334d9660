"""Trainings that are compiled but for the steps of their environments."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from mpn_rl.errors import TaskError
from mpn_rl.learning import chunks
from mpn_rl.learning.compiled import CompiledTraining, make_training
from mpn_rl.learning.stepped import SteppedTraining
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters

SMALL = {
    "task": "CartPole-v1",
    "core": "gru",
    "learner": "pqn",
    "num_steps": 1_300,
    "validation_period": 400,
    "validation_episodes": 40,
    "validation_share": None,
    "num_envs": 6,
    "rollout_length": 16,
    "hidden_dim": 12,
    "encoder_dim": 8,
    "epsilon_decay": 1_000,
    "reward_scale": None,
    "weight_averaging": 0.95,
}


class Broken(gymnasium.Env):
    """Shows, and at last gives, what the keywords say, in episodes of ten steps."""

    observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float32)
    action_space = spaces.Discrete(2)
    steps = begun = 0

    def __init__(self, at=10**9, reset_at=10**9, error=None, scale=1.0):
        self.at, self.reset_at, self.error, self.scale = at, reset_at, error, scale

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed, options=options)
        self.begun, self.time = self.begun + 1, 0
        return self._seen(self.begun > self.reset_at), {}

    def step(self, action):
        self.steps, self.time = self.steps + 1, self.time + 1
        if self.steps > self.at and self.error:
            raise ValueError(self.error)
        seen = self._seen(self.steps > self.at)
        return seen, float(action), self.time == 10, False, {}

    def _seen(self, broken):
        return np.full(2, np.nan if broken else self.scale * (1 + self.time), np.float32)


for name, keywords in {
    "Sound": {},
    "NaN": {"at": 120},
    "ResetNaN": {"reset_at": 9},
    "Failing": {"at": 120, "error": "no more"},
}.items():
    gymnasium.register(f"Stepped{name}-v0", entry_point=Broken, kwargs=keywords)


def point(**more):
    return Hyperparameters(**{**SMALL, **more})


def train(training):
    while not training.finished:
        training.advance()
    return training


def same(one, other):
    assert one.history == other.history
    assert (one.steps, one.updates, one.best_step) == (other.steps, other.updates, other.best_step)
    for kind in ("best", "final"):
        theirs = getattr(other, kind)
        assert all(torch.equal(v, theirs[name]) for name, v in getattr(one, kind).items())


@pytest.mark.parametrize("core", ["gru", "mpn"])
def test_environments_in_python_and_compiled_ones_give_equal_bytes(core):
    hp = point(core=core)
    one, other = train(SteppedTraining(hp, 3)), train(CompiledTraining(hp, 3))
    same(one.finish(), other.finish())
    assert torch.equal(one._exploration.get_state(), other._exploration.get_state())
    states = [training.learner.generator.bit_generator.state for training in (one, other)]
    assert states[0] == states[1]


@pytest.mark.parametrize(
    "more",
    [
        {"task": "gymnasium:SteppedSound-v0", "validation_episodes": 7},
        {"task": "TMaze-v0", "core": "lstm"},
        {"env_wrappers": "gymnasium.wrappers.TimeAwareObservation", "core": "rnn"},
        {"previous_action": True, "previous_reward": True},
        {"num_steps": None, "num_episodes": 30},
    ],
)
def test_a_training_is_the_plain_one_within_rounding(more):
    hp = point(**more)
    plain, found = train(SeedTraining(hp, 3)), train(SteppedTraining(hp, 3))
    assert found.steps == plain.steps
    assert found.history.episode_length == plain.history.episode_length
    assert found.history.validation_step == plain.history.validation_step
    np.testing.assert_allclose(found.history.loss, plain.history.loss, rtol=1e-3, atol=1e-4)
    theta = (training.learner.optimizer.theta for training in (plain, found))
    torch.testing.assert_close(*theta, rtol=1e-3, atol=1e-4)
    assert torch.equal(plain._exploration.get_state(), found._exploration.get_state())


@pytest.mark.parametrize("pace", [0.5, 0.0])
def test_a_training_that_is_cut_off_goes_on_as_if_it_had_not_been(pace, monkeypatch):
    hp = point(task="gymnasium:SteppedSound-v0")
    whole = train(SteppedTraining(hp, 1)).finish()
    monkeypatch.setattr(chunks, "PACE_SECONDS", pace)  # 0: chunks of one step
    training = SteppedTraining(hp, 1)
    for _ in range(5):
        training.advance()
    assert not training.finished
    other = SteppedTraining(hp, 1)
    other.set_state(training.get_state())
    same(train(other).finish(), whole)


@pytest.mark.parametrize("task", ["gymnasium:SteppedNaN-v0", "gymnasium:SteppedResetNaN-v0"])
def test_what_is_not_finite_fails_the_seed_where_it_does_in_the_plain_way(task):
    hp = point(task=task, validation_episodes=1)
    plain, found = train(SeedTraining(hp, 0)), train(SteppedTraining(hp, 0))
    assert "after 7" in plain.failure or "after 5" in plain.failure
    assert found.failure == plain.failure
    assert found.history.episode_return == plain.history.episode_return
    assert found.steps == plain.steps


def test_what_an_environment_raises_comes_through():
    training = SteppedTraining(point(task="gymnasium:SteppedFailing-v0", validation_episodes=1), 0)
    with pytest.raises(TaskError, match="no more"):
        train(training)
    assert training.steps == 720


SCALED = {"observation_normalisation": True}


@pytest.mark.parametrize(
    ("more", "kind", "line"),
    [
        ({}, CompiledTraining, "in the compiled loop"),
        (
            {"task": "gymnasium:SteppedSound-v0"},
            SteppedTraining,
            "except for the environments' steps",
        ),
        ({"task": "gymnasium:SteppedSound-v0", **SCALED}, SeedTraining, "step by step"),
    ],
)
def test_the_log_says_which_way_is_taken(more, kind, line, caplog):
    caplog.set_level("INFO")
    assert type(make_training(point(**more), 4)) is kind
    assert any(line in record.getMessage() for record in caplog.records)


def test_numbers_that_are_large_are_told_once(caplog):
    gymnasium.register("SteppedLarge-v0", entry_point=Broken, kwargs={"scale": 50.0})
    train(SteppedTraining(point(task="gymnasium:SteppedLarge-v0", num_steps=200), 0))
    assert len([r for r in caplog.records if "observation_normalisation" in r.getMessage()]) == 1
