"""`mpn-rl init`: what a new project holds, and that nothing is overwritten."""

from pathlib import Path

import pytest

from mpn_rl.sweep.cli import main
from mpn_rl.tree import PROJECT


def test_a_new_project_has_configs_profiles_and_the_files_that_run_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["init", str(tmp_path / "new")])
    assert "make run" in capsys.readouterr().out
    shared = [p for part in ("config", "profiles") for p in (PROJECT / part).rglob("*.*")]
    wanted = {path.relative_to(PROJECT) for path in shared} | {Path("Snakefile"), Path("Makefile")}
    made = {p.relative_to(tmp_path / "new") for p in (tmp_path / "new").rglob("*") if p.is_file()}
    assert made == wanted
    assert (tmp_path / "new/config/config.yaml").read_bytes() == (
        PROJECT / "config/config.yaml"
    ).read_bytes()


def test_what_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Makefile").write_text("mine")
    with pytest.raises(SystemExit, match="1"):
        main(["init", str(tmp_path)])
    assert "nothing is overwritten" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["Makefile"]
