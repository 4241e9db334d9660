"""What travels with a job, and back, where no files are shared."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from snakemake_executor_plugin_htcondor_steady import forward
from snakemake_executor_plugin_htcondor_steady.transfer import (
    complete_transfer,
    folders_of,
    kept_when_vacated,
)

LEAVES = """
import pathlib, sys
state, code = pathlib.Path("results/work/state"), int(sys.argv[1])
lives = state.read_text() if state.exists() else ""
state.parent.mkdir(parents=True, exist_ok=True)
state.write_text(lives + "I")
pathlib.Path("results/log").write_text("said")
sys.exit(code)
"""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A job's folder with an input, and a module that leaves a state and a log."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "input").write_text("given")
    (tmp_path / "leaves.py").write_text(LEAVES)
    return tmp_path


def life(code: int) -> int:
    command = [sys.executable, forward.__file__, "--bring", "results", "-m", "leaves", str(code)]
    return subprocess.run(command, check=False).returncode


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("code", [0, 3])
def test_what_is_new_is_gathered_whatever_the_end(code: int, scratch: Path) -> None:
    assert life(code) == code
    assert below(scratch / forward.BROUGHT) == {"results/work/state", "results/log"}
    assert below(scratch / "results") == {"input"}


def test_a_second_life_goes_on_where_the_first_ended(scratch: Path) -> None:
    life(143)
    life(0)
    assert (scratch / forward.BROUGHT / "results/work/state").read_text() == "II"
    assert below(scratch / forward.BROUGHT) == {"results/work/state", "results/log"}


def test_what_an_earlier_life_left_wins_over_an_older_input(scratch: Path) -> None:
    life(143)
    (scratch / "results" / "work").mkdir(exist_ok=True)
    (scratch / "results" / "work" / "state").write_text("older")
    life(0)
    assert (scratch / forward.BROUGHT / "results/work/state").read_text() == "II"


def test_a_job_that_leaves_nothing_brings_an_empty_folder(scratch: Path) -> None:
    command = [sys.executable, forward.__file__, "--bring", "results", "-m", "this"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert (scratch / forward.BROUGHT).is_dir()
    assert below(scratch / forward.BROUGHT) == set()


def a_job(*outputs: str) -> Any:
    rule = SimpleNamespace(script=None, notebook=None)
    return SimpleNamespace(
        rule=rule, output=list(outputs), log=["logs/a.log"], benchmark="results/a.tsv"
    )


def shared_below(prefix: str) -> Any:
    def add(path: Any, files: list[str], **_: Any) -> bool:
        new = not str(path).startswith(prefix) and path not in files
        files.extend([path] if new else [])
        return new

    return add


def test_folders_are_those_of_what_is_not_shared() -> None:
    job = a_job("results/a/b.txt", "/staging/c.txt", "/elsewhere/d.txt", "top.txt")
    assert folders_of(job, shared_below("/staging/")) == ["logs", "results", "top.txt"]


def travelling(gathered: bool, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("snakemake_executor_plugin_htcondor_steady.copied.VARIABLE", "UNSET")
    files = (["in.txt"], ["results/a.txt", "/abs/b.txt"], ["results/a.txt = /here/results/a.txt"])
    workflow = SimpleNamespace(included=[])
    return complete_transfer(files, a_job(), workflow, shared_below("/staging/"), gathered)


def test_one_folder_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, outputs, remaps = travelling(True, monkeypatch)
    assert inputs == ["in.txt", forward.__file__]
    assert outputs == ["brought_back/", "/abs/b.txt"]
    assert remaps == [f"brought_back = {Path.cwd()}", "/abs/b.txt = /abs/b.txt"]


def test_with_a_wrapper_of_ones_own_files_come_back_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inputs, outputs, remaps = travelling(False, monkeypatch)
    assert inputs == ["in.txt"]
    assert outputs == ["results/a.txt", "/abs/b.txt", "logs/a.log", "results/a.tsv"]
    assert remaps[1] == f"logs/a.log = {os.path.abspath('logs/a.log')}"  # noqa: PTH100


@pytest.mark.parametrize(
    ("files", "when"), [("brought_back/", "ON_EXIT_OR_EVICT"), ("out.txt", "ON_EXIT")]
)
def test_a_vacated_job_is_followed_by_what_it_left(files: str, when: str) -> None:
    description = {"transfer_output_files": files, "when_to_transfer_output": "ON_EXIT"}
    kept_when_vacated(description)
    assert description["when_to_transfer_output"] == when
