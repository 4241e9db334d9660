"""What a job asks of the cluster, against descriptions written by hand."""

from pathlib import Path

import pytest

from mpn_rl.sweep.cluster.description import as_text
from tests.fixtures.cluster_profiles import described, own_profile, plan_of


def test_own_profile_asks_for_what_is_documented(tmp_path: Path) -> None:
    requests = own_profile(tmp_path).requests
    train = described(requests["train"][0], tmp_path)
    assert train["request_cpus"] == "1"
    assert train["request_memory"] == "4GB"
    assert train["request_disk"] == 4096 * 1024
    assert "request_gpus" not in train
    assert "+CSCI_GrpDesktop" not in train
    assert "allowed_execute_duration" not in train
    evaluate = described(requests["evaluate"][0], tmp_path)
    assert (evaluate["request_cpus"], evaluate["request_memory"]) == ("1", "2GB")
    assert "OMP_NUM_THREADS=1 " in evaluate["environment"]


def test_memory_grows_with_the_attempt(tmp_path: Path) -> None:
    _, second = own_profile(tmp_path).requests["train"]
    assert described(second, tmp_path)["request_memory"] == "8GB"


def test_gpu_switch(tmp_path: Path) -> None:
    requests = own_profile(tmp_path, gpu=True).requests
    train = described(requests["train"][0], tmp_path)
    assert (train["request_gpus"], train["request_cpus"]) == (1, "2")
    assert train["request_memory"] == "8GB"
    assert "OMP_NUM_THREADS=2 " in train["environment"]
    evaluate = described(requests["evaluate"][0], tmp_path)
    assert "request_gpus" not in evaluate
    assert evaluate["request_memory"] == "2GB"


def test_lab_flag_is_a_boolean(tmp_path: Path) -> None:
    train, _ = own_profile(tmp_path, csci_desktop=True).requests["train"]
    description = described(train, tmp_path)
    assert description["+CSCI_GrpDesktop"] is True
    assert "+CSCI_GrpDesktop = true\n" in as_text(description)


def test_without_a_shared_file_system(tmp_path: Path) -> None:
    plan = own_profile(tmp_path, shared_files=False)
    assert plan.settings["shared_fs_usage"] == frozenset()
    description = described(plan.requests["train"][0], tmp_path)
    assert "+ShouldTransferFiles" not in description
    assert description["transfer_executable"] is False
    assert own_profile(tmp_path).settings["shared_fs_usage"]


def test_every_invocation_has_its_own_job_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = own_profile(tmp_path).settings["htcondor_steady_jobdir"]
    monkeypatch.setattr("os.getpid", lambda: 1)
    assert own_profile(tmp_path).settings["htcondor_steady_jobdir"] != first


def test_the_engine_s_words_and_quoted_texts_mean_what_they_say(tmp_path: Path) -> None:
    profile = """
executor: htcondor-steady
default-resources:
  mem_mb: 4000 * attempt
  disk_mb: 3000
  runtime: 60
  classad_CSCI_GrpDesktop: "'true'"
  htcondor_submit_kill_sig: "'SIGTERM'"
"""
    description = described(plan_of(profile, tmp_path).requests["train"][0], tmp_path)
    assert description["request_memory"] == "4000MB"
    assert description["request_disk"] == 3000 * 1024
    assert description["allowed_execute_duration"] == 3600
    assert description["+CSCI_GrpDesktop"] is True
    assert description["kill_sig"] == "SIGTERM"
    assert description["getenv"].startswith("PATH,")
