"""The commands of README's blocks, run one after the other as they stand, on small numbers."""

from pathlib import Path

import pytest

from tests.fixtures.documents import ROOT, commands
from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
# what takes minutes or has no end is made small, and what needs a pool is only planned
SMALLER = {"200": "5", "--watch": "--json"}
NOT_INSTALLED = "profiles/slurm"  # its executor comes with an extra
PLANNED = ("profiles/htcondor", "config/test.yaml")
OF_INSTALLED_WHEELS = "init"  # test_wheel.py


def written(program: str) -> list[list[str]]:
    """The words of README's commands of one program."""
    return [words for words in commands(ROOT / "README.md") if words[0] == program]


def test_the_command_line_as_readme_has_it(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "project")
    given = [words for words in written("mpn-rl") if words[1] != OF_INSTALLED_WHEELS]
    assert {"train", "eval", "render", "analyze", "check"} <= {words[1] for words in given}
    for words in given:
        done = project.run("mpn-rl", *(SMALLER.get(word, word) for word in words[1:]))
        assert done.returncode == 0, (words, done.stdout + done.stderr)
    assert (project.folder / "first.gif").stat().st_size > 1_000


def test_the_workflow_as_readme_has_it(project: Project, tmp_path: Path) -> None:
    given = [words for words in written("snakemake") if NOT_INSTALLED not in words]
    assert len(given) >= 6
    for words in given:
        smaller = [word.replace("{num_episodes: 500}", "{num_episodes: 4}") for word in words[1:]]
        smaller = [word.replace("/tmp/try", str(tmp_path / "try")) for word in smaller]
        planned = ["-n"] * any(word in PLANNED for word in words)
        done = project.snakemake(*smaller, *planned)
        assert done.returncode == 0, (words, done.stdout + done.stderr)
    assert (project.folder / "report.html").stat().st_size > 10_000
