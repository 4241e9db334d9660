"""Looks at everything that would be submitted, before it is."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpn_rl.errors import UserError
from mpn_rl.sweep.cluster.checks import (
    Finding,
    description_findings,
    growth_findings,
    merged,
    profile_findings,
    request_findings,
)
from mpn_rl.sweep.cluster.description import as_text, describe_submission, refusal
from mpn_rl.sweep.cluster.machine import folder_findings, pool_findings, this_python
from mpn_rl.sweep.cluster.profile import read_profile, read_rules, request_of


@dataclass(frozen=True)
class Diagnosis:
    """The submit description per rule, and what is wrong, errors first."""

    descriptions: dict[str, dict[str, Any]]
    findings: list[Finding]

    @property
    def healthy(self) -> bool:
        """Whether nothing but warnings was found."""
        return not any(finding.level == "error" for finding in self.findings)

    @property
    def submit_files(self) -> str:
        """The description of one job of each rule, in the form of a submit file."""
        return "\n".join(f"# {rule}\n{as_text(one)}" for rule, one in self.descriptions.items())

    @property
    def summary(self) -> str:
        """A line per finding."""
        lines = [f"{finding.level}: {finding.what}" for finding in self.findings]
        return "\n".join(lines or ["nothing is wrong"])


def doctor(profile_folder: Path, workflow: Path, directory: Path) -> Diagnosis:
    """Examine a profile for a workflow whose results go to `directory`.

    Raises UserError where there is no profile or no workflow.
    """
    profile = read_profile(profile_folder)
    rules = [rule for rule in read_rules(workflow) if not rule.local]
    findings = list(profile_findings(profile, _default_of(workflow)))
    jobdir = str(profile.get(f"{profile.get('executor')}-jobdir") or ".snakemake/htcondor")
    log = directory / jobdir / "snakemake-rules.log"
    if log.exists():
        findings.append(Finding("error", f"jobdir: {log} holds events of an earlier invocation"))
    descriptions = {}
    for rule in rules:
        first, second = (request_of(profile, rule, attempt) for attempt in (1, 2))
        descriptions[rule.name] = describe_submission(first, directory, jobdir)
        findings += request_findings(first)
        findings += growth_findings(first, second)
        findings += description_findings(rule.name, descriptions[rule.name])
    findings += _refusals(descriptions)
    folders = {"workflow": workflow.resolve(), "working directory": directory.resolve()}
    findings += folder_findings(folders, this_python())
    findings += pool_findings(descriptions)
    return Diagnosis(descriptions, merged(findings, len(rules)))


def _default_of(workflow: Path) -> dict[str, Any]:
    try:
        return read_profile(workflow.parent / "profiles" / "default")
    except UserError:
        return {}


def _refusals(descriptions: Mapping[str, dict[str, Any]]) -> list[Finding]:
    if shutil.which("condor_submit") is None:
        return [Finding("warning", "condor_submit: not here; descriptions were not tried on it")]
    said = {rule: refusal(description) for rule, description in descriptions.items()}
    return [
        Finding("error", f"{rule}: condor_submit: {text}") for rule, text in said.items() if text
    ]
