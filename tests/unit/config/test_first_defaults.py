"""Ids and params stay as they are when parameters are added and defaults change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl.parameters import points
from mpn_rl.parameters.first_defaults import FIRST_DEFAULTS, LATER
from mpn_rl.parameters.hyperparameters import DEFAULTS, FIELDS, Hyperparameters
from mpn_rl.parameters.points import canonical, read_point, resolved, run_id
from mpn_rl.sweep.config.sweep import sweep_axes


def test_every_hyperparameter_of_this_version_stands_in_the_table():
    # A table that lost one would move ids.
    assert len(FIRST_DEFAULTS) == 62
    assert not {*FIRST_DEFAULTS} & {*LATER}
    assert {*FIRST_DEFAULTS, *LATER} == {*FIELDS}, (
        "enter the default of a new hyper-parameter in LATER of parameters/first_defaults.py; "
        "were it to change one day, runs at the new one would else take the ids of old runs"
    )


def test_a_changed_default_leaves_old_ids_to_old_values(monkeypatch):
    before = run_id(Hyperparameters(eta=0.1))
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
    assert list(resolved(new)).index("k") > list(resolved(new)).index("validation_episodes")
    assert run_id(old) != run_id(new)


@pytest.mark.usefixtures("added")
def test_its_first_default_is_remembered_when_it_changes(monkeypatch):
    before = run_id(Hyperparameters(task="RepeatPrevious-v0", k=2))
    monkeypatch.setitem(DEFAULTS, "k", 5)
    monkeypatch.setattr(points, "LATER", {**LATER, "k": 2})
    assert run_id(Hyperparameters(task="RepeatPrevious-v0", k=2)) == before
    assert resolved(Hyperparameters(task="RepeatPrevious-v0", k=5))["k"] == 5
    old = Hyperparameters(task="RepeatPrevious-v0", k=2)
    assert points.point_of(resolved(old)) == old


@pytest.mark.usefixtures("added")
def test_runs_are_compared_in_what_one_of_them_leaves_out():
    runs = {str(k): Hyperparameters(task="RepeatPrevious-v0", k=k) for k in (2, 3)}
    assert sweep_axes(runs) == {"k": [2, 3]}
    old, new = (resolved(point) for point in runs.values())
    assert points.with_later(old, new) == {**old, "k": 2}
    assert points.with_later(new, new) == new
    without = resolved(Hyperparameters(task="TMaze-v0"))
    assert points.with_later(without, new) == without


@given(st.permutations([*FIELDS]))
def test_the_order_of_fields_leaves_ids_and_params_alone(names):
    point = Hyperparameters(core="gru", eta=0.3, hidden_dim=8, learner="pqn")
    before = canonical(point), [*resolved(point).items()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "FIELDS", {name: FIELDS[name] for name in names})
        points._fields_of.cache_clear()
        after = canonical(point), [*resolved(point).items()]
    points._fields_of.cache_clear()
    assert after == before


def test_the_order_of_fields_means_nothing():
    first = read_point({**FIRST_DEFAULTS, **LATER})
    assert [name for name in FIRST_DEFAULTS if name in resolved(first)] == [*resolved(first)]
    assert {*Hyperparameters.model_fields} == {*FIELDS}
