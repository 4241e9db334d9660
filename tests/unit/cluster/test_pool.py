"""Folders that jobs can use."""

from pathlib import Path

from mpn_rl.sweep.cluster.pool import folder_findings
from tests.fixtures.cluster_profiles import texts


def test_folders_that_jobs_cannot_use(tmp_path: Path) -> None:
    found = texts(folder_findings({"workflow": tmp_path / "none"}, tmp_path / "python"))
    assert f"error: Python: {tmp_path}/python cannot be started" in found
    assert f"error: workflow: {tmp_path}/none cannot be read" in found
