"""Which files of the user's own a task `module:id` reaches."""

import sys

import pytest

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.ledger.code import digests
from mpn_rl.sweep.ledger.code.own_modules import own_modules

FILES = {
    "maze_tasks.py": "import maze_parts\nfrom pathlib import Path\nTABLE = 'maze.txt'\n",
    "maze_parts.py": "TARGET = 'maze_walls:Walls'\n",
    "maze_walls.py": "class Walls: pass\n",
    "maze_unused.py": "",
    "maze.txt": "#",
    "maze_package/__init__.py": "",
    "maze_package/tasks.py": "from . import inner\nfrom .deep.other import x\n",
    "maze_package/inner.py": "",
    "maze_package/deep/__init__.py": "",
    "maze_package/deep/other.py": "x = 1\n",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_imports_and_texts_that_name_a_class_are_followed(folder):
    found = own_modules("maze_tasks:Maze-v0")
    assert set(found) == {"own maze_tasks", "own maze_parts", "own maze_walls"}
    assert found["own maze_tasks"].data == (folder / "maze.txt",)


def test_a_package_is_followed_with_its_parents(folder):  # noqa: ARG001
    assert set(own_modules("maze_package.tasks:Maze-v0")) == {
        "own maze_package",
        "own maze_package.tasks",
        "own maze_package.inner",
        "own maze_package.deep",
        "own maze_package.deep.other",
    }


@pytest.mark.parametrize("task", ["DelayedMatch-v0", "json:X-v0", "gymnasium:X-v0", "no_such:X-v0"])
def test_what_is_installed_or_unknown_is_not_looked_at(task):
    assert own_modules(task) == {}


def test_nothing_is_imported_to_find_out(folder):  # noqa: ARG001
    own_modules("maze_package.tasks:Maze-v0")
    assert "maze_package" not in sys.modules


def test_they_are_in_the_digest_of_stages_that_use_the_task(folder):  # noqa: ARG001
    point = Hyperparameters(task="maze_tasks:Maze-v0")
    assert "own maze_walls" in digests.digest_parts("train", point)
    assert "maze.txt" in digests.digest_parts("evaluate", point)
    assert "own maze_tasks" not in digests.digest_parts("summarise", point)


def test_a_plugs_code_and_what_it_imports_of_the_project_are_in_the_digest(folder):
    (folder / "own_core.py").write_text("import own_part\nfrom mpn_rl.tasks import t_maze\n")
    (folder / "own_part.py").write_text("x = 1\n")
    point = Hyperparameters(core="own_core:Own(leak=0.1)", learner="dqn")
    for stage in ("train", "evaluate"):
        parts = digests.digest_parts(stage, point)
        assert {"own own_core", "own own_part", "mpn_rl.tasks.t_maze"} <= set(parts)
    assert "own own_core" not in digests.digest_parts("baselines", point)
    assert "mpn_rl.tasks.t_maze" not in digests.digest_parts("train", Hyperparameters())


def test_the_project_is_never_the_users_own_where_it_lies_beside(folder):
    (folder / "mpn_rl").mkdir()
    (folder / "mpn_rl" / "__init__.py").write_text("")
    (folder / "beside.py").write_text("import mpn_rl\n")
    assert set(own_modules("beside:Core")) == {"own beside"}
