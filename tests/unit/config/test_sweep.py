"""From a config to runs and blocks."""

import subprocess
import sys
from dataclasses import replace

import pytest

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import run_id
from mpn_rl.sweep.config.sweep import block_name, block_seeds, load_sweep, read_sweep, sweep_axes
from mpn_rl.sweep.plan import rule_settings, run_labels
from tests.fixtures.config_files import CONFIG


def message(data):
    with pytest.raises(ConfigError) as error:
        read_sweep(data)
    return str(error.value)


def test_the_default_sweep():
    sweep = load_sweep(CONFIG / "config.yaml")
    assert {point.core for point in sweep.runs.values()} == {"mpn", "mpn-frozen", "rnn", "gru"}
    assert {point.task for point in sweep.runs.values()} == {"DelayedMatch-v0", "RepeatPrevious-v0"}
    assert sum(map(len, sweep.blocks)) >= 3


def test_the_test_sweep_varies_a_number_and_has_a_point():
    sweep = load_sweep(CONFIG / "test.yaml")
    assert sweep_axes(sweep.runs)["eta"] == [0.05, 0.1]
    assert [point.core for point in sweep.runs.values()] == ["mpn", "mpn", "gru"]


def test_without_grid_and_points_there_is_one_run():
    sweep = read_sweep({"sweep": {"base": {"eta": 0.3}}})
    assert list(sweep.runs.values()) == [Hyperparameters(eta=0.3)]


def test_points_alone():
    sweep = read_sweep({"sweep": {"base": {"eta": 0.3}, "points": [{"eta": 0.2}]}})
    assert list(sweep.runs.values()) == [Hyperparameters(eta=0.2)]


def test_every_combination_over_the_base():
    data = {"base": {"gamma": 0.5}, "grid": {"eta": [0.2, 0.3], "hidden_dim": [1, 2]}}
    runs = read_sweep({"sweep": data}).runs
    assert [(p.gamma, p.eta, p.hidden_dim) for p in runs.values()] == [
        (0.5, 0.2, 1),
        (0.5, 0.2, 2),
        (0.5, 0.3, 1),
        (0.5, 0.3, 2),
    ]
    assert all(name == run_id(point) for name, point in runs.items())


def test_what_a_core_has_not_is_dropped_and_the_doubles_merge():
    sweep = read_sweep({"sweep": {"grid": {"core": ["mpn", "gru"], "eta": [0.05, 0.2, 0.3]}}})
    assert [(point.core, point.eta) for point in sweep.runs.values()] == [
        ("mpn", 0.05),
        ("mpn", 0.2),
        ("mpn", 0.3),
        ("gru", None),
    ]
    assert sweep.messages == (
        "sweep.grid: core gru does not use eta; ignored",
        "sweep.grid: 2 combinations became identical and were merged",
    )


def test_what_no_run_has_is_said():
    sweep = read_sweep({"sweep": {"base": {"core": "gru", "eta": 0.3, "coherence": 2.0}}})
    assert sweep.messages == (
        "sweep.base.eta: no run of this sweep has it",
        "sweep.base.coherence: no run of this sweep has it",
    )


def test_a_list_of_grids():
    grids = [{"core": ["mpn"], "eta": [0.2, 0.3]}, {"core": ["gru", "lstm"]}]
    assert len(read_sweep({"sweep": {"grid": grids}}).runs) == 4


@pytest.mark.parametrize(
    ("sweep", "expected"),
    [
        ({"grid": {}}, "sweep.grid: empty"),
        ({"grid": []}, "sweep.grid: empty"),
        ({"grid": [{}]}, "sweep.grid[0]: empty"),
        ({"grid": {"eta": []}}, "sweep.grid.eta: an empty list"),
        ({"grid": {"eta": 0.1}}, "sweep.grid.eta: 0.1 is not a list of values"),
        ({"grid": {"eta": "abc"}}, "sweep.grid.eta: 'abc' is not a list of values"),
        ({"grid": {"eta": [0.1, 0.1]}}, "sweep.grid.eta: 0.1 is given twice"),
        ({"grid": {"eta": [1, 1.0]}}, "sweep.grid.eta: 1.0 is given twice"),
        ({"grid": {"etta": [1]}}, "sweep.grid.etta: unknown key; did you mean eta?"),
        ({"grid": None}, "sweep.grid: null is not a mapping"),
        ({"grid": 3}, "sweep.grid: 3 is not a mapping"),
        ({"grid": {"gamma": [0.5, 2]}}, "sweep.grid.gamma: 2 is not a number in [0, 1]"),
        ({"grid": {"core": ["lsmt"]}}, "sweep.grid.core: 'lsmt' is not one of"),
        ({"grid": [{"core": ["gru"]}, {"core": ["gru"]}]}, "sweep.grid[1]: the point {core"),
        ({"points": [{"eta": 0.3}, {"eta": 0.3}]}, "sweep.points[1]: the point {eta: 0.3}"),
        ({"points": [{"eta": 0.3}], "grid": {"eta": [0.3]}}, "sweep.points[0]: the point"),
        ({"points": {"eta": 1}}, "sweep.points: {'eta': 1} is not a list"),
        ({"points": [3]}, "sweep.points[0]: 3 is not a mapping"),
        ({"base": []}, "sweep.base: [] is not a mapping"),
        ({"base": {"gama": 1}}, "sweep.base.gama: unknown key; did you mean gamma?"),
        ({"name": "a/b"}, "sweep.name: 'a/b' is not up to 80 letters"),
        ({"name": "a\n"}, "sweep.name: 'a\\n' is not"),
        ({"gird": {}}, "sweep.gird: unknown key; did you mean grid?"),
        (None, "sweep: null is not a mapping"),
        (
            {"grid": {"eta": [1, 2], "lambda_decay": [0.5, 1]}},
            "sweep.grid.lambda_decay: 1.0 cannot be learned",
        ),
        (
            {"base": {"sequence_length": 8}, "grid": {"replay_start": ["episode", "zero"]}},
            "sweep.base.sequence_length: 8 with replay_start: episode",
        ),
        ({"grid": {"replay_start": ["zero"]}}, "sweep: sequence_length: null with replay_start"),
        (
            {"grid": {name: list(range(1, 100)) for name in ("delay", "n_step", "batch_size")}},
            "sweep.grid: 970299 combinations; at most 100000 are allowed",
        ),
    ],
)
def test_bad_sweeps_give_one_line(sweep, expected):
    text = message({"sweep": sweep})
    assert text.startswith(expected)
    assert "\n" not in text


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"seeds": {"count": 0}}, "seeds.count: 0 is not a whole number in [1, "),
        ({"seeds": {"first": -1}}, "seeds.first: -1 is not a whole number at least 0"),
        ({"seeds": 4}, "seeds: 4 is not a mapping"),
        ({"seeds": None}, "seeds: null is not a mapping"),
        ({"evaluation": {"num_episodes": 0}}, "evaluation.num_episodes: 0 is not"),
        ({"evaluation": {"episodes": 5}}, "evaluation.episodes: unknown key; did you mean num_ep"),
        ({"evaluation": {"checkpoint": "last"}}, "evaluation.checkpoint: 'last' is not one of fin"),
        ({"render": {"seeds": [9]}}, "render.seeds: [9] is not within the seeds that are trained"),
        ({"render": {"seeds": []}}, "render.seeds: [] is not a list of whole numbers"),
        ({"render": {"seeds": [1, 1]}}, "render.seeds: [1, 1] is not a list of different seeds"),
        ({"render": {"fps": 101}}, "render.fps: 101 is not a whole number in [1, 100]"),
        ({"analysis": {"max_recorded_mb": 0}}, "analysis.max_recorded_mb: 0 is not"),
        ({"analysis": {"color_by": "a b"}}, "analysis.color_by: 'a b' is not a name"),
        ({"analysys": {}}, "analysys: unknown key; did you mean analysis?"),
    ],
)
def test_bad_sections_give_one_line(section, expected):
    text = message({"sweep": {}, **section})
    assert text.startswith(expected)
    assert "\n" not in text


def test_a_sweep_must_be_there():
    assert message({}) == "sweep: missing; it says what is trained"
    assert message({"swep": {}}) == "swep: unknown key; did you mean sweep?"


def test_several_problems_give_a_line_each_with_the_file(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("sweep: {base: {eta: x, gamma: 2}}\n")
    with pytest.raises(ConfigError) as error:
        load_sweep(path)
    lines = str(error.value).splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{path}, line 1: sweep.base.") for line in lines)


def test_a_base_value_that_every_run_replaces_is_told():
    grids = [{"core": ["gru"], "gamma": [0.5]}, {"core": ["rnn"]}]
    sweep = read_sweep({"sweep": {"base": {"core": "mpn", "gamma": 0.9}, "grid": grids}})
    assert sweep.messages == ("sweep.base.core: every run has its own",)


def test_what_is_ignored_in_many_places_is_told_once():
    grids = [{"core": ["gru"], "eta": [eta]} for eta in (0.1, 0.2, 0.3)]
    points = [{"core": "rnn", "eta": 0.1}]
    sweep = read_sweep({"sweep": {"grid": [{**g, "delay": [n]} for n, g in enumerate(grids, 1)]}})
    assert sweep.messages == ("sweep.grid[0] and 2 more: core gru does not use eta; ignored",)
    alone = read_sweep({"sweep": {"points": points}})
    assert alone.messages == ("sweep.points[0]: core rnn does not use eta; ignored",)


def test_a_parameter_that_several_do_not_use_is_told_in_one_line():
    tasks = {"task": ["RepeatPrevious-v0", "RepeatFirst-v0", "DelayedMatch-v0"], "k": [2, 4]}
    sweep = read_sweep({"sweep": {"grid": [{"core": [core], **tasks} for core in ("mpn", "gru")]}})
    assert sweep.messages == (
        "sweep.grid[0] and 1 more: task RepeatFirst-v0, task DelayedMatch-v0 do not use k; ignored",
        "sweep.grid[0] and 1 more: 4 combinations became identical and were merged",
    )


def test_messages_are_part_of_what_the_summary_is_told():
    dropped = read_sweep({"sweep": {"grid": {"core": ["mpn", "gru"], "eta": [0.2]}}})
    assert rule_settings(dropped, "summarise")["messages"] == [
        "sweep.grid: core gru does not use eta; ignored"
    ]
    assert rule_settings(read_sweep({"sweep": {}}), "summarise")["messages"] == []
    with_note = replace(dropped, notes=("which file stands",))
    for rule in ("train", "evaluate", "summarise"):
        run = next(iter(dropped.runs))
        assert rule_settings(with_note, rule, run) == rule_settings(dropped, rule, run)


def test_blocks_split_the_seeds():
    sweep = read_sweep({"sweep": {}, "seeds": {"first": 10, "count": 6, "per_job": 3}})
    assert sweep.blocks == [(10, 11, 12), (13, 14, 15)]
    assert [block_name(seeds) for seeds in sweep.blocks] == ["10-12", "13-15"]
    assert [block_seeds(block_name(seeds)) for seeds in sweep.blocks] == sweep.blocks
    assert block_seeds(block_name((7,))) == (7,)


def test_the_last_block_has_the_seeds_that_are_left():
    for count, expected in [(5, [(3, 4), (5, 6), (7,)]), (1, [(3,)])]:
        sweep = read_sweep({"sweep": {}, "seeds": {"first": 3, "count": count, "per_job": 2}})
        assert sweep.blocks == expected


def test_axes_are_what_differs_in_order():
    grids = [
        {"core": ["mpn"], "eta": [0.3, -1], "num_episodes": [10, None]},
        {"core": ["gru"], "hidden_dim": [32]},
    ]
    assert sweep_axes(read_sweep({"sweep": {"grid": grids}}).runs) == {
        "core": ["mpn", "gru"],
        "hidden_dim": [32, 64],
        "eta": [-1.0, 0.3],
        "num_episodes": [None, 10],
    }
    assert sweep_axes(read_sweep({"sweep": {}}).runs) == {}


def test_reading_a_sweep_loads_no_heavy_library():
    heavy = {
        "torch",
        "gymnasium",
        "pandas",
        "numpy",
        "jsonschema",
    }
    program = (
        "import sys; from mpn_rl.sweep.config.sweep import load_sweep;"
        f"load_sweep({str(CONFIG / 'config.yaml')!r});"
        f"assert not {heavy!r} & set(sys.modules), {heavy!r} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=240)


def test_a_setting_that_came_later_is_written_only_away_from_its_first_default():
    """So that what was made before it existed stays fresh."""
    for value, expected in ((2000, {}), (7, {"max_steps": 7})):
        sweep = read_sweep({"sweep": {}, "render": {"max_steps": value}})
        settings = rule_settings(sweep, "render")
        assert settings == {"fps": 30, "checkpoint": "final", **expected}
        shown = rule_settings(sweep, "summarise")["sections"]["render"]
        assert {n: v for n, v in shown.items() if n == "max_steps"} == expected


def test_runs_are_labelled_by_what_differs() -> None:
    """A value at a parameter's first default counts too, which is written nowhere else."""
    grid = {"core": ["mpn", "gru"], "eta": [0.05, 0.1], "previous_action": [False, True]}
    sweep = read_sweep({"sweep": {"grid": grid}})
    labels = run_labels(sweep)
    assert labels.keys() == sweep.runs.keys()
    assert sorted(tuple(own.values()) for own in labels.values()) == sorted(
        ("DelayedMatch-v0", core, action, eta)
        for core, etas in (("mpn", ("0.05", "0.1")), ("gru", ("",)))
        for eta in etas
        for action in ("false", "true")
    )
    assert {tuple(own) for own in labels.values()} == {("task", "core", "previous_action", "eta")}
