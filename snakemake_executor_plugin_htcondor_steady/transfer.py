"""What else has to travel with a job where no file system is shared."""

import os
from collections.abc import Callable
from typing import Any

from snakemake_executor_plugin_htcondor_steady.copied import copied_files

Files = tuple[list[str], list[str], list[str]]


def complete_transfer(files: Files, job: Any, workflow: Any, add: Callable[..., bool]) -> Files:
    """Return inputs, outputs and remaps with rule files, scripts, logs and benchmarks added.

    Of an mpn-rl sweep its copy of the code travels instead of the rule files.

    The public plugin sends the main Snakefile alone, looks for a script in the working directory,
    where it is written relative to its rule file, and leaves logs and benchmarks where the job
    ran; Snakemake waits for a benchmark as for an output. `add(path, list)` appends what lies on
    no shared path.
    """
    inputs, outputs, remaps = files
    script = job.rule.script or job.rule.notebook
    if script and os.path.normpath(script) in inputs:
        inputs.remove(os.path.normpath(script))
        found = job.rule.basedir.join(script).get_path_or_uri(secret_free=True)
        add(os.path.relpath(found), inputs)
    told: list[str] = []
    for path in [*job.log, *filter(None, [job.benchmark])]:
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
