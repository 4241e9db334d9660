"""Random configs, sound and broken: ids, runs and messages."""

from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.points import point_of, read_point, resolved, run_id
from mpn_rl.sweep.config.sweep import read_sweep
from tests.fixtures.random_configs import broken_configs, points

MANY = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(points(), st.data())
def test_ids_do_not_depend_on_the_order_or_place_of_what_is_given(point, data):
    expected = run_id(read_point(point))
    keys = data.draw(st.permutations(list(point)))
    cut = data.draw(st.integers(0, len(keys)))
    shuffled = {key: point[key] for key in keys}
    base, rest = dict(list(shuffled.items())[:cut]), dict(list(shuffled.items())[cut:])
    in_points = read_sweep({"sweep": {"base": base, "points": [rest]}})
    assert list(in_points.runs) == [expected]
    if rest:
        grid = {key: [value] for key, value in rest.items()}
        assert list(read_sweep({"sweep": {"base": base, "grid": grid}}).runs) == [expected]
    read = in_points.runs[expected]
    assert point_of(resolved(read)) == read


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_runs_do_not_depend_on_the_order_of_the_grid(data):
    names = data.draw(st.permutations(["core", "eta", "hidden_dim"]))
    axes = {"core": ["mpn", "gru"], "eta": [0.2, 0.3], "hidden_dim": [3, 4]}
    grid = {name: data.draw(st.permutations(axes[name])) for name in names}
    assert set(read_sweep({"sweep": {"grid": grid}}).runs) == set(
        read_sweep({"sweep": {"grid": axes}}).runs
    )


@MANY
@given(broken_configs())
def test_broken_configs_give_one_message_that_names_the_key(broken):
    config, key = broken
    before = deepcopy(config)
    with pytest.raises(ConfigError) as error:
        read_sweep(config)
    text = str(error.value)
    assert len(text.splitlines()) == 1
    assert text.startswith(f"{key}:")
    assert repr(config) == repr(before)
