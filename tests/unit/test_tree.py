"""What a process loads after its sources were edited."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mpn_rl.tree import ROOT


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package in a copy of the sources."""
    names = shutil.ignore_patterns("__pycache__")
    for folder in ("mpn_rl", "workflow"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=names)
    shutil.copy(ROOT / "Snakefile", tmp_path)
    return tmp_path / "mpn_rl"


def _run(package: Path, script: str) -> str:
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, '.'); {script}"]
    done = subprocess.run(
        command, cwd=package.parent, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("edit", ["path.write_text('LATE = 1')", "path.unlink()"])
def test_modules_are_loaded_as_the_process_began(package: Path, edit: str) -> None:
    script = (
        "from pathlib import Path; import mpn_rl; path = Path('mpn_rl/errors.py'); "
        f"{edit}; from mpn_rl.errors import UserError; import mpn_rl.errors as late; "
        "print(UserError.__name__, hasattr(late, 'LATE'), late.__file__)"
    )
    assert _run(package, script) == f"UserError False {package / 'errors.py'}"


def test_the_next_process_loads_what_was_edited(package: Path) -> None:
    look = "import mpn_rl.errors as late; print(hasattr(late, 'LATE'))"
    edit = "from pathlib import Path; open('mpn_rl/errors.py', 'a').write('LATE = 1\\n'); "
    assert _run(package, f"import mpn_rl; {edit}{look}") == "False"
    assert _run(package, look) == "True"


def test_a_package_inside_and_one_that_is_not_there(package: Path) -> None:
    script = (
        "from importlib.util import find_spec; import mpn_rl; "
        "print(find_spec('mpn_rl.tasks').submodule_search_locations, find_spec('mpn_rl.nothing'))"
    )
    assert _run(package, script) == f"{[str(package / 'tasks')]} None"


def test_kernels_are_compiled_from_sources_that_are_gone(package: Path) -> None:
    script = (
        "import shutil; import mpn_rl; shutil.rmtree('mpn_rl'); import numpy as np; "
        "from mpn_rl.compiled.parts import sum_rows; "
        "import mpn_rl.compiled.cells; "
        "total = np.zeros(2, np.float32); sum_rows(np.ones((3, 2), np.float32), total, 0); "
        "print(total)"
    )
    assert _run(package, script) == "[3. 3.]"
