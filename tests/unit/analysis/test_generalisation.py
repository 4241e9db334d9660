"""Longer and shorter delays than in training, by an agent made by hand."""

from typing import Any

import pytest

from mpn_rl.analysis.generalisation import answers, horizon, values_of
from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.tasks import DelayParameters
from mpn_rl.tasks.delayed_match import DelayedMatch
from tests.fixtures.remembering import Remembering

EPISODES = 40


def test_what_says_how_long_a_task_makes_remember() -> None:
    found = {task: horizon(entry.parameters) for task, entry in TASKS.items()}
    names = {task: None if own is None else own.parameter for task, own in found.items()}
    assert names["DelayedMatch-v0"] == names["GoNogo-v0"] == "delay"
    assert names["MemoryLength-v0"] == names["RepeatFirst-v0"] == "memory_length"
    assert names["TMaze-v0"] == "corridor_length"
    assert names["RepeatPrevious-v0"] is names["PositionCartPole-v1"] is None
    delay, length = found["DelayedMatch-v0"], found["TMaze-v0"]
    assert delay is not None
    assert length is not None
    assert values_of(delay, (0, 30, 3), 6) == [0, 3, 6, 30]
    assert values_of(length, (0, 30, 3), 3) == [3, 30]


@pytest.mark.parametrize(("delay", "expected"), [(0, 1.0), (2, 1.0), (3, 1.0), (5, 0.5)])
def test_without_writing_it_forgets_after_some_steps(delay: int, expected: float) -> None:
    """What is halved four times is less than the tenth that it answers by."""
    task = DelayedMatch(EPISODES, DelayParameters(delay=delay, observation_noise=0.0))
    agents: Any = Remembering(EPISODES), Remembering(EPISODES, writing=False)
    rows = answers(*agents, task, 1, "delay", delay)
    assert rows["condition"].tolist() == ["intact", "no writing"]
    assert rows["correct"][0] == 1.0
    assert rows["correct"][1] == pytest.approx(expected, abs=0.2 * (expected < 1))
    assert {*rows["n"]} == {EPISODES}
    (alone,) = answers(agents[0], None, task, 1, "delay", delay)
    assert alone["condition"] == "intact"
