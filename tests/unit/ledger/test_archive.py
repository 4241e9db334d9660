"""What an archive of results holds."""

from pathlib import Path

import pytest

from mpn_rl.sweep.config.sweep import read_sweep
from mpn_rl.sweep.ledger.archive import members


def test_modules_of_tasks_cores_and_analyses_travel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("archived_task", "archived_core", "archived_analysis", "archived_other"):
        (tmp_path / f"{name}.py").write_text("import archived_beside\n")
    (tmp_path / "archived_beside.py").write_text("")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "summary.pdf").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    base = {"task": "archived_task:Task", "core": "archived_core:Core", "learner": "pqn"}
    analyses = {"own": "archived_analysis:Analysis(lags=2)"}
    sweep = read_sweep({"sweep": {"base": base}, "analyses": analyses})
    found = members(tmp_path / "results", {tmp_path / "config.yaml": sweep})
    own = {name for name in found if name.startswith("archived_")}
    assert own == {f"archived_{name}.py" for name in ("task", "core", "analysis", "beside")}
