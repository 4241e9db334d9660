"""Making tasks by name: Gymnasium ids, spaces that cannot be used, mistakes in names."""

import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from mpn_rl.errors import UserError
from mpn_rl.tasks import make


class Stub(gymnasium.Env):
    """Shows a random point of its observation space; ends never."""

    def __init__(self, observation_space, action_space, deterministic=True):
        self.observation_space = observation_space
        self.action_space = action_space
        self.actions = []
        self.deterministic = deterministic

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.observation_space.seed(seed if self.deterministic else None)
        return self.observation_space.sample(), {}

    def step(self, action):
        self.actions.append(action)
        return self.observation_space.sample(), 0.5, False, False, {}


@pytest.fixture
def stub():
    """Registers a stub with the given spaces; returns its id."""
    ids = []

    def register(*arguments, **keywords):
        env_id = f"Stub{len(ids)}-v0"
        gymnasium.register(env_id, entry_point=lambda **_: Stub(*arguments, **keywords))
        ids.append(env_id)
        return env_id

    yield register
    for env_id in ids:
        del gymnasium.registry[env_id]


def test_discrete_observation_is_one_hot_also_with_a_start(stub):
    task = make(stub(spaces.Discrete(4, start=3), spaces.Discrete(2)), num_envs=6)
    observation, _ = task.reset(seed=0)
    assert observation.shape == (6, 4)
    np.testing.assert_array_equal(observation.sum(axis=1), 1)
    assert set(np.unique(observation)) == {0, 1}


def test_action_space_with_a_start_is_shifted(stub):
    task = make(stub(spaces.Discrete(2), spaces.Discrete(3, start=-1)), num_envs=1)
    task.reset(seed=0)
    for action in range(3):
        task.step(np.array([action]))
    assert task._envs[0].unwrapped.actions == [-1, 0, 1]


def test_box_is_raveled_in_order(stub):
    low, high = np.zeros((2, 3)), np.arange(1.0, 7.0).reshape(2, 3)
    task = make(stub(spaces.Box(low, high, dtype=np.float64), spaces.Discrete(2)), num_envs=2)
    assert task.observation_dim == 6
    np.testing.assert_array_equal(task.single_observation_space.high, np.arange(1, 7))
    observation, _ = task.reset(seed=0)
    env = task._envs[0]
    first = env.reset(seed=int(task._seeds[0]))[0]
    np.testing.assert_array_equal(observation[0], first.astype(np.float32).ravel())


@pytest.mark.parametrize(
    ("observation", "action", "named"),
    [
        (spaces.Discrete(2), spaces.Box(-1, 1, (1,)), "action space is Box"),
        (spaces.Discrete(2), spaces.MultiDiscrete([2, 2]), "action space is MultiDiscrete"),
        (spaces.Dict({"a": spaces.Text(2)}), spaces.Discrete(2), "observation space is Dict"),
        (spaces.Sequence(spaces.Discrete(2)), spaces.Discrete(2), "observation space is Sequence"),
        (spaces.Text(3), spaces.Discrete(2), "observation space is Text"),
    ],
)
def test_space_that_cannot_be_used_is_named(stub, observation, action, named):
    env_id = stub(observation, action)
    with pytest.raises(UserError, match=f"{env_id}.*{named}"):
        make(env_id)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("CartPole-v9", "CartPole-v1"),
        ("Cartpole-v1", "CartPole-v1"),
        ("CartPole", "CartPole-v1"),
        ("DelayedMatch-v1", "DelayedMatch-v0"),
        ("ContextDecison-v0", "ContextDecision-v0"),
    ],
)
def test_unknown_id_names_the_nearest(wrong, right):
    with pytest.raises(UserError) as caught:
        make(wrong)
    assert wrong in str(caught.value)
    assert right in str(caught.value)


@pytest.mark.parametrize(
    "wrong", ["", ":", "a:b:c", "no_such_module:Env-v0", "gymnasium:Nothing-v0"]
)
def test_malformed_and_missing_modules_are_user_errors(wrong):
    with pytest.raises(UserError):
        make(wrong)


def test_module_id_is_imported():
    task = make("gymnasium.envs:CartPole-v1", num_envs=2)
    assert task.reset(seed=0)[0].shape == (2, 4)


def test_environment_that_cannot_be_made_says_why():
    def broken(**_):
        raise ImportError("needs a package that is not there")

    gymnasium.register("Broken-v0", entry_point=broken)
    try:
        with pytest.raises(UserError, match=r"Broken-v0.*needs a package"):
            make("Broken-v0")
    finally:
        del gymnasium.registry["Broken-v0"]


def test_parameter_that_a_task_has_not():
    with pytest.raises(UserError, match=r"CartPole-v1.*'delay'"):
        make("CartPole-v1", delay=3)
    with pytest.raises(UserError, match=r"DelayedMatch-v0.*'coherence'.*delay"):
        make("DelayedMatch-v0", coherence=3)


def test_time_limit_truncates_and_does_not_terminate():
    task = make("MountainCar-v0", num_envs=2, max_episode_steps=3)
    task.reset(seed=0)
    ends = [task.step(np.zeros(2, dtype=int))[2:4] for _ in range(3)]
    assert [truncated.tolist() for _, truncated in ends] == [[False] * 2, [False] * 2, [True] * 2]
    assert not any(terminated.any() for terminated, _ in ends)


def test_position_cartpole_shows_positions_of_the_same_cartpole():
    part, whole = make("PositionCartPole-v1", num_envs=3), make("CartPole-v1", num_envs=3)
    np.testing.assert_array_equal(part.reset(seed=4)[0], whole.reset(seed=4)[0][:, [0, 2]])
    for action in np.random.default_rng(0).integers(2, size=(8, 3)):
        np.testing.assert_array_equal(part.step(action)[0], whole.step(action)[0][:, [0, 2]])


def test_environment_that_is_not_deterministic_cannot_be_resumed(stub):
    env_id = stub(spaces.Box(0, 1, (3,)), spaces.Discrete(2), deterministic=False)
    task = make(env_id)
    task.reset(seed=0)
    task.step(np.array([0]))
    with pytest.raises(UserError, match="cannot be resumed"):
        make(env_id).set_state(task.get_state())


def test_cartpole_draws_itself_if_asked():
    task = make("CartPole-v1", num_envs=2, render=True)
    task.reset(seed=0)
    images = task.render()
    assert [image.shape for image in images] == [(400, 600, 3)] * 2
    assert images[0].dtype == np.uint8
    assert make("CartPole-v1").render() is None
    task.close()


def test_previous_action_and_reward_are_appended():
    task = make("DelayedMatch-v0", num_envs=2, delay=0, previous_action=True, previous_reward=True)
    assert task.observation_dim == 4 + 2 + 1
    observation, _ = task.reset(seed=0)
    np.testing.assert_array_equal(observation[:, 4:], 0)
    observation, *_ = task.step(np.array([1, 0]))
    np.testing.assert_array_equal(observation[:, 4:], [[0, 1, 0], [1, 0, 0]])
    task.step(np.array([1, 1]))
    observation, reward, *_ = task.step(np.array([0, 1]))
    np.testing.assert_array_equal(observation[:, 4:6], [[1, 0], [0, 1]])
    np.testing.assert_array_equal(observation[:, 6], reward)
    assert set(np.abs(reward)) == {1}
    observation, _ = task.reset(options={"reset_mask": np.array([True, False])})
    np.testing.assert_array_equal(observation[0, 4:], 0)
    np.testing.assert_array_equal(observation[1, 4:], [0, 1, reward[1]])


def test_importing_the_package_imports_no_torch():
    code = "import sys, mpn_rl.tasks; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=240).returncode == 0
