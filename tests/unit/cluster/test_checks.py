"""What is wrong with a profile."""

from pathlib import Path
from typing import Any

import pytest

from mpn_rl.sweep.cluster.checks import (
    Finding,
    description_findings,
    merged,
    profile_findings,
    request_findings,
    size_findings,
)
from mpn_rl.sweep.cluster.profile import Request
from tests.fixtures.cluster_profiles import described, own_profile, texts

GOOD = {
    "executor": "htcondor-steady",
    "htcondor_steady_jobdir": "x",
    "scheduler": "greedy",
    "retries": 2,
}


def test_own_profile_has_nothing_wrong(tmp_path: Path) -> None:
    plan = own_profile(tmp_path, csci_desktop=True, gpu=True)
    assert list(profile_findings(plan.settings)) == []
    assert plan.requests.keys() >= {"train", "evaluate", "summarise"}
    assert "all" not in plan.requests
    for rule, (first, second) in plan.requests.items():
        assert list(request_findings(first, second)) == []
        assert list(description_findings(rule, described(first, tmp_path))) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"executor": "htcondor"}, "error: executor: 'htcondor' is not htcondor-steady"),
        ({"htcondor_steady_jobdir": None}, "error: htcondor-steady-jobdir: missing"),
        ({"scheduler": "ilp"}, "warning: scheduler: not greedy"),
        ({"retries": 0}, "warning: retries: none"),
    ],
)
def test_profile_findings(change: dict[str, Any], said: str) -> None:
    assert list(profile_findings(GOOD)) == []
    found = texts(profile_findings(GOOD | change))
    assert len(found) == 1
    assert found[0].startswith(said)


def test_memory_that_does_not_grow_is_doubtful() -> None:
    same = Request("train", 1, {"htcondor_request_mem_mb": 5})
    assert texts(request_findings(same, same)) == [
        "warning: train: htcondor_request_mem_mb does not grow with `attempt`; a job that ran "
        "out of memory fails again"
    ]


@pytest.mark.parametrize(
    ("getenv", "environment", "has_path"),
    [
        (False, "", False),
        (True, "", True),
        ("'PATH,HOME'", "", True),
        ("HOME,MYPATH", "", False),
        (False, '"PATH=/bin A=1"', True),
    ],
)
def test_path_in_the_environment(getenv: Any, environment: str, has_path: bool) -> None:
    description = {"getenv": getenv, "environment": environment}
    found = texts(description_findings("train", description))
    assert any("no PATH" in text for text in found) != has_path


def test_machines_must_be_large_enough() -> None:
    machines = [{"TotalSlotCpus": 4, "TotalSlotMemory": 8000}, {"TotalSlotCpus": 1}]
    small = {"htcondor_request_mem_mb": 4096}
    assert list(size_findings(Request("train", 4, small), machines)) == []
    found = texts(size_findings(Request("train", 4, small | {"request_gpus": 1}), machines))
    assert found == ["error: train: no machine of the pool has 4 cpus, 4096 MB, 1 GPUs"]


def test_findings_of_every_rule_are_said_once() -> None:
    findings = [Finding("error", rule, "no PATH") for rule in "abc"]
    findings += [Finding("error", "a", "no memory"), Finding("warning", "jobs", "few")]
    assert texts(merged(findings, "abc")) == [
        "error: a: no memory",
        "error: every rule: no PATH",
        "warning: jobs: few",
    ]
