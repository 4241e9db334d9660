"""Event logs in whatever state, and which jobs are asked about."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake_executor_plugin_htcondor import Executor as PublicExecutor
from snakemake_executor_plugin_htcondor import JobStatus

from snakemake_executor_plugin_htcondor_steady.events import EventLog
from snakemake_executor_plugin_htcondor_steady.identity import identify
from snakemake_executor_plugin_htcondor_steady.silence import DOUBTFUL_SECONDS, Silence
from tests.fixtures.htcondor_fakes import Bench, queued

USAGE = "\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  {} Usage\n"
BYTES = "\t0  -  {} By Job\n"
ENDED = "\t(1) Normal termination (return value 0)\n" + "".join(
    [
        *(USAGE.format(of) for of in ("Run Remote", "Run Local", "Total Remote", "Total Local")),
        *(BYTES.format(of) for of in ("Run Bytes Sent", "Run Bytes Received")),
        *(BYTES.format(of) for of in ("Total Bytes Sent", "Total Bytes Received")),
    ]
)
TEXTS = {1: "Job executing on host: <127.0.0.1:9618>\n", 5: f"Job terminated.\n{ENDED}"}


def event(number: int, cluster: int) -> bytes:
    """What HTCondor writes when a job begins (1) or ends (5)."""
    head = f"00{number} ({cluster:03}.000.000) 2026-11-28 10:00:00 "
    return f"{head}{TEXTS[number]}...\n".encode()


class Watched:
    """A log file, its reader, and what this said."""

    def __init__(self, folder: Path) -> None:
        self.path, self.said = folder / "events.log", list[str]()
        self.log = EventLog(self.path, self.said.append)

    def add(self, *blocks: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(b"".join(blocks))

    def news(self) -> list[tuple[int, int]]:
        return [(int(found.type), found.cluster) for found in self.log.news()]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_events_come_once_and_whole(watched: Watched) -> None:
    assert watched.news() == []
    watched.add(event(1, 7), event(5, 7)[:20])
    assert watched.news() == [(1, 7)]
    watched.add(event(5, 7)[20:], event(1, 8))
    assert watched.news() == [(5, 7), (1, 8)]
    assert watched.news() == []
    assert not watched.log.trouble
    assert watched.said == []


@pytest.mark.parametrize("garbage", [b"\0\xff garbage\n...\n005 (99\n...\n", b"\xff\0 no end "])
def test_garbage_costs_what_it_is(watched: Watched, garbage: bytes) -> None:
    watched.add(event(1, 7), garbage, event(5, 7), event(1, 8))
    assert watched.news() == [(1, 7), (5, 7), (1, 8)]
    assert watched.log.trouble
    assert "no event" in watched.said[0]


def test_a_log_that_is_gone_and_comes_again(watched: Watched) -> None:
    watched.add(event(1, 7))
    assert len(watched.news()) == 1
    watched.path.unlink()
    assert watched.news() == []
    assert watched.news() == []
    assert len(watched.said) == 1
    watched.add(event(5, 7))
    assert watched.news() == [(5, 7)]


@pytest.mark.parametrize("left", [0, 10])
def test_a_log_that_was_cut_short(watched: Watched, left: int) -> None:
    watched.add(event(1, 7), event(1, 8))
    assert len(watched.news()) == 2
    watched.path.write_bytes(watched.path.read_bytes()[:left])
    assert watched.news() == []
    watched.add(event(5, 7))
    assert watched.news() == [(5, 7)]
    assert "cut short" in watched.said[0]


def test_another_file_is_read_from_its_beginning(watched: Watched) -> None:
    watched.add(event(1, 7))
    watched.news()
    other = watched.path.with_name("other")
    other.write_bytes(event(1, 8) + event(5, 8))
    other.rename(watched.path)
    assert watched.news() == [(1, 8), (5, 8)]
    assert "another file" in watched.said[0]


def test_a_job_is_asked_about_after_a_silence() -> None:
    silence = Silence(300)
    assert silence.due({7, 8}, 0, doubtful=False) == []
    silence.hear([8], 200)
    assert silence.due({7, 8}, 299, doubtful=False) == []
    assert silence.due({7, 8}, 300, doubtful=False) == [7]
    assert silence.due({7, 8}, 301, doubtful=False) == []
    assert sorted(silence.due({7, 8}, 600, doubtful=False)) == [7, 8]


def test_where_events_may_be_lost_all_are_asked_about_at_once_and_then_each_minute() -> None:
    silence = Silence(300)
    silence.due({7}, 0, doubtful=False)
    silence.hear([7], 1)
    assert silence.due({7}, 2, doubtful=True) == [7]
    assert silence.due({7}, 3, doubtful=True) == []
    assert silence.due({7}, 2 + DOUBTFUL_SECONDS, doubtful=True) == [7]


def test_a_job_is_lost_when_it_was_missed_twice_in_a_row() -> None:
    silence = Silence(300)
    assert [silence.miss(7), silence.miss(7)] == [False, True]
    silence.hear([7], 0)
    assert not silence.miss(7)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.chdir(tmp_path)
    made = Bench(tmp_path)
    made._news._silence = Silence(0)
    return made


def ask_about(bench: Bench, clusters: set[int]) -> None:
    bench._job_current_states.update(bench._news.asked(clusters, bench._queue))


def ad(status: int, **more: Any) -> dict[str, Any]:
    return {"JobStatus": status, "EnteredCurrentStatus": 5, **more}


def test_what_the_schedd_says_of_silent_jobs_counts(bench: Bench) -> None:
    bench._queue.ads = {
        7: ad(2),
        8: ad(4, ExitCode=0, ExitBySignal=False),
        9: ad(5, HoldReason="?"),
    }
    ask_about(bench, {7, 8, 9})
    states = bench._job_current_states
    assert [states[cluster].status for cluster in (7, 8, 9)] == [
        JobStatus.RUNNING,
        JobStatus.COMPLETED,
        JobStatus.HELD,
    ]
    assert (states[8].exit_code, states[9].held_since, states[9].hold_reason) == (0, 5.0, "?")


def test_a_job_that_is_nowhere_is_taken_for_removed_the_second_time(bench: Bench) -> None:
    ask_about(bench, {7})
    assert 7 not in bench._job_current_states
    ask_about(bench, {7})
    assert bench._job_current_states[7].status == JobStatus.REMOVED


def test_a_schedd_that_is_away_loses_no_job(bench: Bench) -> None:
    bench._queue.up = False
    ask_about(bench, {7})
    ask_about(bench, {7})
    assert bench._job_current_states == {}


@pytest.mark.parametrize("lock", [True, False])
def test_jobs_that_nobody_asks_for_leave_the_queue(
    bench: Bench, lock: bool, tmp_path: Path
) -> None:
    bench.workflow.execution_settings = SimpleNamespace(lock=lock)
    (job,) = bench.dag.jobs  # type: ignore[attr-defined]
    ours, other = queued(job, tmp_path, 3), queued(job, tmp_path, 4, outputs="?")
    bench._queue.jobs = [ours, other]
    bench._find(job, identify(job))
    assert bench._queue.removed == ([4] if lock else [])


def test_nothing_is_asked_before_the_executor_is_ready(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that checks jobs starts before `__post_init__` is through."""

    async def none(*_: Any) -> Any:
        for job in []:
            yield job

    monkeypatch.setattr(PublicExecutor, "check_active_jobs", none)
    bench._ready = False
    del bench._news

    async def checked() -> list[Any]:
        return [job async for job in bench.check_active_jobs([])]

    assert asyncio.run(checked()) == []
