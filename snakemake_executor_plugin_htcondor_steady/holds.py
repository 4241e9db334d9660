"""Jobs on hold: whether there is hope for them."""

import time
from typing import Any

from snakemake_executor_plugin_htcondor import JobState

from snakemake_executor_plugin_htcondor_steady.words import out_of_memory


class Holds:
    """What is known of held jobs; one that stays so for `timeout` s is given up."""

    def __init__(self, timeout: float, logger: Any) -> None:
        self._timeout, self._logger = timeout, logger
        self._told: set[tuple[int, float | None]] = set()

    def is_final(self, state: JobState) -> bool:
        """Whether a job is given up: at once if memory was the reason."""
        now = time.time()
        too_long = now - (state.held_since or now) >= self._timeout
        return too_long or out_of_memory(state.hold_reason)

    def tell(self, cluster: int, state: JobState) -> None:
        """Say it once for each hold; the public plugin says it at every look."""
        hold = cluster, state.held_since
        if hold not in self._told:
            self._told.add(hold)
            self._logger.info(
                f"HTCondor job {cluster} is held: {state.hold_reason} Unless it is released "
                f"within {self._timeout / 60:.0f} min, it is removed and tried again."
            )
