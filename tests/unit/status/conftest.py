"""A project whose sweep has not begun."""

import json
from pathlib import Path

import pytest

from mpn_rl.sweep.config.sweep import Sweep, read_sweep
from tests.fixtures.sweep_status import DATA


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text(json.dumps(DATA))
    return tmp_path


@pytest.fixture
def sweep() -> Sweep:
    return read_sweep(DATA)
