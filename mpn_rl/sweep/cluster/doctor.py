"""Looks at everything that would be submitted, before it is."""

import re
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mpn_rl.errors import UserError
from mpn_rl.sweep.cluster import slurm
from mpn_rl.sweep.cluster.checks import (
    EXECUTOR,
    Finding,
    description_findings,
    engine_findings,
    merged,
    profile_findings,
    request_findings,
)
from mpn_rl.sweep.cluster.description import as_text, describe_submission
from mpn_rl.sweep.cluster.pool import folder_findings, pool_findings, submission_findings
from mpn_rl.sweep.cluster.profile import Plan, read_plan

SLURM = "slurm"
# Executor -> its package, and the extra of ours that installs it.
_PACKAGES = {
    EXECUTOR: ("snakemake_executor_plugin_htcondor", "htcondor"),
    SLURM: ("snakemake_executor_plugin_slurm", "slurm"),
}


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
        return "\n".join(map(str, self.findings)) or "nothing is wrong"


def doctor(profile: Path, workflow: Path, directory: Path) -> Diagnosis:
    """Examine a profile for a workflow (the folder of its rules) with results in `directory`.

    Raises UserError where there is no profile or no workflow.
    """
    profile, workflow, directory = profile.resolve(), workflow.resolve(), directory.resolve()
    _refuse_missing(profile)
    # the engine and the executor leave folders where they work
    with TemporaryDirectory() as scratch, chdir(scratch):
        plan = read_plan(profile, workflow.parent / "Snakefile")
        descriptions = _descriptions(plan)
    findings = [*_findings(plan, descriptions)]
    findings += folder_findings({"workflow": workflow, "working directory": directory})
    return Diagnosis(descriptions, merged(findings, plan.requests))


def _refuse_missing(profile: Path) -> None:
    """Raise UserError where the profile's executor is not installed."""
    texts = [path.read_text() for path in sorted(profile.glob("config*.yaml"))]
    named = re.search(r"^executor:\s*['\"]?([\w-]+)", "\n".join(texts), re.MULTILINE)
    executor = named[1] if named else ""
    package, extra = _PACKAGES.get(executor, ("", ""))
    if package and find_spec(package) is None:
        raise UserError(
            f"{profile}: its executor {executor} is not here; pip install 'mpn-rl[{extra}]'"
        )


def _descriptions(plan: Plan) -> dict[str, dict[str, Any]]:
    first = {rule: requests[0] for rule, requests in plan.requests.items()}
    if plan.settings["executor"] == SLURM:
        return {rule: slurm.describe_submission(one, plan.settings) for rule, one in first.items()}
    if plan.settings["executor"] != EXECUTOR:
        return {}
    jobdir = str(plan.settings["htcondor_steady_jobdir"])
    return {rule: describe_submission(one, jobdir) for rule, one in first.items()}


def _findings(plan: Plan, descriptions: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    for rule in descriptions:
        yield from request_findings(*plan.requests[rule])
    if plan.settings["executor"] == SLURM:
        yield from engine_findings(plan.settings)
        yield from slurm.controller_findings(plan.settings)
        yield from slurm.submission_findings(descriptions)
        return
    yield from profile_findings(plan.settings)
    for rule, description in descriptions.items():
        yield from description_findings(rule, description)
    yield from submission_findings(descriptions)
    yield from pool_findings([plan.requests[rule][0] for rule in descriptions])
