"""The submit description of a request, made by the executor that would submit it."""

import logging
import subprocess
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from mpn_rl.sweep.cluster.profile import Request

ARGUMENTS = "-m snakemake …"


def describe_submission(request: Request, jobdir: str) -> dict[str, Any]:
    """Return the submit description of one job: HTCondor's commands and their values.

    It comes from the executor's own code, with all that this makes of the request and without
    what it drops. A folder for the job's log files is made in `jobdir`.
    """
    import snakemake_executor_plugin_htcondor as public

    from snakemake_executor_plugin_htcondor_steady.executor import Executor

    class Describing(Executor):
        def __init__(self) -> None:
            storage = SimpleNamespace(shared_fs_usage=True)
            self.workflow = SimpleNamespace(storage_settings=storage)
            self.logger = logging.getLogger(__name__)
            self.jobDir, self._unified_log_file = jobdir, f"{jobdir}/snakemake-rules.log"

        def envvars(self) -> dict[str, str]:
            return {}

        def _get_exec_args_and_transfer_files(self, *_: Any) -> tuple[Any, ...]:
            return sys.executable, ARGUMENTS, [], [], []

        def report_job_submission(self, *_: Any, **__: Any) -> None:
            """There is none."""

    job: Any = SimpleNamespace(
        name=request.rule, jobid=0, threads=request.threads, resources=request.resources
    )
    # in place of HTCondor's bindings something that takes all and does nothing
    with patch.object(public, "htcondor") as bindings:
        public.Executor.run_job(Describing(), job)
    description: dict[str, Any] = bindings.Submit.call_args.args[0]
    return description


def as_text(description: dict[str, Any]) -> str:
    """Return a description in the form of a submit file."""
    return "".join(f"{name} = {_shown(value)}\n" for name, value in description.items())


def refusal(description: dict[str, Any]) -> str | None:
    """Return what condor_submit says against a description, None if it takes it.

    Nothing is submitted. Raises FileNotFoundError without condor_submit.
    """
    text = as_text(description | {"arguments": "", "log": "/dev/null"}) + "queue\n"
    command = ["condor_submit", "-dry-run", "/dev/null", "-"]
    result = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=60, check=False
    )
    return None if result.returncode == 0 else result.stderr.strip() or result.stdout.strip()


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
