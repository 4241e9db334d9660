"""What holds for every task: the project's own, and Gymnasium's behind the same interface."""

from inspect import signature

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.hyperparameters import DEFAULTS
from mpn_rl.tasks import make

NUM_ENVS = 5
OWN = sorted(TASKS)
ALL = [*OWN, "CartPole-v1", "CliffWalking-v1"]
STEPS = 50


def actions_of(task, steps=STEPS, seed=3):
    return np.random.default_rng(seed).integers(task.num_actions, size=(steps, task.num_envs))


def play(task, actions):
    """Step through `actions` (T, N), renewing the episodes that end; all that is returned."""
    seen = []
    for action in actions:
        result = task.step(action)
        seen.append(result)
        over = result[2] | result[3]
        if over.any():
            seen.append(task.reset(options={"reset_mask": over}))
    return seen


def assert_same(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        for a, b in zip(one[:-1], other[:-1], strict=True):
            np.testing.assert_array_equal(a, b)
        assert one[-1].keys() == other[-1].keys()
        for key in one[-1]:
            np.testing.assert_array_equal(one[-1][key], other[-1][key])


@pytest.fixture(params=ALL)
def task(request):
    task = make(request.param, num_envs=NUM_ENVS)
    yield task
    task.close()


@pytest.fixture(params=["plain", "previous step"])
def pair(request, task):
    """Two equal tasks, also with the wrapper around them."""
    extra = {} if request.param == "plain" else {"previous_action": True, "previous_reward": True}
    tasks = [make(task_name(task), num_envs=NUM_ENVS, **extra) for _ in range(2)]
    yield tasks
    for one in tasks:
        one.close()


def task_name(task):
    for name, entry in TASKS.items():
        if entry.target.endswith(f":{type(task).__name__}"):
            return name
    return task.env_id


def test_spaces_shapes_and_types(task):
    D, A = task.observation_dim, task.num_actions
    assert task.single_observation_space.shape == (D,)
    assert task.observation_space.shape == (NUM_ENVS, D)
    assert task.single_action_space.n == A
    assert task.metadata["autoreset_mode"] is gymnasium.vector.AutoresetMode.DISABLED
    observation, info = task.reset(seed=0)
    seen = [(observation, info)] + [(r[0], r[-1]) for r in play(task, actions_of(task))]
    for observation, info in seen:
        assert observation.shape == (NUM_ENVS, D)
        assert observation.dtype == np.float32
        assert all(row in task.single_observation_space for row in observation)
        expected = {"phase", *task.variable_names} | ({"correct"} if task.has_answer else set())
        assert set(info) == expected
        assert all(values.shape == (NUM_ENVS,) for values in info.values())
        assert info["phase"].min() >= 0
        assert info["phase"].max() < len(task.phase_names)


def test_rewards_and_ends(task):
    task.reset(seed=0)
    ended = np.zeros(NUM_ENVS, dtype=int)
    for action in actions_of(task, steps=200):
        _, reward, terminated, truncated, info = task.step(action)
        assert reward.shape == terminated.shape == truncated.shape == (NUM_ENVS,)
        assert (reward.dtype, terminated.dtype, truncated.dtype) == (np.float32, bool, bool)
        assert not (terminated & truncated).any()
        over = terminated | truncated
        if task.has_answer:
            np.testing.assert_array_equal(np.isfinite(info["correct"]), over)
            correct = info["correct"][over]
            assert ((correct >= 0) & (correct <= 1)).all()
        ended += over
        if over.any():
            task.reset(options={"reset_mask": over})
    if task.has_answer:
        assert (ended >= 2).all()


def test_same_seed_same_episodes(pair):
    first, second = pair
    assert_same([first.reset(seed=7)], [second.reset(seed=7)])
    assert_same(play(first, actions_of(first)), play(second, actions_of(second)))


def test_seed_renews_a_used_task(pair):
    first, second = pair
    first.reset(seed=1)
    play(first, actions_of(first, steps=13))
    assert_same([first.reset(seed=7)], [second.reset(seed=7)])
    assert_same(play(first, actions_of(first)), play(second, actions_of(second)))


def test_episodes_differ_between_seeds_environments_and_in_time(task):
    if task_name(task) == "CliffWalking-v1":
        pytest.skip("every episode starts at the same place and moves without chance")

    def episodes(seed):
        task.reset(seed=seed)
        return np.stack([r[0] for r in play(task, actions_of(task, steps=400))[:400]])

    first, second = episodes(0), episodes(1)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[:, 0], first[:, 1])


def test_reset_mask_renews_only_the_masked(pair):
    task, untouched = pair
    for one in pair:
        one.reset(seed=5)
        one.step(actions_of(one)[0])
    observation, _ = task.reset(options={"reset_mask": np.zeros(NUM_ENVS, dtype=bool)})
    after, _ = task.reset(options={"reset_mask": np.arange(NUM_ENVS) == 2})
    kept = np.arange(NUM_ENVS) != 2
    np.testing.assert_array_equal(after[kept], observation[kept])
    action = actions_of(task)[1]
    one, other = task.step(action), untouched.step(action)
    for a, b in zip(one[:4], other[:4], strict=True):
        np.testing.assert_array_equal(a[kept], b[kept])


def test_wrong_mask_is_refused(task):
    with pytest.raises(ValueError, match="reset_mask"):
        task.reset(seed=0, options={"reset_mask": np.ones(NUM_ENVS + 1, dtype=bool)})


def test_state_continues_exactly(pair):
    task, other = pair
    task.reset(seed=11)
    play(task, actions_of(task, steps=7))
    state = task.get_state()
    assert_plain(state)
    future = play(task, actions_of(task, seed=4))
    other.reset(seed=99)
    other.set_state(state)
    assert_same(play(other, actions_of(other, seed=4)), future)
    # what was handed out is a copy: it still leads to the same future
    other.set_state(state)
    assert_same(play(other, actions_of(other, seed=4)), future)


def assert_plain(state):
    if isinstance(state, dict):
        assert all(isinstance(key, str) for key in state)
        for value in state.values():
            assert_plain(value)
    elif isinstance(state, list):
        for value in state:
            assert_plain(value)
    elif isinstance(state, np.ndarray):
        assert state.dtype != object
    else:
        assert isinstance(state, int | float | str | bool)


def test_returned_arrays_are_the_callers(pair):
    """Writing into what was returned does not change what comes next."""
    first, second = pair
    observation, info = first.reset(seed=2)
    second.reset(seed=2)
    for action in actions_of(first, steps=3):
        for array in (observation, *info.values()):
            array[...] = 1
        observation, *_, info = first.step(action)
        other, *_, other_info = second.step(action)
        np.testing.assert_array_equal(observation, other)
        for key in info:
            np.testing.assert_array_equal(info[key], other_info[key])


def test_max_episode_steps_truncates(task):
    short = make(task_name(task), num_envs=NUM_ENVS, max_episode_steps=2)
    short.reset(seed=0)
    action = np.zeros(NUM_ENVS, dtype=int)
    *_, truncated, _ = short.step(action)
    assert not truncated.any()
    _, _, terminated, truncated, info = short.step(action)
    assert truncated.all()
    assert not terminated.any()
    if short.has_answer and getattr(short, "num_judged", 1) == 1:
        assert (info["correct"] == 0).all()
    short.close()


@pytest.mark.parametrize("name", OWN)
@pytest.mark.filterwarnings("ignore:.*A Box observation space m..imum value is -?infinity")
def test_gymnasium_checks_one_environment(name):
    """The space without bounds is CartPole's own, for velocities."""
    env = gymnasium.make(f"mpn_rl.tasks:mpn_rl/{name}", render_mode="rgb_array")
    check_env(env.unwrapped)
    env.reset(seed=0)
    assert env.render().std() > 0
    env.close()


@pytest.mark.parametrize("name", OWN)
def test_gymnasium_makes_a_vector(name):
    env = gymnasium.make_vec(f"mpn_rl.tasks:mpn_rl/{name}", num_envs=3)
    observation, _ = env.reset(seed=0)
    np.testing.assert_array_equal(observation, make(name, num_envs=3).reset(seed=0)[0])
    env.close()


@pytest.mark.parametrize("name", OWN)
def test_catalogue_lists_the_parameters_of_the_task(name):
    """The constructor takes the model of the catalogue, whose defaults are the config's."""
    task = make(name)
    taken = signature(type(task)).parameters
    assert set(taken) - {"render"} == {"num_envs", "parameters", "max_episode_steps"}
    assert taken["parameters"].annotation is TASKS[name].model
    own = TASKS[name].model()
    assert vars(own) == {key: DEFAULTS[key] for key in vars(own)}
    task.close()


@pytest.mark.parametrize("name", OWN)
def test_name_with_namespace_is_the_same_task(name):
    for spelling in (f"mpn_rl/{name}", f"mpn_rl.tasks:mpn_rl/{name}"):
        task = make(spelling)
        assert type(task) is type(make(name))
        task.close()
