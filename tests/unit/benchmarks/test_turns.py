"""Measuring in turns: what comes of the numbers, and of a candidate that fails."""

import pytest

from benchmarks.marks import Mark, Missing
from benchmarks.turns import Measured, Worker, in_turns, number

PAIR = (("ours", "rate"), ("peer", "rate"))


def rates(*values):
    return [{"rate": value} for value in values]


def test_medians_are_compared_and_every_figure_shows_its_range():
    measured = Measured({"ours": rates(3, 9, 4), "peer": rates(2, 1, 8)}, {}, {})
    mark = measured.mark("steps", PAIR, 2.5)
    assert isinstance(mark, Mark)
    assert (mark.ours, mark.theirs, mark.ratio) == ("4 [3–9]", "2 [1–8]", 2.0)
    assert not mark.reached


def test_what_failed_is_told_instead_of_a_figure():
    measured = Measured({"ours": rates(3)}, {}, {"peer": "not installed"})
    assert measured.mark("steps", PAIR, 2.5) == Missing("steps", "not installed")
    assert measured.text("peer", "rate") == "not measured"
    assert measured.ratio("ours", "rate", "peer") is None


@pytest.mark.parametrize(
    ("value", "text"), [(123456.7, "123,457"), (99.96, "100"), (0.1234, "0.123")]
)
def test_numbers_have_as_many_places_as_are_worth_reading(value, text):
    assert number(value) == text


def three():
    return lambda: {"rate": 3}


def test_each_candidate_is_a_process_and_one_that_fails_leaves_the_others():
    here = "tests.unit.benchmarks.test_turns"
    workers = {"ours": Worker(f"{here}:three"), "peer": Worker(f"{here}:no_such_thing")}
    measured = in_turns(workers, 2)
    assert measured.found == {"ours": rates(3, 3)}
    assert "no_such_thing" in measured.failed["peer"]
