"""Environments a little off the interface: each is refused in a sentence, sound ones are not."""

# the arguments of reset and step are the interface's
# ruff: noqa: ARG001, ARG005

import re

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mpn_rl.errors import NotFiniteError, TaskError
from mpn_rl.tasks import make
from mpn_rl.tasks.samples import LARGEST, BeyondError, cleaner


class Sound(gymnasium.Env):
    """Shows [0.5, 0.5, 0.5], rewards 1, ends never."""

    observation_space = spaces.Box(0, 1, (3,), np.float32)
    action_space = spaces.Discrete(2)
    seen = np.full(3, 0.5, np.float32)
    reward = 1.0
    flags = (False, False)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.seen, {}

    def step(self, action):
        return self.seen, self.reward, *self.flags, {}


@pytest.fixture
def made():
    """Registers a class and makes the task `Tried-v0` of it."""

    def make_task(cls, num_envs=1, **keywords):
        gymnasium.register("Tried-v0", entry_point=cls, **keywords)
        return make("Tried-v0", num_envs=num_envs)

    yield make_task
    gymnasium.registry.pop("Tried-v0", None)


def variant(**attributes):
    return type("Variant", (Sound,), attributes)


def play(task, steps=3):
    task.reset(seed=0)
    for _ in range(steps):
        result = task.step(np.zeros(task.num_envs, np.int64))
    return result


def bare_reset(self, *, seed=None, options=None):
    return self.seen


def three_values(self, *, seed=None, options=None):
    return self.seen, {}, False


def no_dict(self, *, seed=None, options=None):
    return self.seen, None


def four_values(self, action):
    return self.seen, 1.0, False, {}


def nothing(self, action):
    return None


def info_of_none(self, action):
    return self.seen, 1.0, False, False, None


START, FIRST = "at the start of an episode, instead of", "at step 1 of its episode, instead of"
BOX, SYMBOL = spaces.Box(0, 1, (3,), np.float32), spaces.Discrete(3)
OFF = {
    "bare reset": (
        {"reset": bare_reset},
        f"an array of shape (3,) as the result of `reset` {START} the two values (",
    ),
    "three from reset": ({"reset": three_values}, "a tuple of 3 as the result of `reset`"),
    "reset without info": ({"reset": no_dict}, "None as the second value of `reset`"),
    "four from step": (
        {"step": four_values},
        f"a tuple of 4 as the result of `step` {FIRST} the five values (observation, reward, ",
    ),
    "nothing from step": ({"step": nothing}, "None as the result of `step`"),
    "step without info": ({"step": info_of_none}, "None as the fifth value of `step`"),
    "seedless reset": (
        {"reset": lambda self: (self.seen, {})},
        "a `reset` that takes no `seed`, instead of reset(*, seed=None, ",
    ),
    "reset without options": (
        {"reset": lambda self, seed=None: (self.seen, {})},
        "a `reset` that takes no `options`",
    ),
    "no space": (
        {"observation_space": None},
        "None as its `observation_space`, instead of a space of ",
    ),
    "another's space": ({"action_space": range(2)}, "builtins.range as its `action_space`"),
    "short": (
        {"seen": np.zeros(2)},
        f"an array of shape (2,) as its observation {START} an array of numbers of shape (3,)",
    ),
    "column": ({"seen": np.zeros((3, 1))}, "an array of shape (3, 1) as its observation"),
    "one number": ({"seen": 0.5}, "0.5 as its observation"),
    "ragged": ({"seen": [1, [2, 3]]}, "a list of 2 as its observation"),
    "words": (
        {"seen": np.array(["a", "b", "c"])},
        "an array of <U1 of shape (3,) as its observation",
    ),
    "objects": (
        {"seen": np.array([None, 1, 2])},
        "an array of object of shape (3,) as its observation",
    ),
    "complex": (
        {"seen": np.zeros(3, complex)},
        "an array of complex128 of shape (3,) as its observation",
    ),
    "two rewards": (
        {"reward": np.zeros(2)},
        f"an array of shape (2,) as its reward {FIRST} one number",
    ),
    "list of rewards": ({"reward": [1.0, 2.0]}, "a list of 2 as its reward"),
    "no reward": ({"reward": None}, "None as its reward"),
    "word as reward": ({"reward": "1"}, "'1' as its reward"),
    "dict of rewards": ({"reward": {"a": 1.0}}, "a dict of 'a' as its reward"),
    "none as flag": ({"flags": (None, False)}, f"None as its `terminated` {FIRST} True or False"),
    "two flags": (
        {"flags": (False, np.zeros(2, bool))},
        "an array of shape (2,) as its `truncated`",
    ),
    "word as flag": ({"flags": ("False", False)}, "'False' as its `terminated`"),
    "number as flag": ({"flags": (2, False)}, "2 as its `terminated`"),
    "reward in the flag's place": ({"reward": False, "flags": (1.0, False)}, "1.0 as its `term"),
    "symbol beyond": (
        {"observation_space": spaces.Discrete(3, start=1), "seen": 4},
        f"4 as its observation {START} a whole number from 1 to 3",
    ),
    "negative symbol": ({"observation_space": SYMBOL, "seen": -1}, "-1 as its observation"),
    "half a symbol": ({"observation_space": SYMBOL, "seen": 0.5}, "0.5 as its observation"),
    "symbols beyond": (
        {"observation_space": spaces.MultiDiscrete([3, 2]), "seen": np.array([1, 2])},
        f"2 as its observation {START} a whole number from 0 to 1",
    ),
    "missing key": (
        {"observation_space": spaces.Dict(a=BOX, b=spaces.Discrete(2)), "seen": {"a": Sound.seen}},
        f"a dict of 'a' as its observation {START} a dict of 'a', 'b'",
    ),
    "shape in a dict": (
        {"observation_space": spaces.Dict(a=BOX), "seen": {"a": np.zeros(4)}},
        "an array of shape (4,) as its observation of 'a'",
    ),
    "short tuple": (
        {"observation_space": spaces.Tuple([spaces.Discrete(2)] * 2), "seen": (1,)},
        f"a tuple of 1 as its observation {START} a tuple of 2",
    ),
}


@pytest.mark.parametrize("limit", [None, 100], ids=["bare", "limited"])
@pytest.mark.parametrize(("attributes", "sentence"), OFF.values(), ids=OFF)
def test_what_breaks_the_interface_is_refused_in_one_sentence(made, attributes, sentence, limit):
    with pytest.raises(TaskError) as caught:
        play(made(variant(**attributes), max_episode_steps=limit))
    assert not isinstance(caught.value, NotFiniteError)
    assert str(caught.value).startswith("task 'Tried-v0' ")
    assert "\n" not in str(caught.value)
    # Gymnasium's limit takes what `step` gives apart before it is seen
    assert sentence in str(caught.value) or (limit and "unpack" in str(caught.value))


def in_dict(number):
    return {"a": np.array([[0.0, 0.0], [0.0, number]])}


NOT_FINITE = {
    "nan": ({"seen": np.array([0, np.nan, 0])}, "nan in its observation, entry 1, at the start"),
    "inf": ({"seen": np.array([np.inf, 0, 0], np.float32)}, "inf in its observation, entry 0"),
    "half": ({"seen": np.array([0, 0, -np.inf], np.float16)}, "-inf in its observation, entry 2"),
    "beyond": ({"seen": np.array([0, 1e39, 0])}, "1e+39 in its observation, entry 1"),
    "list": ({"seen": [0.0, 0.0, float("nan")]}, "nan in its observation, entry 2"),
    "dict": (
        {"observation_space": spaces.Dict(a=spaces.Box(-9, 9, (2, 2))), "seen": in_dict(np.nan)},
        "nan in its observation of 'a', entry (1, 1)",
    ),
    "scalar": (
        {"observation_space": spaces.Box(0, 1, ()), "seen": np.float32("nan")},
        "nan in its observation, entry 0",
    ),
    "reward": ({"reward": float("nan")}, "nan as its reward at step 1 of its episode"),
    "one-element": ({"reward": np.array([np.inf])}, "inf as its reward at step 1 of its episode"),
    "reward beyond": ({"reward": -1e300}, "-1e+300 as its reward"),
}


@pytest.mark.parametrize(("attributes", "sentence"), NOT_FINITE.values(), ids=NOT_FINITE)
def test_what_is_not_finite_is_named_by_entry_and_step(made, attributes, sentence):
    with pytest.raises(NotFiniteError, match=re.escape(f"task 'Tried-v0' gave {sentence}")):
        play(made(variant(**attributes)))


def test_the_step_is_counted_from_the_start_of_the_episode(made):
    class Late(Sound):
        def step(self, action):
            self.count = getattr(self, "count", 0) + 1
            seen = self.seen * (np.nan if self.count == 7 else 1)
            return seen, 1.0, self.count % 5 == 0, False, {}

    task = made(Late)
    play(task, 5)
    task.reset(options={"reset_mask": np.array([True])})
    task.step(np.array([0]))
    with pytest.raises(NotFiniteError, match="entry 0, at step 2 of its episode"):
        task.step(np.array([0]))


def test_observation_that_grows_is_refused_when_it_does(made):
    class Grows(Sound):
        def step(self, action):
            self.seen = np.append(self.seen, np.float32(0))
            return self.seen, 1.0, False, False, {}

    task = made(Grows)
    task.reset(seed=0)
    with pytest.raises(TaskError, match=r"an array of shape \(4,\) .* at step 1 of its episode"):
        task.step(np.array([0]))


SOUND = {
    "beyond its bounds": {"seen": np.array([1.2, -0.1, 0.5], np.float32)},
    "of doubles": {"seen": np.array([0.5, 0.25, 0.125])},
    "of whole numbers": {"seen": np.array([0, 1, 1])},
    "of bools": {"seen": np.array([True, False, True])},
    "as a list": {"seen": [0.5, 0.25, 0.125]},
    "as a tuple": {"seen": (0.5, 0.25, 0.125)},
    "numpy's flags": {"flags": (np.bool_(False), np.bool_(False))},
    "flags 0 and 1": {"flags": (0, np.int64(0))},
    "one-element flags": {"flags": (np.array([False]), np.array(False))},
    "whole reward": {"reward": 1},
    "numpy's reward": {"reward": np.float64(1)},
    "one-element reward": {"reward": np.array([1.0], np.float32)},
    "reward without axes": {"reward": np.array(1.0)},
    "list of one reward": {"reward": [1.0]},
    "bool as reward": {"reward": True},
    "no metadata": {"metadata": {}},
    "a scalar box": {"observation_space": spaces.Box(0, 1, ()), "seen": 0.5},
    "numpy's symbol": {"observation_space": spaces.Discrete(3), "seen": np.int32(2)},
    "symbol with axes": {"observation_space": spaces.Discrete(3), "seen": np.array([2])},
    "symbols as a list": {"observation_space": spaces.MultiDiscrete([3, 2]), "seen": [2, 1]},
    "a list as tuple": {
        "observation_space": spaces.Tuple([spaces.Discrete(2), Sound.observation_space]),
        "seen": [1, Sound.seen],
    },
    "another order of keys": {
        "observation_space": spaces.Dict(a=spaces.Discrete(2), b=spaces.Discrete(3)),
        "seen": {"b": 2, "a": 1},
    },
    "any keywords": {"reset": lambda self, **keywords: (self.seen, {})},
}


@pytest.mark.parametrize("attributes", SOUND.values(), ids=SOUND)
def test_what_gymnasium_only_warns_about_is_sound(made, attributes):
    observation, reward, terminated, truncated, _ = play(made(variant(**attributes), 2))
    np.testing.assert_array_equal(reward, [1, 1])
    assert not (terminated | truncated).any()
    assert np.isfinite(observation).all()


def test_values_are_those_that_were_given(made):
    observation = play(made(variant(seen=[0.5, 0.25, 1.125])))[0]
    np.testing.assert_array_equal(observation, [[0.5, 0.25, 1.125]])
    space = spaces.Dict(b=spaces.Discrete(3, start=2), a=spaces.MultiDiscrete([2, 2]))
    gymnasium.registry.pop("Tried-v0")
    seen = play(made(variant(observation_space=space, seen={"b": [3], "a": [1.0, 0]})))[0]
    np.testing.assert_array_equal(seen, [[0, 1, 0, 0, 1, 1, 0]])


def test_buffer_that_an_environment_uses_again_is_copied(made):
    class Reuses(Sound):
        def step(self, action):
            self.seen += 1
            return self.seen, 1.0, False, False, {}

        def reset(self, *, seed=None, options=None):
            self.seen = np.zeros(3, np.float32)
            return self.seen, {}

    task = made(Reuses)
    first, _ = task.reset(seed=0)
    second = task.step(np.array([0]))[0]
    third = task.step(np.array([0]))[0]
    for n, observation in enumerate((first, second, third)):
        np.testing.assert_array_equal(observation, np.full((1, 3), n))


@pytest.mark.parametrize("start", [0, -1, 5])
def test_actions_are_as_the_samples_of_their_space(made, start):
    class Hears(Sound):
        action_space = spaces.Discrete(3, start=start)
        heard = []

        def step(self, action):
            self.heard.append(action)
            return super().step(action)

    task = made(Hears)
    task.reset(seed=0)
    for action in range(3):
        task.step(np.array([action]))
    assert Hears.heard == [start, start + 1, start + 2]
    assert {type(action) for action in Hears.heard} == {type(Hears.action_space.sample())}


def raises(self, *_, **__):
    return {}["no such key"]


@pytest.mark.parametrize("method", ["__init__", "reset", "step"])
def test_exception_inside_is_told_by_its_line(made, method):
    def failing(self, *_, **__):
        return raises(self)

    line = raises.__code__.co_firstlineno + 1
    with pytest.raises(TaskError) as caught:
        play(made(variant(**{method: failing})))
    assert f"KeyError: 'no such key', in {__file__}, line {line}" in str(caught.value)
    assert isinstance(caught.value.__cause__, KeyError)


def test_exit_inside_an_environment_does_not_pass_for_success(made):
    def leaves(self, action):
        raise SystemExit(0)

    with pytest.raises(TaskError, match=r"failed in its step: SystemExit: 0, in .*, line \d+"):
        play(made(variant(step=leaves)))


def test_what_fails_in_closing_is_a_warning(made, caplog):
    def fails(self):
        raise OSError("gone")

    made(variant(close=fails)).close()
    assert f"closing it failed: OSError: gone, in {__file__}" in caplog.text


def test_request_to_stop_passes_through(made):
    def stops(self, action):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play(made(variant(step=stops)))


@given(
    numbers=arrays(
        st.sampled_from([np.float16, np.float32, np.float64]),
        st.sampled_from([(3,), (2, 2), (33,), ()]),
        elements={"allow_nan": True, "allow_infinity": True},
        fill=st.just(0.0),
    )
)
def test_few_numbers_are_looked_at_as_many_are(numbers):
    clean = cleaner(spaces.Box(-np.inf, np.inf, numbers.shape, numbers.dtype))
    if np.all(np.abs(numbers.astype(np.float64)) <= LARGEST):
        assert clean(numbers) is numbers
    else:
        with pytest.raises(BeyondError):
            clean(numbers)
