"""Whether real environments keep to their seeds, which exact resuming relies on."""

import numpy as np
import pytest

from mpn_rl.tasks import make
from tests.packages.cases import CASES
from tests.packages.test_contracts import assert_same, play

# the others are those of test_contracts
PARAMS = [
    pytest.param(case, marks=pytest.mark.packages(*case.modules), id=case.task)
    for case in CASES
    if case.modules not in (("popgym",), ("neurogym",))
]
# there is nothing to draw: an episode's start is the only one
ONE_WORLD = ("minigrid:MiniGrid-Empty-5x5-v0", "CliffWalking-v1")


@pytest.mark.parametrize("case", PARAMS)
def test_same_seed_same_episodes(case):
    """In a new task, in one that was used before, and inside an episode that goes on elsewhere."""
    first, second = (make(case.task, num_envs=2, **case.further) for _ in range(2))
    second.reset(seed=1)
    play(second, 17, seed=9)
    np.testing.assert_array_equal(first.reset(seed=7)[0], second.reset(seed=7)[0])
    episodes = play(first, 50)
    assert_same(episodes, play(second, 50))
    state = first.get_state()
    future = play(first, 20, seed=4)
    second.reset(seed=8)
    other = play(second, 50)
    same = [np.array_equal(a, b) for a, b in zip(episodes, other, strict=False)]
    assert all(same) == (case.task in ONE_WORLD)
    second.set_state(state)
    assert_same(play(second, 20, seed=4), future)
    first.close()
    second.close()
