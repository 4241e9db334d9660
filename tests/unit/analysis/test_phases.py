import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl.analysis.phases import decoded_times, typical_phases


def test_short_recordings_are_decoded_at_every_step() -> None:
    phases = np.array([[0, 1, 1, 2, -1], [0, 1, 1, 2, -1], [0, 1, 1, 1, 2]])
    assert decoded_times(phases, 24).tolist() == [0, 1, 2, 3]  # one of three is longer


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(8, 30))
def test_long_ones_around_changes_of_phase_and_evenly(lengths: list[int], most: int) -> None:
    phases = np.repeat(np.arange(len(lengths)), lengths)[None]
    times = decoded_times(phases, most)
    assert len(times) == min(most, phases.shape[1])
    assert (np.diff(times) > 0).all()
    ends = np.cumsum(lengths)
    assert {*(ends - 1).tolist(), *(ends - lengths).tolist()} <= {*times.tolist()}


def test_of_more_changes_than_times_some_are_decoded() -> None:
    assert decoded_times(np.arange(9)[None], 3).tolist() == [0, 4, 8]


def test_without_episodes_there_are_no_times() -> None:
    assert decoded_times(np.zeros((0, 0, 5), np.int64), 24).tolist() == []


def test_the_typical_phase_is_that_of_most_episodes() -> None:
    phases = np.array([[[0, 1, 1, -1], [0, 0, 1, -1], [0, 1, 2, -1]]])
    assert typical_phases(phases).tolist() == [0, 1, 1, -1]
