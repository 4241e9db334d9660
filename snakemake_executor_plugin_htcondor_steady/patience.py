"""Waiting for a schedd that is away."""

import time
from collections.abc import Callable
from typing import TypeVar

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_htcondor_steady.queue import JobInTheWayError

Answer = TypeVar("Answer")

# Waits between attempts: soon at first (a restart takes seconds), then easy on a sick schedd.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 2.0, 60.0


def patiently(
    question: Callable[[], Answer], limit: float, tell: Callable[[str], object]
) -> Answer:
    """Ask until the schedd answers, and `tell` of each wait; WorkflowError after `limit` s."""
    end, wait = time.monotonic() + limit, FIRST_WAIT_SECONDS
    while True:
        try:
            return question()
        except JobInTheWayError:
            raise
        except Exception as error:  # the bindings raise several kinds
            if time.monotonic() >= end:
                raise WorkflowError(f"No schedd for {limit} s: {error}") from error
            tell(f"The schedd does not answer ({error}); waiting {wait:.0f} s.")
        time.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)
