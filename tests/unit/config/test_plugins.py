"""Cores and tasks of the user's own are named as classes, with options that are read as data."""

from importlib.metadata import EntryPoint

import pytest

from mpn_rl.parameters import plugins
from mpn_rl.parameters.catalogue import CORES, TASKS, task_entry
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.points import core_of, point_of, read_point, resolved, run_id
from mpn_rl.sweep.ledger.named import modules_of
from mpn_rl.sweep.plan import setting_id, task_setting

LEAKY = "leaky_memory.core:Leaky"


def test_equal_options_are_one_name_and_one_run():
    one = read_point({"core": f"{LEAKY}(leak = 3e-1,depth=2)"})
    other = read_point({"core": f"{LEAKY}(depth=2, leak=0.3)"})
    assert one.core == f"{LEAKY}(depth=2, leak=0.3)"
    assert run_id(one) == run_id(other)
    assert (
        run_id(one)
        != run_id(read_point({"core": LEAKY}))
        == run_id(read_point({"core": f"{LEAKY}()"}))
    )
    assert point_of(resolved(one)) == one


def test_a_runs_id_is_a_file_name_that_tells_of_no_M():
    run = run_id(read_point({"core": f"{LEAKY}(leak=0.3)", "task": "my_tasks:Ask(delay=3)"}))
    task, core, _ = run.rsplit("_", 2)
    assert (task, core) == ("my-tasks-Ask", "leaky-memory.core-Leaky")
    assert not CORES[core_of(run)].plastic
    assert not CORES[LEAKY].compiled


def test_a_class_is_a_plugin_and_an_id_of_gymnasium_is_none():
    assert read_point({"task": "maze:Maze-v0"}).task == "maze:Maze-v0"
    assert "maze:Maze-v0" not in TASKS
    assert "maze:Maze" in TASKS
    assert task_entry("maze:Maze").parameters == ()
    setting = task_setting(read_point({"task": "maze:Maze(size=3)"}))
    assert setting == {"task": "maze:Maze(size=3)", "max_episode_steps": None}
    assert setting_id(setting).startswith("maze-Maze_")


@pytest.mark.parametrize(
    "name", [f"{LEAKY}(3)", f"{LEAKY}(leak=open('x'))", f"{LEAKY}(**x)", f"{LEAKY}(leak=)", "a:b:c"]
)
def test_what_is_no_plain_value_is_refused_and_not_run(name):
    with pytest.raises(ConfigError, match="core: "):
        read_point({"core": name})
    with pytest.raises(ConfigError, match="task: "):
        read_point({"task": name})


def test_a_typing_error_in_a_core_is_still_told():
    with pytest.raises(ConfigError, match="did you mean mpn"):
        read_point({"core": "mnp"})


def test_an_installed_package_gives_short_names_and_is_known(monkeypatch):
    def installed(group):
        found = {
            "mpn_rl.cores": [EntryPoint("leaky", LEAKY, group)],
            "mpn_rl.tasks": [EntryPoint("ask", "leaky_memory.task:Ask", group)],
        }
        return found.get(group, [])

    unnamed = read_point({"core": LEAKY, "task": "leaky_memory.task:Ask(delay=2)"})
    assert modules_of(unnamed) == ["leaky_memory.task", "leaky_memory.core"]
    monkeypatch.setattr("importlib.metadata.entry_points", installed)
    monkeypatch.setattr("mpn_rl.sweep.ledger.named.entry_points", installed)
    point = read_point({"core": "leaky", "task": "ask(delay=2)"})
    assert point == unnamed
    assert modules_of(point) == []


def test_what_cannot_be_loaded_is_one_sentence():
    for name, said in [
        ("no_such_module:Leaky", "cannot be imported"),
        ("mpn_rl.networks.gru:GRUU", "has no GRUU; did you mean GRU?"),
        ("mpn_rl.tasks.delayed_match:DelayedMatch", "is no class that inherits from mpn_rl's Core"),
    ]:
        with pytest.raises(plugins.UserError, match=said):
            plugins.plugged(name, "core")
