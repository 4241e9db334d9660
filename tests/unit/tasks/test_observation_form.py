"""What a task's observations are: numbers, a picture or symbols; and in which type they come."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.errors import TaskError, UserError
from mpn_rl.observations import ObservationForm, Part, numbers
from mpn_rl.tasks import make
from mpn_rl.tasks.kinds import Seen
from mpn_rl.tasks.observations import lay_out, leaves_of

BYTES = spaces.Box(0, 255, (2, 3, 1), np.uint8)
GRID = np.array([0, 5, 10, 3, 1, 2], np.uint8).reshape(2, 3, 1)


class Shows(gymnasium.Env):
    """Shows what it is given, one after the other in an episode, and the last one for ever."""

    action_space = spaces.Discrete(2)

    def __init__(self, space, shown):
        self.observation_space, self.shown = space, shown

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        return self.shown[0], {}

    def step(self, action):
        self.time = min(self.time + 1, len(self.shown) - 1)
        return self.shown[self.time], 0.0, False, False, {}


@pytest.fixture
def task():
    """Makes a task that shows these observations of a space."""
    made = []

    def shows(space, *shown, **more):
        env_id = f"Shows{len(made)}-v0"
        gymnasium.register(
            env_id, entry_point=lambda **_: Shows(space, shown), max_episode_steps=400
        )
        made.append(env_id)
        return make(env_id, **more)

    yield shows
    for env_id in made:
        del gymnasium.registry[env_id]


def test_bytes_that_use_their_range_are_a_picture(task):
    made = task(BYTES, 20 * GRID)
    assert made.observation_form == ObservationForm((Part((2, 3, 1), "picture", 0, 255),), "uint8")
    observation, _ = made.reset(seed=0)
    np.testing.assert_array_equal(observation, [[0, 100, 200, 60, 20, 40]])
    assert observation.dtype == made.single_observation_space.dtype == np.uint8


def test_a_picture_is_known_by_its_first_bright_value(task):
    assert task(BYTES, GRID, GRID, GRID + 22).observation_form.parts[0].kind == "picture"


@pytest.mark.parametrize(("largest", "count"), [(0, 16), (10, 16), (15, 16), (16, 32), (31, 32)])
def test_bytes_below_the_threshold_are_symbols(task, largest, count):
    part = task(BYTES, np.minimum(GRID, largest), np.full_like(GRID, largest)).observation_form
    assert part.parts == (Part((2, 3, 1), "symbols", count=count),)


def test_symbol_beyond_those_told_apart_is_refused_by_name(task):
    late = [GRID] * 301 + [GRID + 6]
    made = task(BYTES, *late)
    made.reset(seed=0)
    for _ in range(300):
        made.step(np.array([0]))
    with pytest.raises(TaskError, match=r"gave 16 in its observation, entry 2, .*0 to 15.*picture"):
        made.step(np.array([0]))


@pytest.mark.parametrize(
    ("space", "shown", "part", "dtype"),
    [
        (spaces.Box(0, 255, (2,), np.float32), [0.5, 0.25], Part((2,)), "float32"),
        (
            spaces.Box(0, 255, (2,), np.float32),
            [0.5, 200],
            Part((2,), "picture", 0, 255),
            "float32",
        ),
        (spaces.Box(0, 255, (2,), np.int64), [7, 3], Part((2,), "symbols", count=16), "float32"),
        (
            spaces.Box(0, 65535, (2,), np.uint16),
            [9, 900],
            Part((2,), "picture", 0, 65535),
            "uint16",
        ),
        (spaces.Box(16, 235, (2,), np.uint8), [16, 40], Part((2,), "picture", 16, 235), "uint8"),
        (spaces.Box(0, 10, (2,), np.uint8), [0, 10], Part((2,)), "uint8"),
        (spaces.Box(0, 1, (4, 4, 3), np.float32), np.ones((4, 4, 3)), Part((4, 4, 3)), "float32"),
        (spaces.Box(-9, 9, (), np.float64), 3.0, Part((1,)), "float32"),
        (spaces.Box(-9, 9, (2,), np.int8), [-9, 9], Part((2,)), "int8"),
        (spaces.Box(0, 1, (2,), np.bool_), [True, False], Part((2,)), "bool"),
        (spaces.Box(-9, 9, (2,), np.float16), [0.5, 1], Part((2,)), "float16"),
        (spaces.Box(-9, 9, (2,), np.int32), [-9, 9], Part((2,)), "float32"),
        (spaces.MultiBinary((2, 2)), [[0, 1], [1, 1]], Part((2, 2)), "int8"),
        (spaces.Discrete(3), 1, Part((3,)), "float32"),
    ],
)
def test_kind_and_type_of_a_space(task, space, shown, part, dtype):
    values = shown if isinstance(space, spaces.Discrete) else np.array(shown, space.dtype)
    made = task(space, values)
    assert made.observation_form == ObservationForm((part,), dtype)
    observation, _ = made.reset(seed=0)
    assert observation.dtype == np.dtype(dtype)
    assert made.observation_dim == part.size


def test_bytes_that_come_as_floats_are_not_cut_down(task):
    made = task(BYTES, GRID / 10)
    assert made.observation_form == ObservationForm((Part((2, 3, 1)),))
    np.testing.assert_allclose(made.reset(seed=0)[0][0], [0, 0.5, 1, 0.3, 0.1, 0.2])


def test_value_that_the_type_cannot_hold_is_refused(task):
    made = task(spaces.Box(0, 255, (2,), np.uint8), np.array([40, 1]), np.array([300, 1]))
    made.reset(seed=0)
    with pytest.raises(TaskError, match=r"gave 300 in its observation, entry 0, .*uint8"):
        made.step(np.array([0]))


def test_parts_of_a_dict_have_kinds_of_their_own_and_texts_are_left_out(task, caplog):
    space = spaces.Dict(
        direction=spaces.Discrete(4),
        image=BYTES,
        inner=spaces.Tuple((spaces.Box(0, 255, (2,), np.uint8), spaces.Text(5))),
    )
    shown = {"direction": 2, "image": GRID, "inner": (np.array([0, 99], np.uint8), "go")}
    with caplog.at_level("INFO"):
        made = task(space, shown)
        made.close()
    parts = (Part((4,)), Part((2, 3, 1), "symbols", count=16), Part((2,), "picture", 0, 255))
    assert made.observation_form == ObservationForm(parts, "uint8")
    observation, _ = made.reset(seed=0)
    np.testing.assert_array_equal(observation[0], [0, 0, 1, 0, 0, 5, 10, 3, 1, 2, 0, 99])
    assert [r.getMessage() for r in caplog.records if "text" in r.getMessage()] == [
        f"task {made.env_id!r}: the text of 'inner/1' of its observations is left out"
    ]


def test_mixed_types_become_floats(task):
    space = spaces.Tuple((BYTES, spaces.Box(-1, 1, (1,), np.float32)))
    made = task(space, (20 * GRID, np.array([0.5], np.float32)))
    assert [part.kind for part in made.observation_form.parts] == ["picture", "numbers"]
    assert made.observation_form.dtype == "float32"
    np.testing.assert_allclose(made.reset(seed=0)[0][0], [0, 100, 200, 60, 20, 40, 0.5])


@pytest.mark.parametrize(
    ("kind", "space", "shown", "part"),
    [
        ("numbers", BYTES, 20 * GRID, Part((2, 3, 1))),
        ("picture", BYTES, GRID, Part((2, 3, 1), "picture", 0, 255)),
        ("symbols", BYTES, GRID + 40, Part((2, 3, 1), "symbols", count=64)),
        (
            "symbols",
            spaces.Box(0, 10, (2, 3, 1), np.uint8),
            GRID,
            Part((2, 3, 1), "symbols", count=11),
        ),
        ("picture", spaces.Box(-1, 1, (2, 3, 1)), GRID / 10, Part((2, 3, 1), "picture", -1, 1)),
    ],
)
def test_the_user_says_what_observations_are(task, kind, space, shown, part):
    made = task(space, shown.astype(space.dtype), observation_kind=kind)
    assert made.observation_form.parts == (part,)


@pytest.mark.parametrize("kind", ["picture", "symbols"])
def test_a_kind_that_no_part_can_be_is_refused(task, kind):
    with pytest.raises(UserError, match=f"observation_kind: {kind} is impossible for task 'Shows0"):
        task(spaces.Box(-np.inf, np.inf, (2,)), np.zeros(2, np.float32), observation_kind=kind)


def test_plain_numbers_stay_plain_beside_previous_steps(task):
    assert make("CartPole-v1").observation_form == numbers(4)
    made = task(BYTES, 20 * GRID, previous_action=True)
    assert made.observation_form.parts[1] == Part((2,))
    made.reset(seed=0)
    observation = made.step(np.array([1]))[0]
    np.testing.assert_array_equal(observation, [[0, 100, 200, 60, 20, 40, 0, 1]])
    assert observation.dtype == made.observation_form.dtype == "uint8"
    rewarded = task(BYTES, 20 * GRID, previous_reward=True)
    assert rewarded.reset(seed=0)[0].dtype == rewarded.observation_form.dtype == "float32"


def _spaces():
    leaves = st.one_of(
        st.integers(1, 5).map(spaces.Discrete),
        st.lists(st.integers(1, 4), min_size=1, max_size=3).map(spaces.MultiDiscrete),
        st.integers(1, 4).map(spaces.MultiBinary),
        st.sampled_from(["float32", "float64", "int8", "int64"]).map(
            lambda dtype: spaces.Box(-5, 5, (2, 2), np.dtype(dtype).type)
        ),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda some: spaces.Tuple(some)),
            st.dictionaries(st.sampled_from("abc"), inner, min_size=1).map(spaces.Dict),
        ),
        max_leaves=6,
    )


@settings(max_examples=60, deadline=None)
@given(_spaces(), st.integers(0, 2**31 - 1))
def test_flat_as_gymnasium_flattens(space, seed):
    space.seed(seed)
    observation = space.sample()
    laid = lay_out("T", space, lambda *_: [Seen() for _ in leaves_of(space)])
    expected = spaces.flatten(space, observation).astype(np.float32)
    np.testing.assert_array_equal(laid.flatten(observation).astype(np.float32), expected)
    assert laid.box.contains(laid.flatten(observation))
