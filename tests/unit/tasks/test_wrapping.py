"""Wrappers that the config names, and the bound of episodes that nothing else limits."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from mpn_rl.errors import UserError
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import run_episodes
from mpn_rl.tasks import make, wrapping
from mpn_rl.tasks.making import tell


class Counts(gymnasium.Env):
    """A picture of the number of the step, for ever."""

    observation_space = spaces.Box(0, 255, (4, 4, 3), np.uint8)
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 100
        return np.full((4, 4, 3), self.time, np.uint8), {}

    def step(self, action):
        self.time += 1
        return np.full((4, 4, 3), self.time % 256, np.uint8), 1.0, False, False, {}


class Twice(gymnasium.Wrapper):
    """Every action holds for two steps."""

    def step(self, action):
        self.env.step(action)
        return self.env.step(action)


@pytest.fixture
def counts(monkeypatch):
    """The id of an endless environment; episodes are bounded at 20 steps."""
    monkeypatch.setattr(wrapping, "EPISODE_BOUND", 20)
    gymnasium.register("Counts-v0", entry_point=Counts)
    yield "Counts-v0"
    del gymnasium.registry["Counts-v0"]


def length_of(task):
    return run_episodes(lambda _, seen: np.zeros(len(seen), int), task, 3, seed=0).lengths.tolist()


def test_wrappers_are_put_on_from_the_inside(counts):
    task = make(counts, env_wrappers="GrayscaleObservation, FrameStackObservation(stack_size=2)")
    assert task.observation_form.parts[0].shape == (2, 4, 4)
    task.reset(seed=0)
    observation = task.step(np.array([0]))[0].reshape(2, 16)
    np.testing.assert_array_equal(observation, [[100] * 16, [101] * 16])


@pytest.mark.parametrize(
    ("settings", "length"),
    [
        ({}, 20),
        ({"max_episode_steps": 7}, 7),
        ({"max_episode_steps": 30}, 30),
        ({"env_wrappers": "TimeLimit(max_episode_steps=5)"}, 5),
        ({"env_wrappers": f"{__name__}.Twice"}, 20),
        ({"env_wrappers": f"{__name__}.Twice", "max_episode_steps": 7}, 7),
    ],
)
def test_episodes_end_at_the_limit_that_is_named_or_at_the_bound(counts, settings, length):
    task = make(counts, num_envs=2, **settings)
    assert length_of(task) == [length] * 3
    assert task.episode_bound == (20 if length == 20 else None)


@pytest.mark.usefixtures("counts")
def test_an_own_limit_is_kept_inside_wrappers():
    gymnasium.register("Limited-v0", entry_point=Counts, max_episode_steps=8)
    try:
        assert length_of(make("Limited-v0", env_wrappers=f"{__name__}.Twice")) == [4] * 3
        assert length_of(make("Limited-v0")) == [8] * 3
    finally:
        del gymnasium.registry["Limited-v0"]


@pytest.mark.parametrize(
    ("wrappers", "message"),
    [
        ("Nothing", "wrapper 'gymnasium.wrappers.Nothing' cannot be found"),
        ("no_module.Nothing", "wrapper 'no_module.Nothing' cannot be found"),
        (
            "ResizeObservation",
            "'gymnasium.wrappers.ResizeObservation' cannot be applied: TypeError",
        ),
        ("ResizeObservation(shape=(0, 1))", "cannot be applied"),
        ("collections.Counter", "'collections.Counter'"),
        ("os.getcwd", "'os.getcwd' cannot be applied"),
    ],
)
def test_wrappers_that_cannot_be_used_are_named(counts, wrappers, message):
    with pytest.raises(UserError, match=f"^task 'Counts-v0': .*{message}"):
        make(counts, env_wrappers=wrappers)


def test_the_bound_is_told_once_and_a_task_that_always_hits_it_is_reported(counts, caplog):
    tell.cache_clear()
    point = Hyperparameters(
        task=f"gymnasium:{counts}",
        num_steps=100,
        num_envs=2,
        hidden_dim=4,
        validation_episodes=2,
        encoder="dense",
    )
    with caplog.at_level("INFO"):
        result = SeedTraining(point, seed=0).run(lambda: None)
    assert set(result.history.episode_length) == {20}
    said = [r.getMessage() for r in caplog.records if "cut at" in r.getMessage()]
    assert len(said) == 3
    assert said[0].startswith(
        "task 'gymnasium:Counts-v0': there is no limit of steps, so episodes are"
    )
    assert {line.split(" were")[0] for line in said[1:]} == {
        "all 4 episodes of training seed 0",
        "all 2 episodes",
    }
