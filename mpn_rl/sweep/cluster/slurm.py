"""What a profile for Slurm would submit, and what the cluster says to it: asked, never changed."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from mpn_rl.sweep.cluster.checks import Finding
from mpn_rl.sweep.cluster.profile import Request

_DEFAULT_AGE = 300  # seconds for which Slurm, as it comes, remembers a job that ended


class _Resources(dict[str, Any]):
    """A job's resources as the plugin reads them: by key and by attribute."""

    __getattr__ = dict.__getitem__


def describe_submission(request: Request, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the command that submits one job, made by the plugin's own code."""
    from snakemake_executor_plugin_slurm.submit_string import get_submit_command
    from snakemake_executor_plugin_slurm.utils import set_gres_string

    resources = _Resources(request.resources)
    job = SimpleNamespace(name=request.rule, threads=request.threads, resources=resources)
    own = {name.removeprefix("slurm_"): value for name, value in settings.items()}
    named = (("-A", "slurm_account"), ("-p", "slurm_partition"))
    account, partition = (f"{flag} {resources[n]}" if n in resources else "" for flag, n in named)
    logdir = own.get("logdir") or ".snakemake/slurm_logs"
    parameters = {
        "run_uuid": "mpn-rl",
        "slurm_logfile": f"{logdir}/rule_{request.rule}/%j.log",
        "comment_str": f"rule_{request.rule}",
        "account": account,
        "partition": partition,
        "workdir": ".",
    }
    call = get_submit_command(job, parameters, SimpleNamespace(**own)) + set_gres_string(job)
    return {"command": " ".join(call.split())}


def submission_findings(descriptions: Mapping[str, dict[str, Any]]) -> Iterator[Finding]:
    """Try each rule's command with `sbatch --test-only`."""
    if shutil.which("sbatch") is None:
        yield Finding("error", "sbatch", "not here; start this where jobs can be submitted")
        return
    for rule, description in descriptions.items():
        words = [*shlex.split(description["command"]), "--test-only", "--wrap=true"]
        if (text := _refusal(words)) is not None:
            yield Finding("error", rule, text)


def controller_findings(settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Ask the controller whether it is there, and whether the driver can learn how jobs end."""
    if shutil.which("scontrol") is None:
        return
    if (text := _refusal(["scontrol", "ping"])) is not None:
        yield Finding("error", "controller", f"cannot be reached from here ({text})")
        return
    age = _min_job_age()
    needed = 3 * int(settings.get("slurm_init_seconds_before_status_checks") or 40)
    asks_database = settings.get("slurm_status_command") == "sacct" or age < needed
    if not asks_database:
        return
    why = (
        ""
        if settings.get("slurm_status_command") == "sacct"
        else (
            f"the controller forgets jobs after {age} s (MinJobAge), and three times "
            f"slurm-init-seconds-before-status-checks are {needed} s, so sacct is asked; "
        )
    )
    if shutil.which("sacct") is None or (text := _refusal(["sacct", "-n", "-X"])) is not None:
        reason = "is not here" if shutil.which("sacct") is None else f"says: {text}"
        what = f"{why}sacct {reason}: the driver would never learn that a job has ended"
        yield Finding("error", "slurm-status-command", what)


def _min_job_age() -> int:
    said = _run(["scontrol", "show", "config"]).stdout
    found = re.search(r"^MinJobAge\s*=\s*(\d+)", said, re.MULTILINE)
    return int(found[1]) if found else _DEFAULT_AGE


def _refusal(command: list[str]) -> str | None:
    """What a command says where it fails, in one line; None if it does not."""
    done = _run(command)
    said = done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}"
    first = said.splitlines()[0].removeprefix(f"{command[0]}: ")
    return None if done.returncode == 0 else f"{command[0]}: {first}"


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", "no answer within 60 s")
