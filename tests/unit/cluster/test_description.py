"""What a job asks of the cluster, against descriptions written by hand."""

from pathlib import Path

import pytest

from mpn_rl.sweep.cluster.description import as_text
from mpn_rl.sweep.cluster.profile import Rule
from tests.fixtures.cluster_profiles import described, own_profile

TRAIN = Rule("train", 1, False)


def test_own_profile_asks_for_what_is_documented(tmp_path: Path) -> None:
    train = described(own_profile(tmp_path), TRAIN, tmp_path)
    assert train["request_cpus"] == "1"
    assert train["request_memory"] == "4GB"
    assert train["request_disk"] == 4096 * 1024
    assert "request_gpus" not in train
    assert "+CSCI_GrpDesktop" not in train
    evaluate = described(own_profile(tmp_path), Rule("evaluate", 1, False), tmp_path)
    assert (evaluate["request_cpus"], evaluate["request_memory"]) == ("1", "2GB")
    assert "OMP_NUM_THREADS=1 " in evaluate["environment"]
    assert not (tmp_path / "jobs").exists()


def test_memory_grows_with_the_attempt(tmp_path: Path) -> None:
    profile = own_profile(tmp_path)
    assert described(profile, TRAIN, tmp_path, attempt=3)["request_memory"] == "12GB"


def test_gpu_switch(tmp_path: Path) -> None:
    profile = own_profile(tmp_path, gpu=True)
    train = described(profile, TRAIN, tmp_path)
    assert (train["request_gpus"], train["request_cpus"]) == (1, "2")
    assert train["request_memory"] == "8GB"
    assert "OMP_NUM_THREADS=2 " in train["environment"]
    evaluate = described(profile, Rule("evaluate", 1, False), tmp_path)
    assert "request_gpus" not in evaluate
    assert evaluate["request_memory"] == "2GB"


def test_lab_flag_is_a_boolean(tmp_path: Path) -> None:
    description = described(own_profile(tmp_path, csci_desktop=True), TRAIN, tmp_path)
    assert description["+CSCI_GrpDesktop"] is True
    assert "+CSCI_GrpDesktop = true\n" in as_text(description)


def test_without_a_shared_file_system(tmp_path: Path) -> None:
    profile = own_profile(tmp_path, shared_files=False)
    assert profile["shared-fs-usage"] == "none"
    description = described(profile, TRAIN, tmp_path)
    assert "+ShouldTransferFiles" not in description
    assert description["transfer_executable"] is False
    assert "shared-fs-usage" not in own_profile(tmp_path)


def test_every_invocation_has_its_own_job_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = own_profile(tmp_path)["htcondor-steady-jobdir"]
    monkeypatch.setattr("os.getpid", lambda: 1)
    assert own_profile(tmp_path)["htcondor-steady-jobdir"] != first
