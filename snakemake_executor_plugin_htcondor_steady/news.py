"""What is heard of jobs: events from logs, and answers of the schedd where these are silent."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from snakemake_executor_plugin_htcondor import JobState, JobStatus

from snakemake_executor_plugin_htcondor_steady.events import EarlierLogs, EventLog
from snakemake_executor_plugin_htcondor_steady.queue import Queue, QueuedJob
from snakemake_executor_plugin_htcondor_steady.silence import Silence


class News:
    """Events of the own log and of earlier ones, and the states of jobs that have none for long."""

    def __init__(
        self, log: Path, timeout: float, logger: Any, status_of: Callable[[int], JobStatus]
    ) -> None:
        """`timeout`: seconds without news of a job; `status_of`: of HTCondor's number for it."""
        self._log = EventLog(log, logger.warning)
        self._earlier = EarlierLogs(log, logger.warning)
        self._silence = Silence(timeout)
        self._logger, self._status_of = logger, status_of

    def listen(self, job: QueuedJob) -> None:
        """Read the events of this job too."""
        self._earlier.listen(job)

    def events(self) -> list[Any]:
        """The events since the last call."""
        events = [*self._log.news(), *self._earlier.news()]
        self._silence.hear([event.cluster for event in events], time.monotonic())
        return events

    def asked(self, active: Collection[int], queue: Queue) -> dict[int, JobState]:
        """The states of those active jobs of which nothing was heard for too long."""
        doubtful = self._log.trouble or self._earlier.trouble
        due = self._silence.due(active, time.monotonic(), doubtful)
        if not due:
            return {}
        try:
            found = queue.found(due)
        except Exception as error:  # the bindings raise several kinds
            self._logger.warning(f"Nothing is heard of {len(due)} jobs, nor of the schedd: {error}")
            return {}
        states = {cluster: self._state(ad) for cluster, ad in found.items()}
        lost = [c for c in due if c not in states and self._silence.miss(c)]
        states |= {cluster: JobState(JobStatus.REMOVED) for cluster in lost}
        self._silence.hear(found, time.monotonic())
        counts = Counter(state.status.display_name for state in states.values())
        told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        self._logger.info(
            f"Without news of {len(due)} jobs, the schedd was asked: {told or 'none'}."
        )
        return states

    def _state(self, ad: Any) -> JobState:
        status = self._status_of(int(ad["JobStatus"]))
        held = status == JobStatus.HELD
        return JobState(
            status=status,
            exit_code=ad.get("ExitCode"),
            exit_by_signal=bool(ad.get("ExitBySignal", False)),
            exit_signal=ad.get("ExitSignal"),
            hold_reason=ad.get("HoldReason") if held else None,
            held_since=float(ad.get("EnteredCurrentStatus", time.time())) if held else None,
        )
