"""Ids and params stay as they are when parameters are added and defaults change."""

from dataclasses import fields

import pytest

from mpn_rl.config import points
from mpn_rl.config.first_defaults import FIRST_DEFAULTS, LATER
from mpn_rl.config.hyperparameters import DEFAULTS, FIELDS, Hyperparameters
from mpn_rl.config.points import resolved, run_id


def test_every_hyperparameter_of_this_version_stands_in_the_table():
    # A new one is not missing here: it counts as added later. A table that lost one would move ids.
    assert len(FIRST_DEFAULTS) == 62
    assert {*FIRST_DEFAULTS, *LATER} <= {*FIELDS}
    assert not {*FIRST_DEFAULTS} & {*LATER}


def test_a_changed_default_leaves_old_ids_to_old_values(monkeypatch):
    before = run_id(Hyperparameters())
    monkeypatch.setitem(DEFAULTS, "eta", 1.0)
    assert run_id(Hyperparameters(eta=0.1)) == before
    assert run_id(Hyperparameters(eta=1.0)) != before


@pytest.fixture
def added(monkeypatch):
    """A version in which `k` has been added after the first release, with 2 as its default."""
    rest = {name: value for name, value in FIRST_DEFAULTS.items() if name != "k"}
    monkeypatch.setattr(points, "FIRST_DEFAULTS", rest)


@pytest.mark.usefixtures("added")
def test_a_parameter_that_was_added_is_written_only_away_from_its_first_default():
    old = Hyperparameters(task="RepeatPrevious-v0", k=2)
    new = Hyperparameters(task="RepeatPrevious-v0", k=3)
    assert "k" not in resolved(old)
    assert resolved(new)["k"] == 3
    assert list(resolved(new))[-1] == "k"
    assert run_id(old) != run_id(new)


@pytest.mark.usefixtures("added")
def test_its_first_default_is_remembered_when_it_changes(monkeypatch):
    before = run_id(Hyperparameters(task="RepeatPrevious-v0", k=2))
    monkeypatch.setitem(DEFAULTS, "k", 5)
    monkeypatch.setattr(points, "LATER", {"k": 2})
    assert run_id(Hyperparameters(task="RepeatPrevious-v0", k=2)) == before
    assert resolved(Hyperparameters(task="RepeatPrevious-v0", k=5))["k"] == 5
    old = Hyperparameters(task="RepeatPrevious-v0", k=2)
    assert points.point_of(resolved(old)) == old


def test_the_order_of_fields_means_nothing():
    assert [name for name in FIRST_DEFAULTS if name in resolved(Hyperparameters())] == [
        *resolved(Hyperparameters())
    ]
    assert {field.name for field in fields(Hyperparameters)} == {*FIELDS}
