"""Random configs, sound and broken, drawn from the declarations of the fields themselves."""

from copy import deepcopy
from types import NoneType, UnionType
from typing import get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mpn_rl.config.catalogue import TASKS
from mpn_rl.config.errors import ConfigError
from mpn_rl.config.hyperparameters import FIELDS, SPECS
from mpn_rl.config.points import contradictions, read_point, resolved, run_id
from mpn_rl.config.sweep import read_sweep

MANY = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TASK_NAMES = [*TASKS, "CartPole-v1", "ALE/Pong-v5", "some.module:Thing-v3"]

ENTANGLED = {
    "num_steps", "num_episodes", "lambda_decay", "lambda_max", "learn_lambda", "replay_start",
    "sequence_length", "burn_in_length", "epsilon_schedule", "epsilon_decay",
}  # fmt: skip


def value_of(name):
    """Any allowed value of one hyper-parameter."""
    if name == "task":
        return st.sampled_from(TASK_NAMES)
    kind, spec = FIELDS[name].type, SPECS[name]
    if isinstance(kind, UnionType):
        (kind,) = (member for member in get_args(kind) if member is not NoneType)
        return st.none() | number(kind, spec)
    if kind is bool:
        return st.booleans()
    return st.sampled_from(spec.choices) if spec.choices else number(kind, spec)


def number(kind, spec):
    """Any allowed number, also whole ones for fields that are not whole."""
    if kind is int:
        return st.integers(int(spec.minimum), 10**6)
    limits = {"min_value": spec.minimum, "max_value": spec.maximum}
    limits = {"min_value": -1e30, "max_value": 1e30} | {
        name: bound for name, bound in limits.items() if bound is not None
    }
    floats = st.floats(**limits, exclude_min=spec.above, allow_nan=False, allow_infinity=False)
    lowest = -9 if spec.minimum is None else int(spec.minimum) + spec.above
    return floats | st.integers(lowest, 9 if spec.maximum is None else int(spec.maximum))


@st.composite
def points(draw):
    """Hyper-parameters, some given and the rest at their default, that do not contradict."""
    names = draw(st.lists(st.sampled_from(list(FIELDS)), unique=True, max_size=8))
    point = {name: draw(value_of(name)) for name in names}
    if contradictions(point):
        point = {name: value for name, value in point.items() if name not in ENTANGLED}
    return point


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
    assert read_point(resolved(read)) == read


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_runs_do_not_depend_on_the_order_of_the_grid(data):
    names = data.draw(st.permutations(["core", "eta", "hidden_dim"]))
    axes = {"core": ["mpn", "gru"], "eta": [0.2, 0.3], "hidden_dim": [3, 4]}
    grid = {name: data.draw(st.permutations(axes[name])) for name in names}
    assert set(read_sweep({"sweep": {"grid": grid}}).runs) == set(
        read_sweep({"sweep": {"grid": axes}}).runs
    )


def wrong_value(name):
    """A value that the hyper-parameter does not allow, and that is wrong by itself."""
    spec, kind = SPECS[name], FIELDS[name].type
    wrong = [st.just([1]), st.just({}), st.just(float("nan")), st.text("xyz ", min_size=9)]
    if kind is not bool:
        wrong.append(st.booleans())
    if kind is float:
        wrong.append(st.just(float("inf")))
    if name in ("task", "core") or spec.choices:
        wrong.append(st.integers())
    elif spec.minimum is not None:
        wrong.append(st.integers(-(10**9), int(spec.minimum) - 1))
    if spec.maximum is not None:
        wrong.append(st.floats(spec.maximum, spec.maximum + 9, exclude_min=True))
    return st.one_of(wrong)


@st.composite
def broken_configs(draw):
    """A config with one fault, and the key that the message must name."""
    point = draw(points())
    config = {"sweep": {"base": point}, "seeds": {"count": 4}, "evaluation": {"num_episodes": 3}}
    sweep = config["sweep"]
    name = draw(st.sampled_from(list(FIELDS)))
    match draw(st.integers(0, 9)):
        case 0:
            point[name] = draw(wrong_value(name))
            return config, f"sweep.base.{name}"
        case 1:
            point.pop(name, None)
            sweep["grid"] = {name: [draw(wrong_value(name))]}
            return config, f"sweep.grid.{name}"
        case 2:
            typo = draw(st.sampled_from([name + "x", name[1:], name.upper(), name + " ", "λ"]))
            assume(typo not in FIELDS)
            sweep["points"] = [{typo: 1}]
            return config, f"sweep.points[0].{typo}"
        case 3:
            sweep["grid"] = {name: []}
            return config, f"sweep.grid.{name}"
        case 4:
            value = draw(value_of("hidden_dim"))
            sweep["points"] = [{"hidden_dim": value}, {"hidden_dim": value}]
            return config, "sweep.points[1]"
        case 5:
            config["seeds"]["count"] = draw(st.sampled_from([1, 3, 5, 0, -2, "4", 2.0, None]))
            return config, "seeds.count"
        case 6:
            section = draw(st.sampled_from(["seeds", "evaluation", "render", "analysis"]))
            config[section] = {"nothing_like_it": 1}
            return config, f"{section}.nothing_like_it"
        case 7:
            section = draw(st.sampled_from(["evaluation", "render", "analysis"]))
            config[section] = {"num_episodes": draw(st.sampled_from([0, -1, "5", 1.5, True, None]))}
            return config, f"{section}.num_episodes"
        case 8:
            section = draw(st.sampled_from(["seeds", "evaluation", "render", "analysis", "sweep"]))
            config[section] = draw(st.sampled_from([None, [], "text", 3]))
            return config, section
        case _:
            assume("core" not in point)
            sweep["points"] = [{"core": draw(st.sampled_from(["MPN", "lsmt", "", "none"]))}]
            return config, "sweep.points[0].core"


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
