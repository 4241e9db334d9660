"""The settings that appear as --htcondor-steady-… on Snakemake's command line."""

from dataclasses import dataclass, field
from typing import Optional

from snakemake_executor_plugin_htcondor import ExecutorSettings as PublicSettings


@dataclass
class ExecutorSettings(PublicSettings):
    """The public plugin's settings and two more."""

    # Snakemake makes a command-line option of it, and understands no `int | None`
    outage_timeout: Optional[int] = field(  # noqa: UP045
        default=4 * 60 * 60,
        metadata={
            "help": "Seconds to wait for a schedd that cannot be reached before the "
            "workflow gives up.",
            "required": False,
        },
    )
    news_timeout: Optional[int] = field(  # noqa: UP045
        default=5 * 60,
        metadata={
            "help": "Seconds without an event after which a job is asked of the schedd and its "
            "history; the event log may have been lost.",
            "required": False,
        },
    )
