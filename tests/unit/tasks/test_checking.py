"""What is said of sound tasks before they are trained on, and which are refused."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from mpn_rl.errors import NotFiniteError, TaskError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.tasks.checking import _is_empty, check_task, translated


class Sound(gymnasium.Env):
    """Shows a random number in [0, 1), rewards 1; four steps."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}
    observation_space = spaces.Box(0, 1, (1,), np.float32)
    action_space = spaces.Discrete(2)
    reward, ended, kind = 1.0, True, np.float32

    def observe(self):
        return self.np_random.random(1).astype(self.kind)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.observe(), {}

    def step(self, action):
        self.steps += 1
        ended = type(self.ended)(self.steps == 4)
        return self.observe(), self.reward, ended, False, {}


class Unseeded(Sound):
    """Draws from a generator that no seed reaches."""

    generator = np.random.default_rng(0)

    def observe(self):
        return self.generator.random(1).astype(np.float32)


class Reuses(Sound):
    """Gives one array again and again."""

    seen = np.zeros(1, np.float32)

    def observe(self):
        self.seen[:] = self.np_random.random()
        return self.seen


class Breaks(Sound):
    """Gives nan from a step of each episode on."""

    nan_from = 1

    def observe(self):
        return super().observe() * (np.nan if self.steps >= self.nan_from else 1)


class Fixed(Sound):
    """Shows the time, and has drawn nothing unless a reward does."""

    def observe(self):
        return np.full(1, self.steps / 4, np.float32)


class Hidden(Fixed):
    """One of two actions pays, which only the reward shows."""

    def reset(self, *, seed=None, options=None):
        seen = super().reset(seed=seed)
        self.pays = self.np_random.integers(2)
        return seen

    def step(self, action):
        self.reward = float(action == self.pays)
        return super().step(action)


class Lists(Sound):
    """Its `step` gives a list."""

    def step(self, action):
        return [*super().step(action)]


@pytest.fixture
def advice():
    """What is said of a class with these attributes."""

    def check(cls, **attributes):
        tried = type("Tried", (cls,), attributes)
        gymnasium.register("Tried-v0", entry_point=tried)
        return check_task(Hyperparameters(task="gymnasium:Tried-v0"))

    yield check
    gymnasium.registry.pop("Tried-v0", None)


FLOAT64 = "its observations are of type float64, where its space says float32"
ARRAY = "its reward is of type numpy.ndarray; the one number in it is used"
LIST = "Gymnasium's checker says: Expects step result to be a tuple, actual type: <class 'list'>"
NAMED = "task 'gymnasium:Tried-v0': "


@pytest.mark.parametrize(
    ("cls", "attributes", "said"),
    [
        (Sound, {}, []),
        (Sound, {"metadata": {}}, []),
        (Sound, {"ended": np.bool_(False)}, []),
        (Sound, {"reward": 1}, []),
        (Sound, {"kind": np.float64}, [FLOAT64]),
        (Sound, {"ended": 0}, ["its `terminated` is of type int, not bool"]),
        (Sound, {"reward": np.ones(1)}, [ARRAY]),
        (Lists, {}, [LIST]),
        (Reuses, {}, ["it changes and gives the same array again; each observation is copied"]),
    ],
)
def test_advice_on_sound_tasks(advice, cls, attributes, said):
    assert advice(cls, **attributes) == [NAMED + text for text in said]


def test_bounds_are_advice_with_entry_and_value(advice):
    (said,) = advice(Sound, observation_space=spaces.Box(0, 0.25, (1,), np.float32))
    assert said.startswith(f"{NAMED}entry 0 of its observation was 0.")
    assert said.endswith(", beyond the bounds 0 to 0.25 of its space; it is used unchanged")


def test_task_that_does_not_repeat_itself(advice):
    (said,) = advice(Unseeded)
    assert (
        "with the same seed and the same actions it does not give the same observations again"
        in said
    )


def test_episodes_that_no_seed_changes(advice):
    (said,) = advice(Fixed)
    assert "its episodes are the same whatever their seed: validation and evaluation" in said
    gymnasium.registry.pop("Tried-v0")
    assert advice(Hidden) == []


def test_what_is_not_finite_at_once_is_refused_and_later_is_advice(advice):
    with pytest.raises(NotFiniteError, match="nan in its observation, entry 0, at step 1"):
        advice(Breaks)
    gymnasium.registry.pop("Tried-v0")
    (said,) = advice(Breaks, nan_from=2)
    assert said.endswith("at step 2 of its episode: seeds that meet such a number fail")


def test_what_gymnasium_asserts_is_refused(advice):
    with pytest.raises(TaskError, match=r"Tried-v0' breaks .*: An empty Dict observation space"):
        advice(Sound, observation_space=spaces.Dict({}))


def test_observations_of_nothing_are_refused(advice):
    with pytest.raises(TaskError, match=r"Tried-v0' cannot be used: .* space is empty: Box"):
        advice(Sound, observation_space=spaces.Box(-1, 1, (0,)))


class Mission(spaces.Space):
    """Texts as MiniGrid has them, which Gymnasium does not know."""

    def __init__(self):
        super().__init__(shape=(), dtype=str)

    def sample(self, mask=None, probability=None):
        return "go"

    def contains(self, x):
        return isinstance(x, str)


def test_a_space_that_gymnasium_cannot_lay_flat_is_not_taken_for_empty():
    numbers = spaces.Box(0, 1, (1,))
    assert not _is_empty(spaces.Dict({"mission": Mission(), "numbers": numbers}))
    assert not _is_empty(Mission())
    assert not _is_empty(numbers)
    assert _is_empty(spaces.Dict({"nothing": spaces.Box(0, 1, (0,))}))


def test_unknown_findings_are_said_in_the_checkers_own_words():
    said = translated(["a finding of a later version", "a finding of a later version"])
    assert said == ["Gymnasium's checker says: a finding of a later version"]
