"""Profiles, what is wrong with them, and submit files: against hand-written ones."""

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mpn_rl.artifacts.experiment import write_config
from mpn_rl.cli.experiments import begin
from mpn_rl.cli.flags import given_hyperparameters, read_hyperparameters
from mpn_rl.cli.main import build_parser
from mpn_rl.cluster.checks import (
    Finding,
    description_findings,
    growth_findings,
    merged,
    profile_findings,
    request_findings,
)
from mpn_rl.cluster.description import as_text, describe_submission
from mpn_rl.cluster.machine import folder_findings, megabytes, size_findings
from mpn_rl.cluster.profile import Request, Rule, read_profile, read_rules, request_of
from mpn_rl.cluster.submit_files import GPU_MACHINE, Machine, argument_lines, write_submit
from mpn_rl.config.errors import ConfigError
from mpn_rl.config.hyperparameters import Hyperparameters
from mpn_rl.config.points import resolved, run_id
from mpn_rl.config.sweep import Sweep, read_sweep
from mpn_rl.errors import UserError

PROJECT = Path(__file__).resolve().parents[2]
TRAIN = Rule("train", 1, False)
GOOD = {
    "executor": "htcondor-steady",
    "htcondor-steady-jobdir": "x",
    "jobs": 5,
    "scheduler": "greedy",
    "retries": 2,
}


def own_profile(tmp_path: Path, **switches: bool) -> dict[str, Any]:
    """The project's profile with some of its switches thrown."""
    text = (PROJECT / "profiles" / "htcondor" / "config.yaml").read_text()
    for name, value in switches.items():
        assert f"  {name}: ?{not value}\n" in text
        text = text.replace(f"  {name}: ?{not value}\n", f"  {name}: ?{value}\n")
    (tmp_path / "config.yaml").write_text(text)
    return read_profile(tmp_path)


def described(profile: dict[str, Any], rule: Rule, tmp_path: Path, attempt: int = 1) -> Any:
    return describe_submission(request_of(profile, rule, attempt), tmp_path, "jobs")


def texts(findings: Any) -> list[str]:
    return [f"{finding.level}: {finding.what}" for finding in findings]


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


def test_every_line_of_the_profile_is_explained() -> None:
    lines = (PROJECT / "profiles" / "htcondor" / "config.yaml").read_text().splitlines()
    sections = {"__variables__:", "train:", "collect:", "analyse:", "?if", "?else:"}
    for before, line in itertools.pairwise(lines):
        words = line.split()
        if words and not words[0].startswith("#") and words[0] not in sections:
            assert before.strip().startswith("#") or before.split()[0] in sections, line


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


def test_rules_are_read_with_their_threads(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.smk").write_text(
        "rule first:\n    threads: 3\n\n\nrule second:\n    localrule: True\n"
    )
    rules = read_rules(tmp_path)
    assert rules == [Rule("first", 3, False), Rule("second", 1, True)]


@pytest.mark.parametrize("content", [None, "- a\n- b\n", "a: [\n"])
def test_unusable_profiles_are_user_errors(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "config.yaml").write_text(content)
    with pytest.raises(UserError, match=str(tmp_path)):
        read_profile(tmp_path)


def small_sweep() -> Sweep:
    base = {"task": "DelayedMatch-v0", "num_steps": None, "num_episodes": 5, "learn_eta": False}
    return read_sweep(
        {
            "sweep": {"name": "small", "base": base, "grid": {"core": ["mpn", "gru"]}},
            "seeds": {"first": 0, "count": 4, "per_job": 2},
        }
    )


def test_arguments_train_the_very_runs_of_the_sweep() -> None:
    sweep = small_sweep()
    lines = argument_lines(sweep)
    assert [line.split(", ")[0] for line in lines] == [
        f"{run}_seeds_{block}" for run in sweep.runs for block in ("0-1", "2-3")
    ]
    for line in lines:
        name, flags = line.split(", ")
        arguments = build_parser().parse_args(["train", *flags.split()])
        point, unused = read_hyperparameters(given_hyperparameters(arguments))
        assert unused == []
        assert f"results/runs/{run_id(point)}" == str(arguments.experiments)
        assert name == f"{run_id(point)}_{arguments.experiment_name}"
        assert arguments.experiment_name == "seeds_{}-{}".format(*arguments.seeds)


def test_finished_blocks_are_left_out(tmp_path: Path) -> None:
    sweep = small_sweep()
    run = next(iter(sweep.runs))
    assert len(argument_lines(sweep, [(run, "0-1")])) == 3
    everything = [(run, block) for run in sweep.runs for block in ("0-1", "2-3")]
    with pytest.raises(UserError, match="trained already"):
        write_submit(sweep, tmp_path, tmp_path, Machine(), Path("/bin/python"), everything)


def test_submit_file(tmp_path: Path) -> None:
    machine = replace(GPU_MACHINE, csci_desktop=True)
    path = write_submit(small_sweep(), tmp_path / "a", tmp_path, machine, Path("/bin/python"))
    lines = path.read_text().splitlines()
    assert "request_cpus = 2" in lines
    assert "request_gpus = 1" in lines
    assert "+CSCI_GrpDesktop = true" in lines
    assert f"initialdir = {tmp_path}" in lines
    assert lines[-1] == f"queue job, flags from {tmp_path}/a/arguments.txt"
    assert len((tmp_path / "a" / "arguments.txt").read_text().splitlines()) == 4


def test_paths_that_a_submit_file_cannot_say(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="blanks"):
        write_submit(small_sweep(), tmp_path / "a b", tmp_path, Machine(), Path("/bin/python"))


def test_a_job_that_starts_again_after_its_end_succeeds(tmp_path: Path) -> None:
    """As when the machine is taken away before the exit is told; another config is refused."""
    config = Hyperparameters(task="DelayedMatch-v0")
    write_config(tmp_path / "config.json", run="a", hyperparameters=resolved(config), seeds=[0])
    record = {"params": resolved(config), "seeds": [0]}
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "train.json").write_text(json.dumps(record))
    assert begin(tmp_path, config, [0], refuse_finished=False)
    with pytest.raises(ConfigError, match="is finished"):
        begin(tmp_path, config, [0])
    with pytest.raises(ConfigError, match="exists with"):
        begin(tmp_path, config, [1], refuse_finished=False)
