"""What stands for the executor where the plugin that it builds on is not installed."""

from dataclasses import dataclass, field
from typing import Any, Optional

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings, ExecutorSettingsBase

common_settings = CommonSettings(
    non_local_exec=True, implies_no_shared_fs=False, job_deploy_sources=False
)

_UNUSED = "Nothing without HTCondor's bindings."


@dataclass
class ExecutorSettings(ExecutorSettingsBase):
    """What the shipped profile sets, so that its options are read and the executor can speak."""

    # Snakemake makes command-line options of them, and understands no `str | None`
    jobdir: Optional[str] = field(default=None, metadata={"help": _UNUSED})  # noqa: UP045
    held_timeout: Optional[int] = field(default=None, metadata={"help": _UNUSED})  # noqa: UP045
    outage_timeout: Optional[int] = field(default=None, metadata={"help": _UNUSED})  # noqa: UP045
    news_timeout: Optional[int] = field(default=None, metadata={"help": _UNUSED})  # noqa: UP045


class Executor(RemoteExecutor):
    """Refuses to work, and says what to install."""

    def __init__(self, *_: Any) -> None:
        raise WorkflowError(
            "the profile's executor htcondor-steady needs HTCondor's bindings: "
            "pip install 'mpn-rl[htcondor]'"
        )

    def run_job(self, job: Any) -> None:
        """Never called."""

    async def check_active_jobs(self, active_jobs: Any) -> Any:
        """Never called."""
        yield

    def cancel_jobs(self, active_jobs: Any) -> None:
        """Never called."""
