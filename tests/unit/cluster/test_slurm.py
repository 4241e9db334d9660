"""What doctor says of a Slurm, whose programs are played by the test."""

import shutil
import subprocess

import pytest

from mpn_rl.sweep.cluster import slurm
from tests.fixtures.cluster_profiles import texts

CONFIG = "Configuration data\nMinJobAge               = {age} sec\n"
DESCRIPTIONS = {"train": {"command": "sbatch --mem 4096"}}


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, str]]:
    """Program -> exit code and text; each is there, and is never started."""
    said = {"scontrol": (0, CONFIG.format(age=300)), "sacct": (0, ""), "sbatch": (0, "")}

    def play(command: list[str]) -> "subprocess.CompletedProcess[str]":
        code, text = said[command[0]]
        return subprocess.CompletedProcess(command, code, text if code == 0 else "", text)

    monkeypatch.setattr(slurm, "_run", play)
    monkeypatch.setattr(shutil, "which", lambda name: name if name in said else None)
    return said


def findings(command: str = "squeue", seconds: int = 20) -> list[str]:
    settings = {
        "slurm_status_command": command,
        "slurm_init_seconds_before_status_checks": seconds,
    }
    found = [*slurm.controller_findings(settings), *slurm.submission_findings(DESCRIPTIONS)]
    return texts(found)


@pytest.mark.usefixtures("programs")
def test_a_cluster_with_nothing_wrong() -> None:
    assert findings() == []
    assert findings("sacct") == []


def test_a_database_that_is_not_there(programs: dict[str, tuple[int, str]]) -> None:
    programs["sacct"] = (1, "Slurm accounting storage is disabled")
    assert findings() == []
    [said] = findings("sacct")
    assert said == (
        "error: slurm-status-command: sacct says: sacct: Slurm accounting storage is disabled: "
        "the driver would never learn that a job has ended"
    )
    [said] = findings(seconds=101)
    assert "forgets jobs after 300 s (MinJobAge)" in said
    del programs["sacct"]
    assert "sacct is not here" in findings("sacct")[0]


def test_a_controller_that_is_away(programs: dict[str, tuple[int, str]]) -> None:
    programs["scontrol"] = (1, "Unable to contact slurm controller")
    assert findings()[0].startswith("error: controller: cannot be reached from here (scontrol: ")


def test_a_job_that_is_refused(programs: dict[str, tuple[int, str]]) -> None:
    programs["sbatch"] = (1, "Invalid account")
    assert findings() == ["error: train: sbatch: Invalid account"]
    programs.clear()
    assert findings() == ["error: sbatch: not here; start this where jobs can be submitted"]
