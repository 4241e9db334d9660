"""Results of the first version (0.1, commit 6b90c83): read, audited, accepted or refused.

`tests/fixtures/results_of_0_1.tar.xz` holds the results of a small sweep and its config, without
what the engine remembers of them.
"""

import tarfile
from pathlib import Path

import pytest

from mpn_rl.artifacts.activity import read_activity
from mpn_rl.artifacts.checkpoint import read_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.history import read_history
from mpn_rl.artifacts.pca import read_pca
from mpn_rl.sweep.ledger.audit import audit
from tests.workflow.project import ROOT, Project

pytestmark = [pytest.mark.workflow]

PACKED = ROOT / "tests" / "fixtures" / "results_of_0_1.tar.xz"


@pytest.fixture
def released(tmp_path: Path) -> Project:
    """A project of today with the results of then."""
    project = Project.create(tmp_path / "project")
    with tarfile.open(PACKED) as archive:
        archive.extractall(project.folder, filter="data")
    return project


def test_they_are_read_and_audited(released: Project) -> None:
    result = audit(released.folder / "results")
    assert result.checked > 20
    assert not result.false
    assert {finding.kind for finding in result.findings} == {"old code"}
    for home in released.files("runs/*/seeds_0-0"):
        assert read_checkpoint(home / "checkpoints" / "final_model.pt").completed == [0]
        assert read_history(home / "training_history.json")[0]["status"] == "completed"
        with pytest.raises(ArtifactError, match="was recorded by an earlier version"):
            read_activity(home / "analysis" / "activity.npz")
        assert len(read_pca(home / "analysis" / "pca.csv"))


def test_they_are_stale_by_code_and_nothing_computes_without_need(released: Project) -> None:
    assert released.stale()["train"] == 2


@pytest.mark.slow
def test_what_is_computed_otherwise_since_is_refused_by_name(released: Project) -> None:
    """Histories of mpn hold the course of eta and lambda since; gru is computed by kernels."""
    before = released.stale()
    done = released.run("python", "-m", "mpn_rl", "accept", "results")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    for run in ("DelayedMatch-v0_mpn_5042c656", "DelayedMatch-v0_gru_24b4c8a5"):
        assert f"{run}, seeds 0-0: train, seed 0: training_history.json: seed 0, " in said
    assert "13 of 13 groups are not accepted" in said
    assert released.stale() == before
    released.build()
    assert released.stale() == {}
