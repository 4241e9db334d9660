"""The commit in a record is this project's or none."""

import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mpn_rl.sweep.ledger.origins  # noqa: F401  (its source is read)

SOURCE = Path(sys.modules["mpn_rl.sweep.ledger.origins"].__file__)
ME = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]


def git(folder, *arguments):
    variables = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *ME, *arguments],
        cwd=folder,
        env=variables,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def module_in(root):
    """origins.py as if the project lay in `root`."""
    path = root / "mpn_rl" / "sweep" / "ledger" / "origins.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(SOURCE.read_bytes())
    spec = importlib.util.spec_from_file_location("commit_elsewhere", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def repository(folder):
    """A repository with one commit of all that is in `folder`; the commit."""
    folder.mkdir(exist_ok=True)
    (folder / "file").write_text("1")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def project(tmp_path):
    """The project's folder, and its commit."""
    root = tmp_path / "project"
    module_in(root)
    return root, repository(root)


def test_it_is_the_commit_of_the_checkout(project):
    root, commit = project
    assert module_in(root).commit() == commit
    (root / "file").write_text("2")
    assert module_in(root).commit() == f"{commit}-dirty"


def test_it_is_that_of_a_worktree_too(project, tmp_path):
    git(project[0], "worktree", "add", "--quiet", str(tmp_path / "second"))
    assert module_in(tmp_path / "second").commit() == project[1]


def test_a_git_hook_of_another_repository_changes_nothing(project, tmp_path, monkeypatch):
    root, commit = project
    other = tmp_path / "other"
    assert repository(other) != commit
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert module_in(root).commit() == commit


def test_a_checkout_of_another_owner_is_known(project, monkeypatch):
    """git's own tests pretend so by this variable, which the fake below sets behind the filter."""
    root, commit = project
    run = subprocess.run

    def as_another(command, env, **settings):
        return run(command, env={**env, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}, **settings)

    monkeypatch.setattr(subprocess, "run", as_another)
    with pytest.raises(subprocess.CalledProcessError, match="128"):
        as_another(["git", "rev-parse", "HEAD"], env=dict(os.environ), cwd=root, check=True)
    assert module_in(root).commit() == commit


def test_an_installation_inside_another_repository_has_none(tmp_path):
    repository(tmp_path)
    site = tmp_path / ".venv" / "site-packages"
    assert module_in(site).commit() is None
    (site / ".git").mkdir()  # no repository: git would go on to the one above
    assert module_in(site).commit() is None


def test_files_that_a_repository_does_not_have_are_not_of_its_commit(tmp_path, caplog):
    """`pip install --target .` in somebody's repository."""
    repository(tmp_path)
    with caplog.at_level(logging.INFO):
        assert module_in(tmp_path).commit() is None
    assert "the record names no commit: error: pathspec" in caplog.text


def test_a_machine_without_git_says_so(project, monkeypatch, caplog):
    monkeypatch.setenv("PATH", "")
    with caplog.at_level(logging.INFO):
        assert module_in(project[0]).commit() is None
    assert "the record names no commit: [Errno 2] No such file or directory: 'git'" in caplog.text


def test_a_copy_that_a_driver_made_names_the_commit_it_is_of(tmp_path):
    repository(tmp_path)
    (tmp_path / "commit.json").write_text('{"commit": "abc-dirty"}')
    assert module_in(tmp_path).commit() == "abc-dirty"
