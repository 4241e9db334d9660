"""The notebook of docs/: without outputs in the repository, and every cell runs."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[3] / "docs" / "notebook.ipynb"


def cells() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(NOTEBOOK.read_text())["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def source() -> str:
    return "\n".join("".join(map(str, cell["source"])) for cell in cells())  # type: ignore[attr-defined]


def test_it_holds_no_outputs_and_only_code_that_parses() -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells())
    assert len(NOTEBOOK.read_bytes()) < 20_000
    ast.parse(source())


@pytest.mark.slow
def test_every_cell_runs(tmp_path: Path) -> None:
    script = f"import matplotlib; matplotlib.use('Agg')\n{source()}\nassert len(both) == 2\n"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "experiments" / "mpn" / "checkpoints" / "final_model.pt").exists()
