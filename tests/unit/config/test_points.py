"""Single values and single points of a config."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl.parameters.catalogue import LEARNERS
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.first_defaults import FIRST_DEFAULTS, LATER
from mpn_rl.parameters.hyperparameters import DEFAULTS, FIELDS, Hyperparameters
from mpn_rl.parameters.points import (
    canonical,
    point_of,
    read_point,
    resolved,
    rewritten,
    run_id,
)
from tests.fixtures.config_files import outcome

FIRST = {**FIRST_DEFAULTS, **LATER}
NAMED = ({"encoder": "dense"}, {"encoder": "conv"})
# the rates that were the defaults of the first version


def message(values):
    with pytest.raises(ConfigError) as error:
        read_point(values)
    return str(error.value)


def test_every_default_is_allowed_and_explained():
    for learner in LEARNERS:
        point = read_point({**DEFAULTS, "learner": learner})
        assert point == Hyperparameters(learner=learner)
    assert read_point({}) == Hyperparameters()
    for declared in FIELDS.values():
        assert declared.meaning[0]


def test_ids_are_stable():
    """Ids name results on disk: these may change only with a reason."""
    assert run_id(read_point(FIRST)) == "DelayedMatch-v0_mpn_c39576bf"
    assert run_id(read_point({**FIRST, "core": "gru"})) == "DelayedMatch-v0_gru_834bae01"
    pong = {**FIRST, "task": "ALE/Pong-v5", "encoder": None}
    assert run_id(read_point(pong)) == "ALE-Pong-v5_mpn_48721566"


def test_an_encoder_that_is_named_is_another_run_only_where_it_can_be_another_network():
    """Own tasks show no images: unset and dense are one there, in ids and in what is written."""
    own, dense = read_point({}), read_point({"encoder": "dense"})
    assert own == dense
    assert resolved(own)["encoder"] == "dense"
    pong = {**FIRST, "task": "ALE/Pong-v5", "encoder": None}
    unset, named, conv = (read_point({**pong, **e}) for e in ({}, *NAMED))
    assert run_id(unset) == "ALE-Pong-v5_mpn_48721566"
    assert len({run_id(point) for point in (unset, named, conv)}) == 3
    for point in (own, unset, named, conv):
        assert point_of(resolved(point)) == point


def test_what_earlier_versions_wrote_where_no_encoder_was_named_stays_that_run():
    point = read_point({"task": "ALE/Pong-v5"})
    old = {**resolved(point), "encoder": "dense"}
    assert point_of(old) == point
    assert rewritten(old) == resolved(point)
    own = resolved(Hyperparameters())
    assert rewritten(own) == own


def test_convolutions_need_a_task_that_can_show_images():
    told = message({"encoder": "conv"})
    assert told.startswith("encoder: conv with task DelayedMatch-v0, which shows no images")


def test_ids_leave_out_defaults_and_what_the_core_has_not():
    own = {"core": "gru", "eta": 0.3, "gamma": 0.99, "hidden_dim": 8}
    point = read_point({**FIRST, **own})
    assert canonical(point) == '{"core":"gru","hidden_dim":8,"task":"DelayedMatch-v0"}'
    assert "eta" not in resolved(point)
    assert resolved(point)["gamma"] == 0.99


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"eta": 1}, {"eta": 1.0}),
        ({"eta": "2e-3"}, {"eta": 0.002}),
        ({"eta": -0.0}, {"eta": 0.0}),
        ({"encoder": "none", "encoder_dim": 5}, {"encoder": "none"}),
        ({"learn_lambda": False, "lambda_max": 0.5}, {"learn_lambda": False}),
        ({"eta": 0.2, "gamma": 0.5}, {"gamma": 0.5, "eta": 0.2}),
    ],
)
def test_equal_points_have_one_id(one, other):
    assert run_id(read_point(one)) == run_id(read_point(other))


def test_tasks_whose_names_look_alike_in_paths_have_different_ids():
    ids = {run_id(read_point({"task": task})) for task in ("a:b-v1", "a/b-v1", "a-b/c-v1")}
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"hiden_dim": 3}, "hiden_dim: unknown key; did you mean hidden_dim?"),
        ({"Eta": 3}, "did you mean eta?"),
        ({7: 3}, "7: unknown key"),
        ({"core": "lsmt"}, "core: 'lsmt' is not one of mpn, mpn-recurrent, mpn-frozen, rnn, gru, "),
        ({"encoder": "Dense"}, "did you mean dense?"),
        ({"num_steps": "80000"}, "num_steps: '80000' is not a whole number at least 1, or null"),
        ({"num_steps": "8e4"}, "(write 80000)"),
        ({"num_steps": 8e4}, "(write 80000)"),
        ({"num_steps": "None"}, "YAML's word for nothing is null"),
        ({"num_envs": True}, "num_envs: true is not a whole number"),
        ({"hidden_dim": 2**63}, "whole number at least 1 (the largest is 9223372036854775807)"),
        ({"num_steps": 10**30}, "at least 1, or null (the largest is 9223372036854775807)"),
        ({"bias": 1}, "bias: 1 is not true or false"),
        ({"eta": float("nan")}, "eta: nan is not a finite number"),
        ({"eta": float("-inf")}, "eta: -inf is not a finite number"),
        ({"eta": "1e999"}, "eta: '1e999'"),
        ({"eta": 10**400}, "eta: 1000"),
        ({"eta": "0.5"}, "(write it without quotes)"),
        ({"eta": [0.1]}, "eta: [0.1] is not a finite number"),
        ({"gamma": 1.01}, "gamma: 1.01 is not a number in [0, 1]"),
        ({"gradient_clip": 0}, "gradient_clip: 0 is not a number greater than 0"),
        ({"lambda_max": 0}, "lambda_max: 0 is not a number in (0, 1]"),
        ({"lambda_decay": 0.99}, "lambda_decay: 0.99 cannot be learned"),
        ({"lambda_decay": 0}, "lambda_decay: 0.0 cannot be learned"),
        (
            {"replay_start": "episode", "sequence_length": 8},
            "sequence_length: 8 with replay_start: episode",
        ),
        (
            {"replay_start": "episode", "burn_in_length": 8},
            "burn_in_length: 8 with replay_start: episode",
        ),
        (
            {"batch_size": 8, "rollout_length": 8},
            "learner: null with parameters of more than one (rollout_length, batch_size); name the",
        ),
        ({"replay_start": "zero"}, "sequence_length: null with replay_start: zero"),
        (
            {"replay_start": "stored", "sequence_length": 8, "burn_in_length": 8},
            "burn_in_length: 8 is not less than sequence_length = 8",
        ),
        ({"epsilon_schedule": "exponential"}, "epsilon_decay: null with epsilon_schedule"),
        (
            {"epsilon_schedule": "exponential", "epsilon_decay": 20_000},
            "epsilon_decay: 20000.0 with epsilon_schedule",
        ),
    ],
)
def test_bad_values_give_one_line(values, expected):
    text = message(values)
    assert expected in text
    assert "\n" not in text


def test_extremes_that_are_defined_are_allowed():
    for values in [
        {"lambda_decay": 0, "learn_lambda": False},
        {"lambda_decay": 1, "learn_lambda": False, "eta": 0.1},
        {"eta": -1e6},
        {"hidden_dim": 1, "encoder_dim": 1},
        {"batch_size": 10**6, "buffer_size": 1},
        {"epsilon_schedule": "exponential", "epsilon_decay": 1},
        {"num_steps": None, "num_episodes": 1},
        {"lambda_decay": 1, "core": "gru"},
    ]:
        read_point(values)


@pytest.mark.parametrize(
    "task",
    [
        "../../etc",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a/../b",
        "a/b/c",
        "a\\b",
        "a\n",
        "CartPole-v1\n",
        "CartPole-v1\x00",
        " CartPole-v1",
        "Cart\u202ePole-v1",
        "CаrtPole-v1",
        "~root",
        "-v1",
        "$(id)",
        "a;b",
        "<script>",
        "{wildcard}",
        "x" * 101,
        "a:/b",
        ":b",
        None,
        5,
        ["a"],
    ],
)
def test_task_names_that_could_leave_the_results_folder_are_refused(task):
    text = message({"task": task})
    assert text.startswith("task: ")
    assert "\n" not in text


@pytest.mark.parametrize("task", ["DelayedMatch-v1", "delayedmatch-v0", "DelayedMatch"])
def test_nearly_a_task_of_the_project(task):
    assert message({"task": task}).endswith("did you mean DelayedMatch-v0?")


def test_unknown_gymnasium_ids():
    assert message({"task": "CartPole-v7"}).endswith("did you mean CartPole-v1?")
    assert "unknown task" in message({"task": "Nowhere-v0"})
    grid = "MiniGrid-MemoryS7-v0"  # which nothing registers before its package is imported
    assert f"its package is named before it: minigrid:{grid}" in message({"task": grid})


@given(st.text(max_size=20))
def test_any_text_as_a_task_is_refused_or_safe(task):
    name, problem = outcome(lambda: run_id(read_point({"task": task})))
    if problem:
        assert problem.startswith("task: ")
        assert len(problem.splitlines()) == 1
    else:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name)
