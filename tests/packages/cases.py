"""Tasks of real packages, a few of each, with what it takes to play them shortly."""

from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass(frozen=True)
class Case:
    """A task, the modules that have to be installed, further hyper-parameters, and whether the
    sweep has it too."""

    task: str
    modules: tuple[str, ...] = ()
    further: dict[str, Any] = field(default_factory=dict)
    swept: bool = False


FORTY = {"max_episode_steps": 40}

CASES = [
    Case("minigrid:MiniGrid-MemoryS7-v0", ("minigrid",), FORTY, swept=True),
    Case("minigrid:MiniGrid-Empty-5x5-v0", ("minigrid",), FORTY),
    Case("LunarLander-v3", ("Box2D",), swept=True),
    Case("popgym-RepeatPreviousEasy-v0", ("popgym",), swept=True),
    Case("neurogym:DelayMatchSample-v0", ("neurogym",), FORTY, swept=True),
    Case("ale_py:ALE/Pong-v5", ("ale_py",), FORTY, swept=True),
    Case("tests.packages.own_tasks:PongRam-v0", ("ale_py",), FORTY),
    Case("Taxi-v4", (), FORTY),
    Case("FrozenLake-v1"),
    Case("Blackjack-v1"),
    Case("CliffWalking-v1", (), FORTY),
    Case("memory_gym:MortarMayhem-Grid-v0", ("memory_gym",), FORTY),
    Case("memory_gym:MysteryPath-Grid-v0", ("memory_gym",), FORTY),
    Case("shimmy:bsuite/catch-v0", ("shimmy", "bsuite")),
    Case("tests.packages.own_tasks:MemoryLen-v0", ("shimmy", "bsuite")),
]
SWEPT = [case for case in CASES if case.swept]
MODULES = sorted({module for case in SWEPT for module in case.modules})
PARAMS = [
    pytest.param(case, marks=pytest.mark.packages(*case.modules), id=case.task) for case in CASES
]
