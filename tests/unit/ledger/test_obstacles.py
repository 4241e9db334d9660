"""What would stop the engine: told in a sentence each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mpn_rl.sweep.cli.main import main
from mpn_rl.sweep.ledger.obstacles import driver_in, obstacles


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_folder_in_which_nothing_stands_in_the_way(tmp_path: Path) -> None:
    assert [*obstacles(tmp_path)] == []


def test_results_that_are_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "results" / "runs").mkdir(parents=True)
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path / "results")
    [told] = obstacles(tmp_path)
    assert told.startswith(f"{tmp_path / 'results'}: cannot be written to")


def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    [told] = obstacles(tmp_path)
    assert "set XDG_CACHE_HOME" in told


def test_a_lock_of_a_dead_driver(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    locks = tmp_path / ".snakemake" / "locks"
    locks.mkdir(parents=True)
    (locks / "0.input.lock").touch()
    [told] = obstacles(tmp_path)
    assert "snakemake --unlock" in told
    with pytest.raises(SystemExit) as ended:
        main(["check", "config/test.yaml", "--directory", str(tmp_path)])
    assert ended.value.code == 1
    assert "snakemake --unlock" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_lock_of_a_driver_that_lives(tmp_path: Path) -> None:
    (tmp_path / ".snakemake" / "locks").mkdir(parents=True)
    (tmp_path / ".snakemake" / "locks" / "0.input.lock").touch()
    (tmp_path / "snakemake").write_text("print(flush=True); input()")
    process = subprocess.Popen(
        [sys.executable, "snakemake"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    try:
        assert process.stdout is not None
        process.stdout.read(1)  # until it runs, its command line may still be empty
        assert driver_in(tmp_path) == process.pid
        assert [*obstacles(tmp_path)] == []
    finally:
        process.kill()
        process.communicate()
