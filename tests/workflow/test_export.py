"""`mpn-rl export`: the archive checks itself elsewhere, and the sweep goes on from it."""

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.artifact_bytes import artifacts
from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow]


@pytest.fixture(scope="module")
def archive(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the complete project."""
    target = tmp_path_factory.mktemp("archive") / "paper.tar.gz"
    done = built.run("mpn-rl", "export", "results", str(target))
    assert done.returncode == 0, done.stderr
    assert "config/config.yaml: outputs of 46 of 46 jobs are there" in done.stdout
    return target


@pytest.fixture
def unpacked(archive: Path, tmp_path: Path) -> Project:
    """What a reader has, on a machine that knows the archive alone."""
    with tarfile.open(archive) as content:
        content.extractall(tmp_path, filter="data")
    return Project(tmp_path / "staleness")


def test_equal_results_give_equal_bytes(archive: Path, project: Project, tmp_path: Path) -> None:
    for path in project.folder.rglob("*"):
        path.touch()
    shutil.rmtree(project.folder / ".snakemake")
    again = tmp_path / "other_name.tgz"
    assert project.run("mpn-rl", "export", "results/", str(again)).returncode == 0
    assert again.read_bytes() == archive.read_bytes()


def test_an_archive_checks_itself(built: Project, unpacked: Project) -> None:
    assert artifacts(unpacked.folder / "results") == artifacts(built.folder / "results")
    command = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    subprocess.run(command, cwd=unpacked.folder, check=True, timeout=60)
    done = unpacked.run("mpn-rl", "audit", "results")
    assert done.returncode == 0, done.stdout
    assert ", 0 false" in done.stdout


def test_a_sweep_goes_on_from_an_archive(unpacked: Project) -> None:
    assert unpacked.stale() == {}
    unpacked.edit("config/config.yaml", "core: [mpn, gru]", "core: [mpn, gru, rnn]")
    unpacked.edit(
        "config/config.yaml", "evaluation: {num_episodes: 3", "evaluation: {num_episodes: 4"
    )
    stale = unpacked.stale()
    assert (stale["train"], stale["evaluate"]) == (2, 6)


def test_false_results_are_not_exported(project: Project, tmp_path: Path) -> None:
    path = project.files("runs/*/seeds_0-0/evaluation.csv")[0]
    path.write_text(path.read_text() + "\n")
    done = project.run("mpn-rl", "export", "results", str(tmp_path / "a.tar.gz"))
    assert done.returncode == 1
    assert f"{path.relative_to(project.folder)}: damaged" in done.stderr
    assert not list(tmp_path.glob("*.gz"))
