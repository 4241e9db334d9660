"""Jobs that an earlier driver of this folder left in the queue: found again, or removed."""

from collections.abc import Collection, Iterable
from typing import Any

from snakemake_executor_plugin_htcondor_steady.identity import Identity
from snakemake_executor_plugin_htcondor_steady.queue import Queue, QueuedJob


class LeftBehind:
    """These jobs, by the outputs that they write; each is taken once."""

    def __init__(self, jobs: Iterable[QueuedJob], queue: Queue, logger: Any) -> None:
        self._jobs = {job.outputs: job for job in jobs}
        self._queue, self._logger = queue, logger

    def clear_unwanted(self, wanted: Collection[str], alone: bool) -> None:
        """Remove the jobs that no job of this sweep stands for, as of a point that left it.

        `wanted` are the outputs of its jobs. Not `alone`, another driver may be at work here, whose
        job it is.
        """
        for outputs in [outputs for outputs in self._jobs if outputs not in wanted]:
            cluster = self._jobs[outputs].cluster
            if not alone:
                self._logger.warning(f"HTCondor job {cluster} is one that nobody asks for here.")
                continue
            self._logger.info(f"Removing HTCondor job {cluster}, which nobody asks for any more.")
            self._queue.remove(cluster, "nobody asks for it any more")
            del self._jobs[outputs]

    def writes(self, identity: Identity) -> bool:
        """Whether one of them writes the outputs of a job."""
        return identity.outputs in self._jobs

    def take(self, identity: Identity) -> int | None:
        """The cluster that writes these outputs if it does this work; else it is removed.

        Raises JobInTheWayError where it stays.
        """
        left = self._jobs[identity.outputs]
        usable = left.alive and left.key == identity.key and left.log.exists()
        if not usable:
            self._logger.info(f"Removing HTCondor job {left.cluster}: its work is out of date.")
            self._queue.clear_away(left.cluster)
        del self._jobs[identity.outputs]
        return left.cluster if usable else None
