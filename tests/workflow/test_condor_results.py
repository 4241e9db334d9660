"""Results that `mpn-rl condor` trained: the engine knows nothing of them, their records do."""

import shlex
from pathlib import Path

import pytest

from tests.fixtures.once import made_once
from tests.workflow.project import CONFIG, Project, job_counts
from tests.workflow.test_code_edits import NOTHING, RERUN, Edit
from tests.workflow.test_without_metadata import files

pytestmark = [pytest.mark.workflow]


def train_by_submit_file(folder: Path) -> None:
    """Run each line of the arguments file as a job on the pool would, and no workflow."""
    project = Project.create(folder, CONFIG.replace("count: 2", "count: 1"))
    done = project.run("python", "-m", "mpn_rl", "condor")
    assert done.returncode == 0, done.stdout + done.stderr
    (lines,) = project.folder.glob(".condor_logs/*/arguments.txt")
    for line in lines.read_text().splitlines():
        flags = shlex.split(line.partition(", ")[2])
        done = project.run("python", "-m", "mpn_rl", "train", *flags)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose blocks are trained, and nothing else; not to be changed."""
    return Project(made_once(tmp_path_factory, "submitted", train_by_submit_file))


ROWS: dict[str, tuple[Edit, int]] = {
    "nothing": (lambda _: None, 0),
    "a log text": (NOTHING["the text of a log line of training"], 0),
    "a core": (RERUN["a formula of a core"][0], 1),
    "the loss": (RERUN["the loss"][0], 2),
}


@pytest.mark.parametrize("row", ROWS)
def test_which_trainings_run_again(row: str, submitted: Project, tmp_path: Path) -> None:
    project, (change, expected) = submitted.copy(tmp_path / "project"), ROWS[row]
    change(project)
    before = files(project)
    counts = job_counts(project.snakemake("-n"))
    assert counts.pop("train", 0) == expected
    assert counts["evaluate"] == 2
    assert files(project) == before
