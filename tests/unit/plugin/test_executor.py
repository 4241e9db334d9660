"""The executor's decisions, against a schedd that is made up."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake_executor_plugin_htcondor import Executor as PublicExecutor
from snakemake_executor_plugin_htcondor import JobState, JobStatus
from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_htcondor_steady import ExecutorSettings, patience, queue
from snakemake_executor_plugin_htcondor_steady import executor as module
from snakemake_executor_plugin_htcondor_steady.executor import Executor
from snakemake_executor_plugin_htcondor_steady.identity import identify
from snakemake_executor_plugin_htcondor_steady.words import out_of_memory
from tests.fixtures.htcondor_fakes import Bench, Clock, FakeQueue, make_job, queued


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    fake = SimpleNamespace(sleep=made.sleep, monotonic=lambda: made.now, time=time.time)
    for part in (module, patience, queue):
        monkeypatch.setattr(part, "time", fake)
    return made


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """An executor whose public parent submits job after job as clusters 100, 101, …"""
    monkeypatch.chdir(tmp_path)
    made = Bench(tmp_path)
    numbers = iter(range(100, 200))

    def submit(self: Bench, _job: Any) -> None:
        self._queue._reach()
        self.submitted.append(next(numbers))

    monkeypatch.setattr(PublicExecutor, "run_job", submit)
    return made


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("Error from slot1_1@pool: memory usage exceeded request_memory", True),
        ("Job has gone over cgroup memory limit of 4096 megabytes. Peak usage: 4100 MB.", True),
        ("via condor_hold (by user ada)", False),
        ("Failed to initialize user log to /memory/run.log", False),
        (None, False),
    ],
)
def test_out_of_memory(reason: str | None, expected: bool) -> None:
    assert out_of_memory(reason) is expected


def test_new_job_is_submitted_once_and_labelled(bench: Bench) -> None:
    job = make_job()
    bench.run_job(job)
    assert bench.submitted == [100]
    assert job.resources["classad_SnakemakeJobKey"] == identify(job).key
    assert job.resources["classad_JobDescription"] == "train run=a block=0-1"


def test_outage_is_waited_for(bench: Bench, clock: Clock) -> None:
    bench._queue.up = False
    clock.events.append((100.0, lambda: setattr(bench._queue, "up", True)))
    bench.run_job(make_job())
    assert bench.submitted == [100]
    assert clock.now >= 100


def test_endless_outage_ends_the_workflow(bench: Bench, clock: Clock) -> None:
    bench._queue.up = False
    with pytest.raises(WorkflowError, match="No schedd for 3600 s"):
        bench.run_job(make_job())
    assert 3600 <= clock.now < 3600 + 2 * patience.LONGEST_WAIT_SECONDS


def test_schedd_that_dies_after_taking_the_job(
    bench: Bench, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()

    def take_and_die(self: Bench, job: Any) -> None:
        self._queue.jobs.append(queued(job, tmp_path))
        self._queue.up = False
        raise WorkflowError("Failed to submit HTCondor job: connection lost")

    monkeypatch.setattr(PublicExecutor, "run_job", take_and_die)
    clock.events.append((50.0, lambda: setattr(bench._queue, "up", True)))
    bench.run_job(job)
    assert bench.submitted == [7]


def test_refused_job_fails_alone(
    bench: Bench, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def refuse(_: Bench, job: Any) -> None:
        tries.append(job)
        raise WorkflowError("Failed to submit HTCondor job: bad requirements")

    monkeypatch.setattr(PublicExecutor, "run_job", refuse)
    bench.run_job(make_job())
    assert len(tries) == module.REFUSALS
    assert bench.failed == ["Failed to submit HTCondor job: bad requirements "]
    assert clock.now < 60


def test_groups_are_refused(bench: Bench) -> None:
    job = make_job()
    job.is_group = lambda: True
    bench.run_job(job)
    assert bench.submitted == []
    assert "Groups" in bench.failed[0]


def test_living_job_is_found_again_but_not_twice(bench: Bench, tmp_path: Path) -> None:
    job = make_job()
    bench._queue.jobs = [queued(job, tmp_path)]
    bench.run_job(job)
    assert bench.submitted == [7]
    bench._queue.jobs = []  # it failed; this is its retry
    bench.run_job(job)
    assert bench.submitted == [7, 100]


@pytest.mark.parametrize("change", [{"key": "other"}, {"log": Path("gone.log")}, {"alive": False}])
def test_unusable_job_is_cleared_away_first(
    change: dict[str, Any], bench: Bench, clock: Clock, tmp_path: Path
) -> None:
    job = make_job()
    bench._queue.jobs = [queued(job, tmp_path, **change)]
    bench.run_job(job)
    assert bench._queue.removed == [7]
    assert bench.submitted == [100]
    assert clock.now == 0


def test_job_that_will_not_go_fails_its_successor(
    bench: Bench, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()
    bench._queue.jobs = [queued(job, tmp_path, key="other")]
    monkeypatch.setattr(FakeQueue, "remove", lambda *_: None)
    bench.run_job(job)
    assert bench.submitted == []
    assert len(bench.failed) == 1
    assert "will not go" in bench.failed[0]
    assert clock.now >= queue.REMOVAL_SECONDS


@pytest.mark.parametrize(
    ("marked", "there", "same_work", "done"),
    [
        (True, True, True, True),
        (False, True, True, False),
        (True, False, True, False),
        (True, True, False, False),
    ],
)
def test_job_that_finished_meanwhile(
    marked: bool, there: bool, same_work: bool, done: bool, bench: Bench, tmp_path: Path
) -> None:
    """Only with its marker, its outputs and its own key is it taken for done."""
    job = make_job(str(tmp_path / "out.txt"))
    bench.markers = ["7"] if marked else []
    if there:
        (tmp_path / "out.txt").touch()
    bench._queue.history = {7: identify(job).key if same_work else "other"}
    bench.run_job(job)
    assert bench.submitted == ([7] if done else [100])
    assert (7 in bench._job_current_states) is done
    if done:
        assert bench._job_current_states[7] == JobState(JobStatus.COMPLETED, exit_code=0)


def held(reason: str, seconds: float) -> JobState:
    return JobState(JobStatus.HELD, hold_reason=reason, held_since=time.time() - seconds)


@pytest.mark.parametrize(
    ("reason", "seconds"), [("by hand", 61), ("memory usage exceeded request_memory", 0)]
)
def test_final_hold_is_removed_before_it_fails(reason: str, seconds: float, bench: Bench) -> None:
    info = SimpleNamespace(job=make_job(), external_jobid=7)
    bench._queue.up = False
    assert bench._report_and_resolve_job_state(info, held(reason, seconds)) is info
    assert bench.failed == []
    bench._queue.up = True
    assert bench._report_and_resolve_job_state(info, held(reason, seconds)) is None
    assert bench._queue.removed == [7]
    assert reason in bench.failed[0]


def test_short_hold_is_waited_for_and_told_once(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    info, state = SimpleNamespace(job=make_job(), external_jobid=7), held("by hand", 5)
    for _ in range(3):
        assert bench._report_and_resolve_job_state(info, state) is info
    assert bench._queue.removed == []
    assert capsys.readouterr().out.count("is held: by hand") == 1


def test_interrupt_removes_every_job_even_after_an_outage(bench: Bench, clock: Clock) -> None:
    bench._queue.up = False
    clock.events.append((5.0, lambda: setattr(bench._queue, "up", True)))
    bench.cancel_jobs([])
    assert bench._queue.removed == [None]


def test_interrupt_ends_without_a_schedd(bench: Bench, clock: Clock) -> None:
    bench._queue.up = False
    bench.cancel_jobs([])
    assert bench._queue.removed == []
    assert clock.now < 60


def test_events_are_not_read_before_the_executor_is_ready() -> None:
    assert Executor.__new__(Executor)._drain_unified_log() is None


def test_an_old_event_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "snakemake-rules.log").touch()
    executor = Executor.__new__(Executor)
    executor.workflow = SimpleNamespace(executor_settings=SimpleNamespace(jobdir=str(tmp_path)))
    with pytest.raises(WorkflowError, match="earlier invocation"):
        executor.__post_init__()


@pytest.mark.parametrize(("found", "warnings"), [("/dev/null", 1), ("/etc/condor_config", 0)])
def test_it_warns_itself_where_htcondor_is_not_configured(
    found: str, warnings: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONDOR_CONFIG", found)
    monkeypatch.setattr(
        PublicExecutor, "__post_init__", lambda self: vars(self).update(_held_timeout=1)
    )
    monkeypatch.setattr(module, "Queue", lambda _: None)
    said: list[str] = []
    executor = Executor.__new__(Executor)
    executor.workflow = SimpleNamespace(executor_settings=ExecutorSettings(jobdir=str(tmp_path)))
    executor.logger = SimpleNamespace(warning=said.append)
    executor.__post_init__()
    assert len(said) == warnings
