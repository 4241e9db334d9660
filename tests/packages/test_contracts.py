"""What tasks of POPGym and of NeuroGym bring."""

import numpy as np
import pytest

from mpn_rl.errors import UserError
from mpn_rl.tasks import make

NUM_ENVS = 3
EPISODE = 60

# observation entries, actions
POPGYM = {
    "popgym-RepeatPreviousEasy-v0": (4, 4),
    "popgym-RepeatPreviousHard-v0": (4, 4),
    "popgym-RepeatFirstEasy-v0": (4, 4),
    "popgym-CountRecallEasy-v0": (4, 27),
    "popgym-CountRecallMedium-v0": (8, 27),
    "popgym-AutoencodeEasy-v0": (6, 4),
    "popgym-ConcentrationEasy-v0": (156, 52),
    "popgym-HigherLowerEasy-v0": (13, 2),
    "popgym-MultiarmedBanditEasy-v0": (2, 10),
    "popgym-PositionOnlyCartPoleEasy-v0": (2, 2),
    "popgym-NoisyPositionOnlyCartPoleHard-v0": (2, 2),
    "popgym-VelocityOnlyCartpoleEasy-v0": (2, 2),
}
NEUROGYM = {
    "neurogym:GoNogo-v0": (3, 2),
    "neurogym:DelayMatchSample-v0": (3, 3),
    "neurogym:DelayComparison-v0": (2, 3),
    "neurogym:PerceptualDecisionMaking-v0": (3, 3),
    "neurogym:ContextDecisionMaking-v0": (5, 3),
    "neurogym:DelayPairedAssociation-v0": (5, 2),
    "neurogym:ReadySetGo-v0": (3, 2),
    "neurogym:ProbabilisticReasoning-v0": (41, 3),
    # each of these keeps something from trial to trial, or draws from several generators
    "neurogym:DawTwoStep-v0": (3, 3),
    "neurogym:HierarchicalReasoning-v0": (5, 5),
    "neurogym:Reaching1D-v0": (32, 3),
    "neurogym:yang19.go-v0": (33, 17),
    "neurogym:yang19.dms-v0": (33, 17),
    # has no right answer
    "neurogym:Bandit-v0": (1, 2),
}

needs_popgym = pytest.mark.packages("popgym")
needs_neurogym = pytest.mark.packages("neurogym")
ALL = [pytest.param(name, marks=needs_popgym) for name in POPGYM]
ALL += [pytest.param(name, marks=needs_neurogym) for name in NEUROGYM]


def build(name, num_envs=NUM_ENVS, length=EPISODE, **further):
    limit = {"max_episode_steps": length} if name in NEUROGYM else {}
    return make(name, num_envs=num_envs, **limit, **further)


def play(task, steps, seed=3):
    """Random actions for `steps` steps, with resets; everything seen, as a list of arrays."""
    seen = []
    choose = np.random.default_rng(seed)
    for _ in range(steps):
        *arrays, info = task.step(choose.integers(task.num_actions, size=task.num_envs))
        seen += [*arrays, *(info[name] for name in sorted(info))]
        over = arrays[2] | arrays[3]
        if over.any():
            seen.append(task.reset(options={"reset_mask": over})[0])
    return seen


def assert_same(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", ALL)
def test_spaces_and_steps(name):
    task = build(name)
    assert (task.observation_dim, task.num_actions) == (POPGYM | NEUROGYM)[name]
    observation, info = task.reset(seed=0)
    ended = np.zeros(NUM_ENVS, dtype=int)
    for action in np.random.default_rng(1).integers(task.num_actions, size=(200, NUM_ENVS)):
        assert observation.dtype == np.float32
        assert all(row in task.single_observation_space for row in observation)
        assert set(info) == {"phase"} | ({"correct"} if task.has_answer else set())
        observation, reward, terminated, truncated, info = task.step(action)
        assert (reward.dtype, terminated.dtype, truncated.dtype) == (np.float32, bool, bool)
        over = terminated | truncated
        ended += over
        if over.any():
            observation, info = task.reset(options={"reset_mask": over})
    if name in NEUROGYM:
        assert (ended == 200 // EPISODE).all()
    task.close()


@pytest.mark.parametrize("name", ALL)
def test_same_seed_same_episodes(name):
    """In a new task and in one that was used before; other seeds give others."""
    first, second = build(name), build(name)
    second.reset(seed=1)
    play(second, 2 * EPISODE + 7, seed=9)
    start, again = first.reset(seed=7)[0], second.reset(seed=7)[0]
    np.testing.assert_array_equal(start, again)
    episodes = play(first, 200)
    assert_same(episodes, play(second, 200))
    second.reset(seed=8)
    other = play(second, 200)
    assert not all(np.array_equal(a, b) for a, b in zip(episodes, other, strict=False))


@pytest.mark.parametrize("name", ALL)
def test_state_continues_exactly(name):
    task, other = build(name), build(name)
    task.reset(seed=11)
    play(task, EPISODE + 23)
    state = task.get_state()
    future = play(task, 2 * EPISODE, seed=4)
    other.reset(seed=99)
    play(other, 5)
    other.set_state(state)
    assert_same(play(other, 2 * EPISODE, seed=4), future)


@needs_popgym
def test_parts_of_an_observation_are_one_hot():
    task = make("popgym-CountRecallMedium-v0", num_envs=4)
    observation, _ = task.reset(seed=0)
    np.testing.assert_array_equal(observation.reshape(4, 2, 4).sum(axis=-1), 1)
    assert set(np.unique(observation)) == {0, 1}


@needs_popgym
@pytest.mark.parametrize("name", ["MineSweeperEasy", "BattleshipEasy", "PositionOnlyPendulumEasy"])
def test_actions_that_are_no_choice_among_some_are_named(name):
    with pytest.raises(UserError, match=r"action space is (MultiDiscrete|Box)"):
        make(f"popgym-{name}-v0")


@needs_popgym
def test_popgym_with_and_without_its_module_is_one_task():
    plain, full = (make(f"{module}popgym-RepeatFirstEasy-v0") for module in ("", "popgym:"))
    np.testing.assert_array_equal(plain.reset(seed=1)[0], full.reset(seed=1)[0])


@needs_popgym
def test_unknown_task_of_popgym_names_the_nearest():
    with pytest.raises(UserError, match="popgym-RepeatPreviousEasy-v0"):
        make("popgym-RepeatPreviosEasy-v0")


@needs_popgym
@pytest.mark.parametrize("name", list(POPGYM))
def test_popgym_is_drawn_where_it_can_be(name):
    task = make(name, render=True)
    task.reset(seed=0)
    images = task.render()
    assert images is None or images[0].ndim == 3
    task.close()


@needs_neurogym
def test_neurogym_needs_a_length():
    with pytest.raises(UserError, match="max_episode_steps"):
        make("neurogym:GoNogo-v0")


@needs_neurogym
@pytest.mark.parametrize(
    "name", ["AnnubesEnv", "perceptualdecisionmaking.ibl20", "perceptualdecisionmaking.roitman02"]
)
def test_task_of_neurogym_that_does_not_run_says_so(name):
    with pytest.raises(UserError, match=f"{name}.*(cannot be made|does not run)"):
        make(f"neurogym:{name}-v0", max_episode_steps=10)


@needs_neurogym
def test_correct_is_the_fraction_of_right_trials():
    """Of one who knows the answers all, of one who does nothing none."""
    task = build("neurogym:ContextDecisionMaking-v0", num_envs=4, length=100, render=True)
    assert task.has_answer
    assert task.render() is None
    assert np.isnan(task.reset(seed=0)[1]["correct"]).all()
    total = 0
    for time in range(100):
        answers = np.array([env.unwrapped.gt_now for env in task._envs])
        answers[2:] = 0
        _, reward, terminated, truncated, info = task.step(answers)
        assert not terminated.any()
        assert (truncated == (time == 99)).all()
        assert np.isnan(info["correct"]).all() or time == 99
        total += reward
    np.testing.assert_array_equal(info["correct"], [1, 1, 0, 0])
    assert (total[:2] >= 3).all()


@needs_neurogym
def test_an_episode_in_which_no_trial_ends_is_wrong():
    task = build("neurogym:ContextDecisionMaking-v0", num_envs=2, length=1)
    task.reset(seed=0)
    *_, truncated, info = task.step(np.zeros(2, int))
    assert truncated.all()
    np.testing.assert_array_equal(info["correct"], [0, 0])


@needs_neurogym
@pytest.mark.parametrize(
    ("name", "judged"),
    [("DelayMatchSample", True), ("yang19.dms", True), ("Bandit", False), ("GoNogo", False)],
)
def test_tasks_that_are_judged(name, judged):
    assert build(f"neurogym:{name}-v0").has_answer is judged


@needs_neurogym
def test_schedule_and_tasks_within_get_different_seeds():
    from mpn_rl.tasks.neurogym_task import _seeded_parts

    task = build("neurogym:yang19.dms-v0", num_envs=1)
    task.reset(seed=0)
    parts = list(_seeded_parts(task._envs[0]))
    assert len(parts) == 3
    drawn = {part.rng.randint(2**31 - 1) for part in parts}
    assert len(drawn) == 3
