"""What is filled in for hyper-parameters that are null."""

import hashlib

import pytest
from hypothesis import given, settings

from mpn_rl.artifacts.experiment import read_config, write_config
from mpn_rl.parameters.catalogue import LEARNERS
from mpn_rl.parameters.first_defaults import FIRST_DEFAULTS, LATER
from mpn_rl.parameters.hyperparameters import BY_RECIPE, DEFAULTS, Hyperparameters
from mpn_rl.parameters.points import point_of, read_point, recipe_of, resolved, run_id
from mpn_rl.parameters.recipe import filled_in, learner_of, needs_recipe
from mpn_rl.sweep.config.sweep import load_sweep
from mpn_rl.tasks.build import filled_in as filled_by_the_task
from tests.fixtures.random_configs import points
from tests.workflow.project import ROOT

OTHER = "Acrobot-v1"


def filled(longest=100, **values):
    return filled_in(read_point(values), lambda: (longest, 16))


@pytest.mark.parametrize(
    ("values", "learner"),
    [
        ({}, "pqn"),
        ({"task": "CartPole-v1"}, "pqn"),
        ({"task": "CartPole-v1", "env_wrappers": "FlattenObservation"}, "dqn"),
        ({"task": OTHER}, "dqn"),
        ({"task": OTHER, "rollout_length": 64}, "pqn"),
        ({"batch_size": 64}, "dqn"),
        ({"learner": None, "buffer_size": 9}, "dqn"),
        ({"learner": "pqn", "batch_size": 8}, "pqn"),
    ],
)
def test_the_learner_is_the_named_one_or_that_of_the_task(values, learner):
    assert learner_of(read_point(values)) == learner
    assert filled(**values).learner == learner


def test_a_parameter_that_one_learner_has_is_as_good_as_its_name():
    assert run_id(read_point({"batch_size": 8})) == run_id(
        read_point({"batch_size": 8, "learner": "dqn"})
    )
    assert run_id(read_point({"batch_size": 8})) != run_id(read_point({}))


def test_of_learners_that_share_a_parameter_the_first_is_meant(monkeypatch):
    monkeypatch.setitem(LEARNERS, "another", LEARNERS["pqn"])
    assert Hyperparameters(rollout_length=8).learner == "pqn"


def test_where_the_learner_is_null_nothing_of_a_learner_is_in_the_point():
    written = resolved(Hyperparameters())
    assert written["learner"] is None
    assert "rollout_length" not in written
    assert "batch_size" not in written


@pytest.mark.parametrize(
    ("task", "longest", "steps"),
    [
        ("DelayedMatch-v0", 9, 100_000),
        ("TMaze-v0", 150, 150_000),
        ("CartPole-v1", 500, 300_000),
        (OTHER, 500, 100_000),
        (OTHER, None, 100_000),
    ],
)
def test_the_length_of_training_goes_by_the_longest_episode_of_quick_tasks(task, longest, steps):
    point = filled(longest, task=task)
    assert point.num_steps == steps
    assert point.epsilon_decay == steps / 5


def test_where_episodes_alone_are_counted_no_steps_are_filled_in():
    point = filled(num_episodes=7)
    assert (point.num_steps, point.num_episodes) == (None, 7)
    assert point.epsilon_decay == 20_000.0


def test_where_both_are_given_both_stay():
    point = filled(num_episodes=7, num_steps=500)
    assert (point.num_steps, point.num_episodes, point.epsilon_decay) == (500, 7, 100.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ("stored", 40, 8)),
        ({"sequence_length": 20}, ("stored", 20, 4)),
        ({"sequence_length": 4}, ("stored", 4, 0)),
        ({"burn_in_length": 0}, ("stored", 32, 0)),
        ({"burn_in_length": 40}, ("stored", 72, 40)),
        ({"replay_start": "zero", "sequence_length": 10}, ("zero", 10, 2)),
        ({"replay_start": "episode"}, ("episode", None, None)),
    ],
)
def test_sequences_are_replayed_from_stored_states(values, expected):
    point = filled(learner="dqn", **values)
    assert (point.replay_start, point.sequence_length, point.burn_in_length) == expected


def test_what_names_everything_is_left_as_it_is():
    point = read_point({**FIRST_DEFAULTS, **LATER})
    assert not needs_recipe(point)
    assert filled_in(point, lambda: pytest.fail("looked at the task")) is point
    assert recipe_of(point, point) == {}


@settings(max_examples=200, deadline=None)
@given(points())
def test_all_is_filled_in_once_and_what_is_given_stays(values):
    point = read_point(values)
    full = filled_in(point, lambda: (100, 16))
    assert not needs_recipe(full)
    assert filled_in(full, lambda: (100, 16)) is full
    recipe, written = recipe_of(point, full), resolved(point)
    for name, value in {**written, **recipe}.items():
        assert getattr(full, name) == value or name == "encoder"
    assert not [name for name in recipe if written.get(name) is not None]
    assert point_of(written) == point


def test_what_may_be_filled_in_is_null_by_default_and_was_not_at_first():
    for name in BY_RECIPE:
        assert DEFAULTS[name] is None
        assert name in LATER or FIRST_DEFAULTS[name] is not None


@pytest.mark.parametrize(
    ("values", "observation_bytes", "steps"),
    [
        ({}, 16, 100_000),
        ({"num_steps": 5_000}, 16, 5_000),
        ({"num_steps": 10**6}, 16, 100_000),
        ({"num_episodes": 9}, 16, 100_000),
        ({}, 84 * 84 * 4, 35_430),
        ({"buffer_size": 10**6}, 10**6, 10**6),
    ],
)
def test_the_replay_keeps_a_gigabyte_of_observations_at_most(values, observation_bytes, steps):
    point = filled_in(read_point({"learner": "dqn", **values}), lambda: (9, observation_bytes))
    assert point.buffer_size == steps


@pytest.mark.parametrize(
    ("task", "steps"), [("DelayedMatch-v0", 100_000), ("PositionCartPole-v1", 300_000)]
)
def test_the_task_says_how_long_its_episodes_are(task, steps):
    assert filled_by_the_task(Hyperparameters(task=task)).num_steps == steps


def test_a_config_tells_what_was_filled_in_where_anything_was(tmp_path):
    given = {"run": "a", "hyperparameters": {"num_steps": None}, "seeds": [0]}
    write_config(tmp_path / "with", **given, recipe={"num_steps": 5})
    assert read_config(tmp_path / "with") == {**given, "recipe": {"num_steps": 5}}
    write_config(tmp_path / "without", **given, recipe={})
    write_config(tmp_path / "before", **given)
    assert (tmp_path / "without").read_bytes() == (tmp_path / "before").read_bytes()
    assert "recipe" not in (tmp_path / "before").read_text()


@pytest.mark.parametrize("task", ["DelayedMatch-v0", "Acrobot-v1"])
@pytest.mark.parametrize("core", ["mpn", "gru"])
def test_what_is_read_again_has_the_same_learner(task: str, core: str) -> None:
    point = read_point({"task": task, "core": core})
    assert point_of(resolved(point)) == point


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("report", "96f0e4e6a10a"),
        ("mechanism", "093f1a132ccd"),
        ("tuning", "ec07d56b03cf"),
        ("recipe", "c2722dd9ce89"),
        ("tuning_further", "cd7d3e22a386"),
    ],
)
def test_sweeps_whose_results_are_told_name_all_that_they_depend_on(name, ids):
    """Their runs and ids are those of the results in docs/, whatever the defaults become."""
    runs = load_sweep(ROOT / "config" / f"{name}.yaml").runs
    assert hashlib.sha256(" ".join(runs).encode()).hexdigest()[:12] == ids
    assert not [run for run, point in runs.items() if needs_recipe(point)]
