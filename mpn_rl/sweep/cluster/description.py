"""The submit description of a request, made by the executor that would submit it."""

import logging
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mpn_rl.sweep.cluster.profile import Request

ARGUMENTS = "-m snakemake …"


class _MadeError(Exception):
    """Carries a finished description out of the executor, before anything is submitted."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.description = description


def describe_submission(request: Request, folder: Path, jobdir: str) -> dict[str, Any]:
    """Return the submit description of one job: HTCondor's commands and their values.

    It comes from the plugin's own code, so that it has what the plugin makes of the request, and
    lacks what the plugin drops. The job's log files would lie in `folder`/`jobdir`.
    """
    from snakemake_executor_plugin_htcondor_steady.executor import PublicExecutor

    class Renderer(PublicExecutor):
        def __init__(self) -> None:
            storage = SimpleNamespace(shared_fs_usage=True)
            self.workflow = SimpleNamespace(storage_settings=storage)
            self.logger = logging.getLogger(__name__)
            self.jobDir = str(folder / jobdir)
            self._unified_log_file = str(folder / jobdir / "snakemake-rules.log")

        def envvars(self) -> dict[str, str]:
            return {}

        def _get_exec_args_and_transfer_files(self, *_: Any) -> tuple[Any, ...]:
            return sys.executable, ARGUMENTS, [], [], []

        def _log_resource_requests(self, submit_dict: dict[str, Any]) -> None:
            raise _MadeError(submit_dict)

    job: Any = SimpleNamespace(
        name=request.rule, jobid=0, threads=request.threads, resources=request.resources
    )
    made_folder = not Path(folder / jobdir).exists()
    try:
        Renderer().run_job(job)
    except _MadeError as made:
        return made.description
    finally:
        if made_folder:
            _remove_empty(folder / jobdir / request.rule, until=folder)
    raise RuntimeError("the HTCondor plugin submitted without a word; it is not version 0.3.0")


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


def _remove_empty(folder: Path, until: Path) -> None:
    while folder != until and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
