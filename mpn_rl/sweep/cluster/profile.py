"""What a profile asks for in each rule's name, as the engine itself reads both."""

import io
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpn_rl.errors import UserError
from snakemake_executor_plugin_htcondor_steady.words import implied


@dataclass(frozen=True)
class Request:
    """What one job of a rule asks for, with what the executor adds."""

    rule: str
    threads: int
    resources: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """The engine's settings (executor, retries, …), and what each rule's attempts 1 and 2 ask for.

    Rules that run where the driver does ask for nothing and are left out.
    """

    settings: dict[str, Any]
    requests: dict[str, tuple[Request, Request]]


def read_plan(profile: Path, snakefile: Path) -> Plan:
    """Read a profile (a folder) for a workflow; the working directory gets a `.snakemake`.

    Raises UserError where either is missing or cannot be read.
    """
    from snakemake.cli import parse_args

    if not any(profile.glob("config*.yaml")):
        raise UserError(f"{profile}: no profile (config.yaml) is there")
    if not snakefile.is_file():
        raise UserError(f"{snakefile}: no workflow is there")
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            _, given = parse_args(["--snakefile", str(snakefile), "--profile", str(profile)])
            return Plan(vars(given), _requests(given, snakefile))
    except (Exception, SystemExit) as error:  # the engine's, YAML's and whatever expressions raise
        reason = str(error) if isinstance(error, Exception) else said.getvalue().strip()
        raise UserError(f"{profile} for {snakefile}: {reason}") from None


def _requests(given: Any, snakefile: Path) -> dict[str, tuple[Request, Request]]:
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import OutputSettings, Quietness, ResourceSettings

    settings = ResourceSettings(
        default_resources=given.default_resources,
        overwrite_resources=given.set_resources,
        overwrite_threads=given.set_threads,
    )
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(settings, snakefile=snakefile)._get_workflow()
        workflow.include(snakefile, overwrite_default_target=True)
        return {
            rule.name: (_request(rule, 1), _request(rule, 2))
            for rule in workflow.rules
            if rule.name not in workflow._localrules and not rule.norun
        }


def _request(rule: Any, attempt: int) -> Request:
    from snakemake.iocontainers import InputFiles, Wildcards

    resources = dict(rule.expand_resources(Wildcards(), InputFiles(), attempt).items())
    threads = resources.pop("_cores")
    return Request(rule.name, threads, resources | implied(resources))
