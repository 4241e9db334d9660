"""Random values of a sweep: drawn once, whatever stands around them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.sweep.config.draws import Range
from mpn_rl.sweep.config.sweep import load_sweep, read_sweep

RATE = {"log_uniform": [0.0005, 0.02]}
FIRST = [(0.005958, 17), (0.001105, 12), (0.001283, 8)]


def runs(**section):
    return list(read_sweep({"sweep": {"random": section}}).runs.values())


def test_every_combination_of_lists_has_the_same_draws():
    found = runs(draws=3, core=["mpn", "gru"], learning_rate=RATE)
    assert [point.core for point in found] == ["mpn"] * 3 + ["gru"] * 3
    rates = [point.learning_rate for point in found]
    assert rates[:3] == rates[3:]
    assert len({*rates}) == 3


def test_values_stay_what_they_once_were():
    """Other values would be other runs: finished sweeps would train anew."""
    found = runs(draws=3, learning_rate=RATE, hidden_dim={"uniform": [8, 64]})
    assert [(p.learning_rate, p.hidden_dim) for p in found] == FIRST


@settings(max_examples=30, deadline=None)
@given(st.permutations(["draws", "core", "learning_rate", "eta", "seed"]))
def test_neither_the_order_nor_what_else_is_varied_changes_a_value(order):
    section = {
        "draws": 4,
        "seed": 7,
        "core": ["mpn"],
        "learning_rate": RATE,
        "eta": {"uniform": [0, 1]},
    }
    rates = [point.learning_rate for point in runs(**{name: section[name] for name in order})]
    assert rates == [p.learning_rate for p in runs(draws=4, seed=7, learning_rate=RATE)]


def test_more_draws_keep_the_earlier_ones_and_another_seed_none():
    few, many = runs(draws=3, learning_rate=RATE), runs(draws=9, learning_rate=RATE)
    assert many[:3] == few
    other = runs(draws=9, seed=1, learning_rate=RATE)
    assert not {p.learning_rate for p in many} & {p.learning_rate for p in other}


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["uniform", "log_uniform"]),
    st.integers(0, 2**40),
    st.floats(1e-6, 1e3),
    st.floats(1.001, 1e4),
)
def test_values_lie_within_their_bounds(kind, seed, low, factor):
    high = low * factor
    values = Range("eta", kind, low, high, whole=False).draw(seed, 50)
    assert all(low <= value <= high for value in values)


def test_a_log_uniform_range_has_as_many_values_in_each_decade():
    values = Range("eta", "log_uniform", 0.001, 1.0, whole=False).draw(0, 3000)
    counts = [sum(math.floor(math.log10(v)) == decade for v in values) for decade in (-3, -2, -1)]
    assert all(abs(count - 1000) < 100 for count in counts)  # four standard deviations


@pytest.mark.parametrize("kind", ["uniform", "log_uniform"])
def test_whole_numbers_come_up_to_both_ends(kind):
    assert {*Range("delay", kind, 1, 4, whole=True).draw(0, 200)} == {1, 2, 3, 4}


def test_draws_that_are_equal_merge_and_this_is_said():
    sweep = read_sweep({"sweep": {"random": {"draws": 9, "hidden_dim": {"uniform": [1, 2]}}}})
    assert sorted(point.hidden_dim for point in sweep.runs.values()) == [1, 2]
    merged = "sweep.random: 7 combinations became identical and were merged"
    assert sweep.messages == (merged,)


def test_a_list_of_sections_beside_a_grid():
    sections = [{"draws": 2, "core": [core], "learning_rate": RATE} for core in ("rnn", "gru")]
    found = read_sweep({"sweep": {"grid": {"core": ["lstm"]}, "random": sections}}).runs
    assert [point.core for point in found.values()] == ["lstm", "rnn", "rnn", "gru", "gru"]


def test_a_later_file_that_draws_replaces_the_grid(tmp_path):
    (tmp_path / "a.yaml").write_text("sweep: {grid: {core: [gru, lstm]}}\n")
    (tmp_path / "b.yaml").write_text("sweep: {random: {draws: 2, eta: {uniform: [0.1, 1]}}}\n")
    sweep = load_sweep(tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert [point.core for point in sweep.runs.values()] == ["mpn", "mpn"]
    assert "says what is varied (sweep.random)" in sweep.notes[0]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({}, "sweep.random: no range to draw from"),
        ({"core": ["gru"]}, "sweep.random: no range to draw from"),
        (3, "sweep.random: 3 is not a mapping"),
        ([], "sweep.random: empty"),
        ({"draws": 0, "eta": {"uniform": [0, 1]}}, "sweep.random.draws: 0 is not a whole number"),
        ({"seed": -1, "eta": {"uniform": [0, 1]}}, "sweep.random.seed: -1 is not a whole number"),
        ({"eta": {"uniform": [1, 0]}}, "sweep.random.eta.uniform: [1, 0] is not two rising"),
        ({"eta": {"uniform": [1]}}, "sweep.random.eta.uniform: [1] is not two rising numbers"),
        ({"eta": {"unifrm": [0, 1]}}, "sweep.random.eta: {'unifrm': [0, 1]} is not one of"),
        ({"etta": {"uniform": [0, 1]}}, "sweep.random.etta: unknown key; did you mean eta?"),
        ({"gamma": {"uniform": [0, 2]}}, "sweep.random.gamma: 2 is not a number in [0, 1]"),
        ({"core": {"uniform": [0, 1]}}, "sweep.random.core: has no range of numbers"),
        ({"delay": {"uniform": [0.5, 3]}}, "sweep.random.delay.uniform: [0.5, 3] is not two"),
        ({"eta": {"log_uniform": [0, 1]}}, "sweep.random.eta.log_uniform: [0, 1] does not begin"),
        ({"draws": 100_001, "eta": {"uniform": [0, 1]}}, "sweep.random: 100001 combinations"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(section, expected):
    with pytest.raises(ConfigError) as error:
        read_sweep({"sweep": {"random": section}})
    assert str(error.value).startswith(expected)
    assert len(str(error.value).splitlines()) == 1
