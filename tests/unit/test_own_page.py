"""docs/own.md: its modules work as they stand there, by its sweep and its checks."""

import re
import sys
from pathlib import Path

import pytest

from mpn_rl.sweep.config.sweep import load_sweep

PAGE = (Path(__file__).parents[2] / "docs" / "own.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's modules and sweep, from which they are imported."""
    task, core, analysis, _ = blocks("python")
    (tmp_path / "report.py").write_text(task)
    (tmp_path / "leaky.py").write_text(core)
    (tmp_path / "writing.py").write_text(analysis)
    (tmp_path / "config.yaml").write_text("".join(blocks("yaml")))
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("report", "leaky", "writing"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


@pytest.mark.usefixtures("own")
def test_they_keep_to_the_contracts() -> None:
    exec(compile(blocks("python")[-1], "own.md", "exec"), {})


def test_its_sweep_is_read(own: Path) -> None:
    sweep = load_sweep(own / "config.yaml")
    assert sweep.analyses == {"writing": "writing:Writing"}
    runs = sweep.runs.values()
    assert [run.core for run in runs] == ["mpn", "gru", "leaky:Leaky", "leaky:Leaky(leak=0.5)"]
    assert {run.task for run in runs} == {"report:Report(delay=5)"}
