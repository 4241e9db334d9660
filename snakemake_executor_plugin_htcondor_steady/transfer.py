"""What has to travel with a job, and back from it, where no file system is shared."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snakemake_executor_plugin_htcondor_steady import forward
from snakemake_executor_plugin_htcondor_steady.copied import copied_files

Files = tuple[list[str], list[str], list[str]]


def script_of(job: Any) -> str:
    """The script of a job, written relative to its rule file, from the working directory."""
    found = job.rule.basedir.join(job.rule.script).get_path_or_uri(secret_free=True)
    return os.path.relpath(found)


def folders_of(job: Any, add: Callable[..., bool]) -> list[str]:
    """The folders, as seen from the working directory, in which a job leaves files.

    `add(path, list)` appends what lies on no shared path.
    """
    left: list[str] = []
    for path in [*job.output, *told_by(job)]:
        add(path, left, validate_exists=False, skip_temp=True)
    return sorted({Path(path).parts[0] for path in left if not Path(path).is_absolute()})


def told_by(job: Any) -> list[Any]:
    """A job's logs and its benchmark file."""
    return [*job.log, *filter(None, [job.benchmark])]


def complete_transfer(
    files: Files, job: Any, workflow: Any, add: Callable[..., bool], gathered: bool
) -> Files:
    """Return inputs, outputs and remaps as they have to be.

    Inputs: all rule files, of which the public plugin sends the main one alone; of an mpn-rl sweep
    its copy of the code instead. Outputs: the folder in which forward.py has `gathered` them, or
    else one by one, with the logs and the benchmark, which the plugin leaves where the job ran.
    `add(path, list)` appends what lies on no shared path.
    """
    inputs, outputs, remaps = files
    if gathered:
        inputs.append(forward.__file__)
        elsewhere = [path for path in outputs if Path(path).is_absolute()]
        outputs = [f"{forward.BROUGHT}/", *elsewhere]
        remaps = [f"{forward.BROUGHT} = {Path.cwd()}", *(f"{path} = {path}" for path in elsewhere)]
    else:
        told: list[str] = []
        for path in told_by(job):
            add(path, told, validate_exists=False)
        outputs += told
        remaps += [f"{path} = {os.path.abspath(path)}" for path in told]  # noqa: PTH100
    sources = copied_files() or [
        os.path.relpath(source.get_path_or_uri(secret_free=True)) for source in workflow.included
    ]
    for path in sources:
        if path not in inputs:
            add(path, inputs)
    return inputs, outputs, remaps


def kept_when_vacated(description: dict[str, Any]) -> None:
    """Have what forward.py gathers of a vacated job go with it, in a submit description."""
    if forward.BROUGHT in description.get("transfer_output_files", ""):
        description["when_to_transfer_output"] = "ON_EXIT_OR_EVICT"
