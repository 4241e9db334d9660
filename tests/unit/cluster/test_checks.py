"""What is wrong with a profile."""

from pathlib import Path
from typing import Any

import pytest

from mpn_rl.sweep.cluster.checks import (
    Finding,
    description_findings,
    growth_findings,
    merged,
    profile_findings,
    request_findings,
)
from mpn_rl.sweep.cluster.profile import Request, read_rules, request_of
from tests.fixtures.cluster_profiles import PROJECT, described, own_profile, texts

GOOD = {
    "executor": "htcondor-steady",
    "htcondor-steady-jobdir": "x",
    "jobs": 5,
    "scheduler": "greedy",
    "retries": 2,
}


def test_own_profile_has_nothing_wrong(tmp_path: Path) -> None:
    profile = own_profile(tmp_path, csci_desktop=True, gpu=True)
    assert list(profile_findings(profile, {})) == []
    rules = [rule for rule in read_rules(PROJECT / "workflow") if not rule.local]
    assert {rule.name for rule in rules} >= {"train", "evaluate", "summarise"}
    for rule in rules:
        first, second = request_of(profile, rule), request_of(profile, rule, 2)
        assert list(request_findings(first)) == []
        assert list(growth_findings(first, second)) == []
        assert list(description_findings(rule.name, described(profile, rule, tmp_path))) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"executor": "slurm"}, "error: executor: 'slurm' sends nothing to HTCondor"),
        ({"jobs": 0}, "error: jobs: missing"),
        ({"scheduler": "ilp"}, "warning: scheduler: not greedy"),
        ({"retries": 0}, "warning: retries: none"),
        (
            {"groups": {"train": "a"}, "default-resources": {"classad_X": True}},
            "error: groups: numbers are added up",
        ),
    ],
)
def test_profile_findings(change: dict[str, Any], said: str) -> None:
    found = texts(profile_findings(GOOD | change, {}))
    assert len(found) == 1
    assert found[0].startswith(said)


def test_missing_job_folder_is_an_error() -> None:
    profile = {key: value for key, value in GOOD.items() if "jobdir" not in key}
    assert texts(profile_findings(profile, {}))[0].startswith("error: htcondor-steady-jobdir")


def test_default_profile_must_not_hold_resources() -> None:
    found = texts(profile_findings(GOOD, {"default-resources": {}, "cores": "all"}))
    assert found == ["error: default-resources: stands in profiles/default too, and that one wins"]


@pytest.mark.parametrize("text", ["true", "True", "'true'", '"False"'])
def test_string_booleans_are_errors(text: str) -> None:
    found = texts(request_findings(Request("train", 1, {"classad_CSCI_GrpDesktop": text})))
    assert len(found) == 1
    assert "without quotes" in found[0]


def test_what_is_dropped_is_an_error() -> None:
    resources = {"mem_mb": 4000, "runtime": 60, "classad_X": True, "htcondor_request_mem_mb": 5}
    found = texts(request_findings(Request("train", 1, resources)))
    assert [text.split()[2] for text in found] == ["mem_mb", "runtime"]


def test_quoted_bare_words_are_errors() -> None:
    resources = {"htcondor_submit_kill_sig": "SIGTERM", "htcondor_submit_job_max_vacate_time": 60}
    found = texts(request_findings(Request("train", 1, resources)))
    assert found == [
        "error: train: htcondor_submit_kill_sig is refused by HTCondor; say classad_KillSig"
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
    description = {"request_memory": "2GB", "request_disk": 1, "getenv": getenv}
    found = texts(description_findings("train", description | {"environment": environment}))
    assert any("no PATH" in text for text in found) != has_path


def test_findings_of_every_rule_are_said_once() -> None:
    findings = [Finding("error", f"{rule}: no PATH") for rule in "abc"]
    findings += [Finding("error", "a: no memory"), Finding("warning", "jobs: few")]
    assert texts(merged(findings, 3)) == [
        "error: a: no memory",
        "error: every rule: no PATH",
        "warning: jobs: few",
    ]
