"""Environments as others write them, which nothing compiles: `benchmarks.twin:TwinCartPole-v1` …

TwinCartPole-v1 is CartPole-v1 of Gymnasium, SlowCartPole-v1 the same with a step of 150 µs or more.
"""

import math
from typing import Any

import gymnasium
from gymnasium.envs.classic_control.cartpole import CartPoleEnv

SINES = 4000


class SlowCartPole(CartPoleEnv):
    """CartPole whose step computes some thousand sines first, in plain Python."""

    def step(self, action: Any) -> Any:
        """One step."""
        for n in range(SINES):
            math.sin(n)
        return super().step(action)


for _name, _kind in (("Twin", "CartPoleEnv"), ("Slow", "SlowCartPole")):
    _entry = f"{__name__}:{_kind}"
    gymnasium.register(f"{_name}CartPole-v1", entry_point=_entry, max_episode_steps=500)
