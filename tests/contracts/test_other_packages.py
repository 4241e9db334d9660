"""Tasks of other packages, as far as this can be told without these."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from mpn_rl.errors import UserError
from mpn_rl.parameters.task_ids import known_task, own_name
from mpn_rl.tasks import make


def test_popgym_ids_are_sound_whether_or_not_it_is_installed():
    assert known_task("popgym-RepeatFirstEasy-v0") == "popgym-RepeatFirstEasy-v0"
    assert own_name("popgym:popgym-RepeatFirstEasy-v0") == "popgym-RepeatFirstEasy-v0"
    assert own_name("neurogym:GoNogo-v0") == "neurogym:GoNogo-v0"


@pytest.mark.parametrize(
    ("package", "name"), [("popgym", "popgym-X-v0"), ("neurogym", "neurogym:X-v0")]
)
def test_package_that_is_not_installed(package, name, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(UserError, match=rf"'{package}' cannot be imported.*config/README.md"):
        make(name)


def test_composite_observations_are_flattened_in_order():
    parts = {
        "card": spaces.MultiDiscrete([2, 3]),
        "last": spaces.Tuple([spaces.Discrete(2, start=1), spaces.MultiBinary(2)]),
        "place": spaces.Box(-1.0, 2.0, (1, 2)),
    }
    shown = {
        "card": np.array([1, 0]),
        "last": (2, np.array([1, 0])),
        "place": np.array([[0.5, 1.5]], np.float32),
    }

    class Shows(gymnasium.Env):
        observation_space = spaces.Dict(parts)
        action_space = spaces.Discrete(2)

        def reset(self, **_):
            return shown, {}

    gymnasium.register("Shows-v0", entry_point=lambda **_: Shows())
    try:
        task = make("Shows-v0", num_envs=2)
    finally:
        del gymnasium.registry["Shows-v0"]
    observation, _ = task.reset(seed=0)
    expected = [0, 1, 1, 0, 0, 0, 1, 1, 0, 0.5, 1.5]
    np.testing.assert_array_equal(observation, [expected, expected])
    np.testing.assert_array_equal(task.single_observation_space.high[-2:], 2)
