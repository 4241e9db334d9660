"""The executor: the public one, patient with the schedd and mindful of jobs that still live."""

import os
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

from snakemake_executor_plugin_htcondor import JobState, JobStatus
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from snakemake_executor_plugin_htcondor_steady.describing import DescribingExecutor
from snakemake_executor_plugin_htcondor_steady.holds import Holds
from snakemake_executor_plugin_htcondor_steady.identity import (
    Identity,
    describe,
    identify,
    outputs_digest,
)
from snakemake_executor_plugin_htcondor_steady.left_behind import LeftBehind
from snakemake_executor_plugin_htcondor_steady.news import News
from snakemake_executor_plugin_htcondor_steady.patience import (
    FIRST_WAIT_SECONDS,
    Answer,
    patiently,
)
from snakemake_executor_plugin_htcondor_steady.queue import (
    KEY_ATTRIBUTE,
    OUTPUTS_ATTRIBUTE,
    JobInTheWayError,
    Queue,
    QueuedJob,
)
from snakemake_executor_plugin_htcondor_steady.words import implied

# So often may a schedd that answers refuse a job; then the job is at fault, not the schedd.
REFUSALS = 3
# So long is removing jobs tried at an interrupt.
CANCEL_SECONDS = 30.0


class Executor(DescribingExecutor):
    """Submits Snakemake jobs to HTCondor.

    Beyond the public plugin: waits for a schedd that is away; fails the one job that a schedd
    refuses; finds jobs again that an earlier driver left behind, instead of starting them a
    second time; removes a held job before it reports it failed, at once if memory was the
    reason, so that a retry can ask for more; removes every job when interrupted.

    It takes Snakemake's own words for memory, disk and runtime, and refuses groups of jobs.
    """

    # the thread that checks jobs starts before __post_init__ runs
    _ready = False

    def __post_init__(self) -> None:
        settings = self.workflow.executor_settings
        log = Path(settings.jobdir) / "snakemake-rules.log"
        if log.exists():
            raise WorkflowError(
                f"{log} holds the events of an earlier invocation, which could be taken for "
                "those of new jobs. Every invocation needs an htcondor-steady-jobdir of its "
                "own; profiles/htcondor/config.yaml shows how."
            )
        if os.environ.get("CONDOR_CONFIG") == os.devnull:  # as the bindings set it then
            self.logger.warning("This machine has no HTCondor configuration (CONDOR_CONFIG).")
        super().__post_init__()
        self._queue = Queue(Path.cwd())
        self._left_behind: LeftBehind | None = None
        self._news = News(
            log, settings.news_timeout or 0, self.logger, self._htcondor_status_to_job_status
        )
        self._holds = Holds(self._held_timeout, self.logger)
        self._ready = True

    # ---- submission

    def run_job(self, job: Any) -> None:
        """Submit a job, unless it is in the queue or done already."""
        if job.is_group():
            # numbers are added up in a group, and booleans with them
            self.report_job_error(SubmittedJobInfo(job), msg="Groups of jobs are not submitted. ")
            return
        identity = identify(job)
        try:
            found = self._patiently(lambda: self._find(job, identity))
        except JobInTheWayError as error:
            self.report_job_error(SubmittedJobInfo(job), msg=f"{error} ")
            return
        if found is not None:
            self._adopt(job, found)
            return
        job.resources.update(
            {
                f"classad_{KEY_ATTRIBUTE}": identity.key,
                f"classad_{OUTPUTS_ATTRIBUTE}": identity.outputs,
                "classad_JobDescription": describe(job),
                # so that the event log alone tells which job it speaks of
                "htcondor_submit_submit_event_notes": describe(job),
                **implied(job.resources),
            }
        )
        self._submit(job, identity)

    def _submit(self, job: Any, identity: Identity) -> None:
        refusals = 0
        while True:
            try:
                super().run_job(job)
                return
            except Exception as error:  # the bindings raise several kinds
                refusals += self._queue.answers()
                if refusals >= REFUSALS:
                    self.report_job_error(SubmittedJobInfo(job), msg=f"{error} ")
                    return
                self.logger.warning(f"Job {job.jobid} was not submitted ({error}); will try again.")
            # a schedd may take a job and die before it says so
            cluster = self._patiently(lambda: self._just_submitted(identity))
            if cluster is not None:
                self._adopt(job, cluster)
                return
            time.sleep(FIRST_WAIT_SECONDS)

    def _patiently(self, question: Callable[[], Answer], limit: float | None = None) -> Answer:
        """Ask until the schedd answers, or raise after `limit` s (None: the outage timeout)."""
        if limit is None:
            limit = self.workflow.executor_settings.outage_timeout or 0
        return patiently(question, limit, self.logger.warning)

    def _just_submitted(self, identity: Identity) -> int | None:
        fitting = (job.cluster for job in self._present() if job.alive and job.key == identity.key)
        return next(fitting, None)

    # ---- jobs of an earlier driver

    def _present(self) -> list[QueuedJob]:
        """The jobs in the queue, whose events are read from now on."""
        jobs = self._queue.present()
        for job in jobs:
            self._news.listen(job)
        return jobs

    def _find(self, job: Any, identity: Identity) -> int | None:
        """Return the cluster that does this work or has done it; clear any other out of the way."""
        if self._left_behind is None:
            left_behind = LeftBehind(self._present(), self._queue, self.logger)
            wanted = {outputs_digest(one) for one in self.dag.jobs}
            left_behind.clear_unwanted(wanted, alone=self.workflow.execution_settings.lock)
            self._left_behind = left_behind
        if self._left_behind.writes(identity):
            return self._left_behind.take(identity)
        return self._finished_meanwhile(job, identity)

    def _finished_meanwhile(self, job: Any, identity: Identity) -> int | None:
        clusters = [int(number) for number in self.workflow.persistence.external_jobids(job)]
        if not clusters or not all(Path(path).exists() for path in job.output):
            return None
        cluster = self._queue.succeeded(clusters, identity.key)
        if cluster is not None:
            self._job_current_states[cluster] = JobState(JobStatus.COMPLETED, exit_code=0)
        return cluster

    def _adopt(self, job: Any, cluster: int) -> None:
        self.logger.info(
            f"Job {job.jobid} is HTCondor cluster {cluster} of an earlier submission; "
            "not submitted again."
        )
        # without a log of its own the public plugin takes every job's log for missing
        Path(self._unified_log_file).touch()
        self.report_job_submission(SubmittedJobInfo(job=job, external_jobid=cluster))

    # ---- what is heard of jobs

    async def check_active_jobs(
        self, active_jobs: list[SubmittedJobInfo]
    ) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Look at the event log, and ask the schedd about jobs of which nothing is heard."""
        if self._ready:
            active = {job.external_jobid for job in active_jobs}
            self._job_current_states.update(self._news.asked(active, self._queue))
        async for job in super().check_active_jobs(active_jobs):
            yield job

    def _drain_unified_log(self) -> None:
        if self._ready:
            for event in self._news.events():
                self._event_logs.setdefault(event.cluster, []).append(event)

    # ---- jobs on hold, and the end

    def _report_and_resolve_job_state(
        self, current_job: SubmittedJobInfo, job_state: JobState
    ) -> SubmittedJobInfo | None:
        if job_state.status != JobStatus.HELD:
            return super()._report_and_resolve_job_state(current_job, job_state)
        cluster = current_job.external_jobid
        if not self._holds.is_final(job_state):
            self._holds.tell(cluster, job_state)
            return current_job
        try:
            # first out of the queue: were it released later, it would run beside its retry
            self._queue.remove(cluster, "held for good")
        except Exception as error:
            self.logger.warning(f"Held HTCondor job {cluster} not removed yet: {error}")
            return current_job
        said = f"HTCondor job {cluster} was held and is removed: {job_state.hold_reason} "
        self.report_job_error(current_job, msg=said)
        self._cleanup_job_tracking(cluster)
        return None

    def cancel_jobs(self, active_jobs: list[SubmittedJobInfo]) -> None:
        """Remove every job of this working directory.

        Not only the active ones: that list is empty while a check goes on.
        """
        try:
            self._patiently(
                lambda: self._queue.remove(None, "the driver was interrupted"), CANCEL_SECONDS
            )
        except WorkflowError:
            self.logger.error(
                "The jobs are still in the queue. Start again to pick them up, or remove them: "
                f"condor_rm -constraint 'Iwd == \"{Path.cwd()}\"'"
            )
        super().cancel_jobs([])
