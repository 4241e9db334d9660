"""A schedd, a clock and Snakemake's jobs, made up for tests of the executor."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from snakemake_executor_plugin_htcondor import JobState

from snakemake_executor_plugin_htcondor_steady.executor import Executor
from snakemake_executor_plugin_htcondor_steady.identity import identify
from snakemake_executor_plugin_htcondor_steady.queue import QueuedJob


class Items(dict[str, Any]):
    def _allitems(self) -> list[tuple[str, Any]]:
        return list(self.items())


def make_job(output: str = "out.txt", inputs: tuple[str, ...] = (), **params: Any) -> Any:
    return SimpleNamespace(
        rule=SimpleNamespace(name="train"),
        jobid=1,
        output=[output],
        input=list(inputs),
        params=Items(params),
        wildcards_dict={"run": "a", "block": '0-"1'},
        resources=Items(),
        is_group=lambda: False,
    )


class FakeQueue:
    """A schedd: `up` says whether it answers, `jobs` what it holds."""

    def __init__(self) -> None:
        self.up = True
        self.jobs: list[QueuedJob] = []
        self.history: dict[int, str] = {}
        self.removed: list[int] = []
        self.removed_all = 0

    def _reach(self) -> None:
        if not self.up:
            raise RuntimeError("Unable to locate local daemon")

    def answers(self) -> bool:
        return self.up

    def present(self) -> list[QueuedJob]:
        self._reach()
        return list(self.jobs)

    def contains(self, cluster: int) -> bool:
        self._reach()
        return any(job.cluster == cluster for job in self.jobs)

    def succeeded(self, clusters: list[int], key: str) -> int | None:
        self._reach()
        return next((cluster for cluster in clusters if self.history.get(cluster) == key), None)

    def remove(self, clusters: list[int], why: str) -> None:
        self._reach()
        assert why
        self.removed += clusters
        self.jobs = [job for job in self.jobs if job.cluster not in clusters]

    def remove_all(self, why: str) -> None:
        self._reach()
        assert why
        self.removed_all += 1


class Clock:
    """Time that passes only in sleep; `events` happen at their times."""

    def __init__(self) -> None:
        self.now = 0.0
        self.events: list[tuple[float, Callable[[], None]]] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for event in [event for event in self.events if event[0] <= self.now]:
            self.events.remove(event)
            event[1]()


class Bench(Executor):
    """The executor without a workflow: what it reports is kept."""

    def __init__(self, folder: Path) -> None:
        settings = SimpleNamespace(outage_timeout=3600)
        persistence = SimpleNamespace(external_jobids=lambda _: self.markers)
        self.workflow = SimpleNamespace(executor_settings=settings, persistence=persistence)
        self.markers: list[str] = []
        self.logger = SimpleNamespace(**dict.fromkeys(["info", "warning", "error", "debug"], print))
        self._queue: Any = FakeQueue()
        self._left_behind = None
        self._adopted = set()
        self._earlier_logs = {}
        self._event_logs: dict[int, list[Any]] = {}
        self._job_current_states: dict[int, JobState] = {}
        self._log_missing_counts: dict[int, int] = {}
        self._unified_event_log_reader = None
        self._unified_log_file = str(folder / "own.log")
        self._held_timeout = 60
        self.submitted: list[int] = []
        self.failed: list[str] = []

    def report_job_submission(self, job_info: Any, register_job: bool = True) -> None:
        assert register_job
        self.submitted.append(job_info.external_jobid)

    def report_job_error(self, job_info: Any, msg: str | None = None, **_: Any) -> None:
        assert job_info.job
        self.failed.append(msg or "")


def queued(job: Any, folder: Path, cluster: int = 7, **changes: Any) -> QueuedJob:
    log = folder / "earlier.log"
    log.touch()
    identity = identify(job)
    values = {"cluster": cluster, "alive": True, "log": log}
    return QueuedJob(**values | {"key": identity.key, "outputs": identity.outputs} | changes)
