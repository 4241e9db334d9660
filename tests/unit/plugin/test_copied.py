"""Jobs of a sweep parse and carry the copy that it began with; those of other workflows none."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake_interface_executor_plugins.settings import SharedFSUsage

from snakemake_executor_plugin_htcondor_steady.copied import copied_files, copied_snakefile
from tests.fixtures.htcondor_fakes import Bench

CODE, OWN = "copies/code/abc", "copies/own/def"


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a file that names two copies, each with a cache beside its code."""
    monkeypatch.chdir(tmp_path)
    for name in (f"{CODE}/Snakefile", f"{CODE}/mpn_rl/a.py", f"{OWN}/tasks.py"):
        path = tmp_path / name
        (path.parent / "__pycache__").mkdir(parents=True)
        (path.parent / "__pycache__" / "a.pyc").touch()
        path.touch()
    (tmp_path / OWN / "data").symlink_to(tmp_path)
    path = tmp_path / "asked.json"
    path.write_text(json.dumps({"search": [CODE, OWN]}))
    monkeypatch.setenv("MPN_RL_ASKED", "asked.json")
    return path


def bench(folder: Path, *shared: SharedFSUsage) -> Bench:
    made = Bench(folder)
    workflow: Any = made.workflow
    workflow.storage_settings = SimpleNamespace(shared_fs_usage=frozenset(shared))
    made.snakefile = "/live/Snakefile"
    return made


def test_jobs_parse_the_copy_where_files_are_shared(asked: Path) -> None:
    folder = asked.parent
    assert bench(folder, SharedFSUsage.SOURCES).get_snakefile() == str(folder / CODE / "Snakefile")


def test_jobs_parse_the_copy_that_travels(asked: Path) -> None:
    assert bench(asked.parent).get_snakefile() == f"{CODE}/Snakefile"


def test_what_travels_is_code_without_caches_and_links(asked: Path) -> None:
    code = [f"{CODE}/Snakefile", f"{CODE}/mpn_rl/a.py"]
    assert copied_files() == [asked.name, *code, f"{OWN}/tasks.py"]


@pytest.mark.parametrize("gone", ["variable", "file", "copy"])
def test_without_a_copy_jobs_parse_what_the_driver_parsed(
    gone: str, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if gone == "variable":
        monkeypatch.delenv("MPN_RL_ASKED")
    elif gone == "file":
        asked.write_text("{")
    else:
        (asked.parent / CODE / "Snakefile").unlink()
    assert copied_snakefile() is None
    assert bench(asked.parent).get_snakefile() == "/live/Snakefile"
