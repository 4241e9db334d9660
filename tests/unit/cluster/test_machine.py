"""Folders and machines that jobs can use."""

from pathlib import Path
from typing import Any

import pytest

from mpn_rl.sweep.cluster.machine import folder_findings, megabytes, size_findings
from tests.fixtures.cluster_profiles import texts


def test_folders_that_jobs_cannot_use(tmp_path: Path) -> None:
    found = texts(folder_findings({"workflow": tmp_path / "none"}, tmp_path / "python"))
    assert f"error: Python: {tmp_path}/python cannot be started" in found
    assert f"error: workflow: {tmp_path}/none cannot be read" in found


@pytest.mark.parametrize(
    ("text", "expected"), [("4GB", 4096), ("100MB", 100), (2048, 2048), ("1.5*X", 0)]
)
def test_megabytes(text: Any, expected: int) -> None:
    assert megabytes({"request_memory": text}) == expected


def test_machines_must_be_large_enough() -> None:
    machines = [{"TotalSlotCpus": 4, "TotalSlotMemory": 8000}, {"TotalSlotCpus": 1}]
    small = {"request_cpus": "4", "request_memory": "4GB"}
    assert list(size_findings({"train": small}, machines)) == []
    found = texts(size_findings({"train": small | {"request_gpus": 1}}, machines))
    assert found == ["error: train: no machine of the pool has 4 cpus, 4096 MB, 1 GPUs"]
    assert texts(size_findings({"train": small}, [])) == ["error: pool: has no machines now"]
