"""The few questions that the executor asks a schedd, and its requests to remove jobs."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import classad2
import htcondor2
from snakemake_interface_common.exceptions import WorkflowError

KEY_ATTRIBUTE = "SnakemakeJobKey"
OUTPUTS_ATTRIBUTE = "SnakemakeOutputs"
REMOVED, COMPLETED = 3, 4
STATE_ATTRIBUTES = [
    *("ClusterId", "JobStatus", "EnteredCurrentStatus", "HoldReason"),
    *("ExitCode", "ExitBySignal", "ExitSignal"),
]
# An old job in the way must be gone within this time (it may be allowed minutes to stop).
REMOVAL_SECONDS, POLL_SECONDS = 900.0, 2.0


class JobInTheWayError(WorkflowError):
    """A job with the same outputs but other work cannot be removed."""


@dataclass(frozen=True)
class QueuedJob:
    """A job in the queue that some driver of this working directory submitted.

    `log` is the file that its events go to; not `alive`: removed, but perhaps still stopping.
    """

    cluster: int
    alive: bool
    key: str
    outputs: str
    log: Path


class Queue:
    """Jobs of one working directory. Every call raises an error when the schedd is away."""

    def __init__(self, folder: Path) -> None:
        self._own = f"Iwd == {classad2.quote(str(folder))} && {KEY_ATTRIBUTE} =!= undefined"

    def answers(self) -> bool:
        """Whether a schedd can be reached now."""
        try:
            htcondor2.Schedd().query(constraint="false", projection=["ClusterId"])
        except Exception:  # the bindings raise several kinds, plain RuntimeError among them
            return False
        return True

    def present(self) -> list[QueuedJob]:
        """Return the jobs in the queue, those included that were removed and still stop."""
        names = ["ClusterId", "Iwd", "JobStatus", "UserLog", KEY_ATTRIBUTE, OUTPUTS_ATTRIBUTE]
        ads = htcondor2.Schedd().query(constraint=self._own, projection=names)
        return [_queued_job(ad) for ad in ads]

    def contains(self, cluster: int) -> bool:
        """Whether a job is still in the queue, in whatever state (one being removed included)."""
        ads = htcondor2.Schedd().query(
            constraint=f"ClusterId == {cluster}", projection=["ClusterId"]
        )
        return bool(ads)

    def found(self, clusters: Collection[int]) -> dict[int, Any]:
        """The ads of these jobs, from the queue or else its history; without those in neither."""
        which = " || ".join(f"ClusterId == {cluster}" for cluster in clusters)
        schedd = htcondor2.Schedd()
        ads = list(schedd.query(constraint=which, projection=STATE_ATTRIBUTES))
        if len(ads) < len(clusters):
            match = len(clusters)
            ads += schedd.history(constraint=which, projection=STATE_ATTRIBUTES, match=match)
        return {int(ad["ClusterId"]): ad for ad in reversed(ads)}

    def succeeded(self, clusters: Iterable[int], key: str) -> int | None:
        """Return the one of these jobs that left the queue with exit code 0, if its key fits."""
        for cluster in clusters:
            fits = f"ClusterId == {cluster} && {KEY_ATTRIBUTE} == {classad2.quote(key)}"
            done = f"JobStatus == {COMPLETED} && ExitBySignal == false && ExitCode == 0"
            ads = htcondor2.Schedd().history(
                constraint=f"{fits} && {done}", projection=["ClusterId"], match=1
            )
            if ads:
                return cluster
        return None

    def remove(self, cluster: int | None, why: str) -> None:
        """Remove a job from the queue; None: every job of this working directory."""
        which = self._own if cluster is None else [f"{cluster}.0"]
        htcondor2.Schedd().act(htcondor2.JobAction.Remove, which, reason=(why, 0))

    def clear_away(self, cluster: int) -> None:
        """Remove a job and wait until it is gone; JobInTheWayError where it stays."""
        self.remove(cluster, "its work is out of date")
        end = time.monotonic() + REMOVAL_SECONDS
        while self.contains(cluster):
            if time.monotonic() >= end:
                raise JobInTheWayError(f"HTCondor job {cluster} writes there and will not go.")
            time.sleep(POLL_SECONDS)


def _queued_job(ad: Any) -> QueuedJob:
    return QueuedJob(
        cluster=int(ad["ClusterId"]),
        alive=int(ad["JobStatus"]) != REMOVED,
        key=str(ad[KEY_ATTRIBUTE]),
        outputs=str(ad.get(OUTPUTS_ATTRIBUTE, "")),
        log=Path(ad["Iwd"]) / str(ad.get("UserLog", "missing")),
    )
