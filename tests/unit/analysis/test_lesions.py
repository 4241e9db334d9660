"""Lesions of an agent of which it is known by hand what is left."""

from typing import Any

import numpy as np
import pytest

from mpn_rl.analysis.lesions import LONGEST, Subject, episodes_of, lesions
from mpn_rl.parameters.fields import Parameters
from mpn_rl.parameters.tasks import DelayParameters
from mpn_rl.playing.rollout import Greedy
from mpn_rl.tasks.cartpole import PositionCartPole
from mpn_rl.tasks.delayed_match import DelayedMatch
from tests.fixtures.remembering import Remembering

EPISODES = 60


def task() -> DelayedMatch:
    return DelayedMatch(EPISODES, DelayParameters(delay=2, observation_noise=0.0))


def agent(writing: bool = True) -> Any:
    return Remembering(EPISODES, writing)


def left(**subject: Any) -> dict[tuple[str, str, float], np.void]:
    rows = lesions(Subject(agent(), **subject), task(), 3, EPISODES)
    found = {(row["intervention"], row["phase"], row["strength"]): row for row in rows}
    assert len(found) == len(rows) or subject
    return found


def test_what_is_left_is_known_by_hand() -> None:
    decays = np.array([0.9, 0.5, 0.4, 0.3])
    found = left(resting=agent(writing=False), decays=decays)
    correct = {key: float(row["correct"]) for key, row in found.items()}
    assert correct["none", "all", 0] == 1.0
    half = pytest.approx(0.5, abs=0.2)
    for phase in ("delay", "test", "decision"):
        assert correct["zeroed", phase, 0] == half
        assert correct["components kept", phase, 1] == 1.0
        assert correct["sample axis removed", phase, 1] == half
        assert ("largest other axis removed", phase, 1) not in correct  # nothing else varies
        # one of four units is a quarter: that of the sample
        assert correct["selective units zeroed", phase, 0.25] == half
        assert found["selective units zeroed", phase, 0.25]["variable"] == "sample"
        assert correct["slowest units zeroed", phase, 0.25] == half
        assert correct["fastest units zeroed", phase, 0.25] == 1.0
    for phase in ("delay", "test"):
        swapped = found["swapped", phase, 0]
        assert swapped["follows_donor"] == 1.0
        assert swapped["correct"] == half
    # a random unit is that of the sample in a quarter of the draws
    random = correct["random units zeroed", "test", 0.25]
    assert random > correct["selective units zeroed", "test", 0.25]
    assert correct["frozen", "sample", 0] == half
    assert correct["frozen", "delay", 0] == correct["frozen", "test", 0] == 1.0
    # the sample is halved in each step of the delay, and is still told from nothing
    assert correct["no writing", "delay", 0] == 1.0
    assert correct["no writing", "all", 0] == half
    assert np.isnan(found["zeroed", "test", 0]["follows_donor"])


def test_every_lesion_with_a_control_has_one_of_its_phase_and_strength() -> None:
    found = left(decays=np.array([0.9, 0.5, 0.4, 0.3]))
    controls = [(row["control"], row["phase"], row["strength"]) for row in found.values()]
    assert {key for key in controls if key[0]} <= {*found}
    assert any(key[0] for key in controls)
    assert not any(row["intervention"] == "no writing" for row in found.values())


def test_variables_that_are_not_yet_shown_have_no_axis() -> None:
    found = left()
    axes = {
        phase for name, phase, _ in found if name in ("test axis removed", "match axis removed")
    }
    assert axes == set()
    assert ("slowest units zeroed", "test", 0.25) not in found


def test_the_same_seed_gives_the_same_rows_and_another_others() -> None:
    one, again, other = (lesions(Subject(agent()), task(), seed, EPISODES) for seed in (3, 3, 4))
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != other.tobytes()


def test_where_environments_are_slow_little_is_done() -> None:
    found = left(limited=True, decays=np.arange(4.0))
    assert {phase for _, phase, _ in found} == {"all", "sample", "delay", "test", "decision"}
    assert {name for name, _, _ in found} == {
        "none",
        "frozen",
        "zeroed",
        "random units zeroed",
        "slowest units zeroed",
        "fastest units zeroed",
    }


class Reacting(Remembering):
    """Holds where the pole leaned, and pushes there."""

    def __call__(self, time: int, observation: np.ndarray) -> np.ndarray:
        self.state = np.zeros_like(self.state)
        self.state[:, :2, 0] = observation
        return (observation[:, 1] > 0).astype(np.int64)


def test_a_task_of_one_phase_is_done_to_before_every_step() -> None:
    cartpole = PositionCartPole(20, Parameters(), max_episode_steps=30)
    subject: Greedy = Reacting(20)  # type: ignore[assignment]
    rows = lesions(Subject(subject), cartpole, 0, 20)
    assert {*rows["phase"]} == {"all"}
    assert np.isnan(rows["correct"]).all()
    # it acts on what it sees, so that nothing that is done to its memory matters
    assert len({*rows["return"]}) == 1
    assert "swapped" not in rows["intervention"]


def test_of_long_episodes_there_are_fewer() -> None:
    class Long:
        longest_episode: int | None = 200

    long: Any = Long()
    assert episodes_of(long, 100) == 50
    assert episodes_of(task(), 100) == 100
    Long.longest_episode = None
    assert episodes_of(long, 100) == max(20, 10_000 // LONGEST)
