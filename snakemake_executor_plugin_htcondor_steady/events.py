"""Events of jobs that another invocation submitted, which its own log holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from htcondor2 import JobEventLog

from snakemake_executor_plugin_htcondor_steady.queue import QueuedJob


class EarlierLogs:
    """Logs of earlier invocations, of which the events of some jobs are read."""

    def __init__(self, own: Path) -> None:
        self._clusters: set[int] = set()
        self._logs: dict[Path, Any] = {own.absolute(): None}

    def listen(self, found: QueuedJob) -> None:
        """Read the events of this job too, if they are not in the own log."""
        self._clusters.add(found.cluster)
        if found.log not in self._logs and found.log.exists():
            self._logs[found.log] = JobEventLog(str(found.log))

    def news(self) -> Iterator[Any]:
        """The events since the last call."""
        for log in filter(None, list(self._logs.values())):
            yield from (e for e in log.events(stop_after=0) if e.cluster in self._clusters)
