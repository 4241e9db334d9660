"""Compiled tasks are the plain ones, bit by bit; every task of the project's own is one."""

from typing import NamedTuple

import numpy as np
import pytest

from mpn_rl.compiled.tasks import TERMINATED, TRUNCATED, append_previous
from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.rollout import run_episodes
from mpn_rl.tasks import make
from mpn_rl.tasks.bank import MOST_NOISY_STEPS, first_starts, joined, played, why_not_played
from mpn_rl.tasks.trial import TrialTask

# of each task's own parameters, beside the defaults
FURTHER = {
    "delay": 0,
    "observation_noise": 0.0,
    "stimulus_steps": 1,
    "coherence": 3.0,
    "k": 5,
    "memory_length": 1,
    "corridor_length": 1,
}
NAMES = [*sorted(TASKS), "CartPole-v1"]


class Compiled:
    """A task's environments, reset and stepped by its compiled functions from its bank."""

    def __init__(self, name, task, starts=None):
        self.task, self.way = task, played(task, name)
        self.starts = self.way.present() if starts is None else starts
        self.begun = 0
        self.seen = np.full((task.num_envs, task.observation_dim), np.nan, np.float32)
        self._play(self.way.playing(self.starts, task.num_envs))

    def _play(self, playing):
        self.playing = playing

    def begin(self, envs):
        """Begin the next episodes, in the order of the environments, of a bank that grows."""
        functions, task = self.way.functions, self.task
        if self.begun + len(envs) > len(self.starts.bank):
            self.starts = joined([self.starts, self.way.draw(2 * task.num_envs)])
            self._play(self.playing._replace(**self.starts._asdict()))
        for n in envs:
            functions.reset(self.playing, n, self.begun)
            functions.show(self.playing, n, self.seen)
            append_previous(self.playing, n, self.seen, -1, 0.0)
            self.begun += 1

    def step(self, n, action):
        told = self.way.functions.step(self.playing, n, action)
        self.way.functions.show(self.playing, n, self.seen)
        append_previous(self.playing, n, self.seen, action, told[0])
        return told


class Case(NamedTuple):
    name: str
    num_envs: int = 5
    parameters: dict = {}


CASES = [
    *(Case(name) for name in NAMES),
    *(
        Case(name, 1, {key: FURTHER[key] for key in TASKS[name].parameters})
        for name in NAMES
        if name in TASKS and TASKS[name].parameters
    ),
    *(Case(name, 3, {"max_episode_steps": steps}) for name in NAMES for steps in (1, 7)),
    Case("DelayedMatch-v0", 2, {"previous_action": True}),
    Case("TMaze-v0", 2, {"previous_reward": True}),
    Case("NoisyPositionCartPole-v1", 2, {"previous_action": True, "previous_reward": True}),
    Case("CartPole-v1", 4, {"max_episode_steps": 60}),
    Case("NoisyPositionCartPole-v1", 4, {"max_episode_steps": 60}),
]


@pytest.fixture(params=CASES, ids=lambda case: f"{case.name}-{case.num_envs}-{case.parameters}")
def pair(request):
    """Two equal tasks, in the same moment."""
    name, num_envs, parameters = request.param
    tasks = [make(name, num_envs=num_envs, **parameters) for _ in range(2)]
    for task in tasks:
        task.reset(seed=3)
    yield name, *tasks
    for task in tasks:
        task.close()


def actions_of(task, observation, generator):
    """Random ones, and for a time those that keep a pole up or lead through a maze."""
    random = generator.integers(task.num_actions, size=task.num_envs)
    if not hasattr(task, "memoryless_action"):
        lean = observation[:, 2] + 0.5 * observation[:, 3] > 0
        return np.where(generator.random(task.num_envs) < 0.2, random, lean)
    known = task.memoryless_action(observation)
    return np.where(generator.random(task.num_envs) < 0.2, random, known)


def test_every_step_is_the_plain_one(pair):
    name, plain, other = pair
    found, generator = Compiled(name, other), np.random.default_rng(5)
    together = isinstance(getattr(plain, "task", plain), TrialTask)
    found.begin(range(plain.num_envs))
    observation, _ = plain.reset(seed=3)
    np.testing.assert_array_equal(found.seen, observation)
    for t in range(120):
        actions = actions_of(plain, observation, generator)
        observation, reward, terminated, truncated, info = plain.step(actions)
        told = [found.step(n, int(action)) for n, action in enumerate(actions)]
        ended = np.array([ended for _, ended, _ in told])
        np.testing.assert_array_equal(np.float32([reward for reward, _, _ in told]), reward)
        np.testing.assert_array_equal(ended == TERMINATED, terminated)
        np.testing.assert_array_equal(ended == TRUNCATED, truncated & ~terminated)
        np.testing.assert_array_equal(found.seen, observation)
        over = ended > 0
        if over.any() and plain.has_answer:
            correct = np.array([correct for _, _, correct in told])
            np.testing.assert_array_equal(correct[over], info["correct"][over])
        if t % 40 == 39:  # in the middle of episodes; trials end together
            over |= together | (np.arange(plain.num_envs) == t % 3)
        if over.any():
            observation, _ = plain.reset(options={"reset_mask": over})
            found.begin(np.flatnonzero(over))
            np.testing.assert_array_equal(found.seen, observation)


def by_what_is_seen(observation, num_actions):
    """Some action for each row, the same for the same numbers."""
    return (np.abs(observation * 1e4).astype(np.int64).sum(axis=1) // 7) % num_actions


def test_validations_are_of_the_same_episodes(pair):
    name, plain, other = pair
    episodes = 2 * plain.num_envs + 1
    expected = run_episodes(
        lambda _, seen: by_what_is_seen(seen, plain.num_actions), plain, episodes, seed=9
    )
    starts = first_starts(other, played(other, name), episodes, seed=9)
    assert len(starts.bank) == len(starts.answers) == episodes
    found = Compiled(name, other, starts)
    for k in range(episodes):
        found.begin([0])
        total, length, ended = 0.0, 0, 0
        while not ended:
            action = by_what_is_seen(found.seen[:1], plain.num_actions)
            reward, ended, correct = found.step(0, int(action[0]))
            total, length = total + float(np.float32(reward)), length + 1
        assert (total, length) == (expected.returns[k], expected.lengths[k])
        assert correct == expected.correct[k] or not plain.has_answer


@pytest.mark.parametrize("name", NAMES)
def test_the_hyper_parameters_tell_beforehand(name):
    assert why_not_played(Hyperparameters(task=name)) is None


def test_why_not():
    def reason(**point):
        return why_not_played(Hyperparameters(**point))

    assert reason(task="Acrobot-v1") == "task Acrobot-v1"
    long = {"max_episode_steps": MOST_NOISY_STEPS + 1}
    assert "10,000" in reason(task="NoisyPositionCartPole-v1", **long)
    assert reason(task="PositionCartPole-v1", **long) is None
