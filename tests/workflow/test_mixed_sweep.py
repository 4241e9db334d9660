"""Edits in a sweep that mixes learners and tasks run again what uses them, and nothing else."""

import json
from pathlib import Path

import pytest

from tests.fixtures.mixed_sweep import ROUNDABOUT, make_mixed
from tests.fixtures.once import made_once
from tests.workflow.project import Project
from tests.workflow.test_code_edits import Edit

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A complete sweep of three runs: dqn, pqn, and dqn on a task of the user's own."""
    return Project(made_once(tmp_path_factory, "mixed", make_mixed))


@pytest.fixture
def mixture(mixed: Project, tmp_path: Path) -> Project:
    return mixed.copy(tmp_path / "project")


def trained(project: Project, change: Edit) -> int:
    assert project.stale() == {}
    change(project)
    return project.stale().get("train", 0)


def test_each_run_has_the_digest_of_its_own_learner(mixture: Project) -> None:
    """And a learner's edit runs the runs of that learner again."""
    records = [json.loads(p.read_bytes()) for p in mixture.files("runs/*/*/records/train.json")]
    assert len({record["code_digest"] for record in records}) == 3
    assert trained(mixture, lambda p: p.append("mpn_rl/learning/pqn.py", "\nX = 1\n")) == 1


def test_the_other_learner(mixture: Project) -> None:
    assert trained(mixture, lambda p: p.append("mpn_rl/learning/dqn.py", "\nX = 1\n")) == 2


@pytest.mark.parametrize("number", range(len(ROUNDABOUT)), ids=[*ROUNDABOUT])
def test_code_that_is_reached_in_a_roundabout_way(number: int, mixture: Project) -> None:
    path = f"mpn_rl/learning/way_{number}.py"
    assert trained(mixture, lambda p: p.edit(path, "return 0", "return 0 + 0")) == 3


OWN = {
    "the file of the task": (lambda p: p.edit("own_tasks.py", "== 5", "== 6"), 1),
    "what it imports from beside it": (lambda p: p.edit("own_numbers.py", "1.0", "2.0"), 1),
    "a comment in it": (lambda p: p.append("own_tasks.py", "# a comment\n"), 0),
    "another file beside it": (lambda p: p.write("own_other.py", "X = 1\n"), 0),
}


@pytest.mark.parametrize("row", OWN)
def test_a_task_of_the_users_own(row: str, mixture: Project) -> None:
    change, expected = OWN[row]
    assert trained(mixture, change) == expected
