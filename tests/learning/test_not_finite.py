"""A task that gives what is not finite fails its seed, by name, entry and step; others go on."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from mpn_rl.errors import NotFiniteError
from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import run_episodes
from mpn_rl.tasks import make

POINT = Hyperparameters(
    task="gymnasium:Breaks-v0",
    num_steps=300,
    hidden_dim=4,
    encoder_dim=4,
    num_envs=2,
    batch_size=4,
    learning_starts=40,
    replay_start="episode",
    validation_period=100,
    validation_episodes=2,
)


class Breaks(gymnasium.Env):
    """Episodes of ten steps; gives nan from the `first`-th reset or step of all on."""

    observation_space = spaces.Box(0, 1, (3,), np.float32)
    action_space = spaces.Discrete(2)
    first, given = 0, 0

    def observe(self):
        Breaks.given += 1
        seen = np.zeros(3, np.float32)
        seen[1] = np.nan if Breaks.given > self.first else 0
        return seen

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.observe(), {}

    def step(self, action):
        self.steps += 1
        return self.observe(), float(action), self.steps == 10, False, {}


@pytest.fixture
def broken_from(monkeypatch):
    """Makes `Breaks-v0`, and says from which reset or step of all on it gives nan."""
    gymnasium.register("Breaks-v0", entry_point=Breaks)

    def set_first(first):
        monkeypatch.setattr(Breaks, "first", first)
        monkeypatch.setattr(Breaks, "given", 0)

    yield set_first
    del gymnasium.registry["Breaks-v0"]


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        (0, "at the start of an episode, after 0 steps of training"),
        (2, "at step 1 of its episode, after 0 steps of training"),
        (2 + 2 * 9, "at step 10 of its episode, after 18 steps of training"),
        (2 + 2 * 10, "at the start of an episode, after 20 steps of training"),
        # the validation, which resets two environments of its own after 100 steps
        (5 * 22, "at the start of an episode, after 100 steps of training"),
    ],
)
def test_the_seed_fails_with_entry_and_step(broken_from, first, sentence):
    broken_from(first)
    training = SeedTraining(POINT, 0)
    result = training.run(lambda: None)
    told = f"task 'gymnasium:Breaks-v0' gave nan in its observation, entry 1, {sentence}"
    assert result.failure == told
    assert all(np.isfinite(array.numpy()).all() for array in result.final.values())


def test_failure_in_the_last_validation_is_one_too(broken_from):
    broken_from(10**9)
    training = SeedTraining(POINT, 0)
    while not training.finished:
        training.advance()
    training.history.validation_step.clear()
    broken_from(0)
    assert "gave nan in its observation" in training.finish().failure


def test_failed_state_is_taken_up_without_playing_its_episode_again(broken_from):
    broken_from(50)
    training = SeedTraining(POINT, 0)
    failure = training.run(lambda: None).failure
    broken_from(2)
    again = SeedTraining(POINT, 0)
    again.set_state(training.get_state())
    assert again.finished
    assert again.finish().failure == failure


def test_elsewhere_the_sentence_is_raised(broken_from):
    broken_from(30)
    task = make("Breaks-v0", num_envs=2)
    with pytest.raises(NotFiniteError, match="nan in its observation, entry 1"):
        run_episodes(lambda _, seen: np.zeros(len(seen), np.int64), task, 8, 0)
