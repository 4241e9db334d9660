"""What a job is submitted with: the command that it runs, files that travel, its description."""

import shlex
import sys
from pathlib import Path
from typing import Any

from snakemake_executor_plugin_htcondor import Executor as PublicExecutor
from snakemake_interface_executor_plugins.settings import SharedFSUsage

from snakemake_executor_plugin_htcondor_steady import forward
from snakemake_executor_plugin_htcondor_steady.copied import copied_snakefile
from snakemake_executor_plugin_htcondor_steady.transfer import (
    complete_transfer,
    folders_of,
    kept_when_vacated,
    script_of,
)
from snakemake_executor_plugin_htcondor_steady.words import in_quotes, unquote


class DescribingExecutor(PublicExecutor):
    """The public executor, with submit descriptions as jobs of a sweep need them.

    A job's request to stop reaches the script (forward.py), and what it needs and makes travels
    where no file system is shared.
    """

    def _get_base_exec_and_args(self, job: Any) -> tuple[str, str]:
        executable, arguments = super()._get_base_exec_and_args(job)
        usage = self.workflow.storage_settings.shared_fs_usage
        if executable == sys.executable and SharedFSUsage.SOFTWARE_DEPLOYMENT in usage:
            # this very file is there where the job runs
            arguments = f"{shlex.quote(forward.__file__)} {arguments}"
        elif executable == sys.executable and not usage:
            # it travels, to the folder that the job runs in
            folders = folders_of(job, self._add_file_if_transferable)
            words = [Path(forward.__file__).name, "--bring", *folders]
            arguments = f"{shlex.join(words)} {arguments}"
        return executable, arguments

    def _sanitize_job_args(self, job_args: str) -> str:
        # with their quotes, which say where a path with spaces ends; see `words.in_quotes`
        return job_args

    def get_snakefile(self) -> str:
        """The Snakefile that jobs parse: the copy that a sweep began with, where there is one."""
        copied = copied_snakefile()
        if copied and SharedFSUsage.SOURCES in self.workflow.storage_settings.shared_fs_usage:
            copied = str(Path(copied).absolute())
        return str(copied or super().get_snakefile())

    def _add_file_if_transferable(
        self,
        file_path: Any,
        transfer_list: list[str],
        expand_wildcards: bool = False,
        job: Any = None,
        validate_exists: bool = True,
        warn_absolute: bool = False,
        skip_temp: bool = False,
    ) -> bool:
        # the public plugin takes a script for one that lies in the working directory
        path = script_of(job) if job is not None and file_path == job.rule.script else file_path
        return super()._add_file_if_transferable(
            path, transfer_list, expand_wildcards, job, validate_exists, warn_absolute, skip_temp
        )

    def _get_files_for_transfer(self, job: Any) -> tuple[list[str], list[str], list[str]]:
        files = super()._get_files_for_transfer(job)
        gathered = not job.resources.get("job_wrapper")  # which takes forward.py's place
        return complete_transfer(
            files, job, self.workflow, self._add_file_if_transferable, gathered
        )

    def _log_resource_requests(self, submit_dict: dict[str, Any]) -> None:
        # the last that is done to a description before it is submitted
        unquote(submit_dict)
        kept_when_vacated(submit_dict)
        submit_dict["arguments"] = in_quotes(submit_dict["arguments"])
        super()._log_resource_requests(submit_dict)
