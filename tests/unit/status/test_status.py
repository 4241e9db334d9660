"""The state of a sweep, in folders that are made up."""

import os
import time
from base64 import urlsafe_b64encode
from pathlib import Path

from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import Job
from mpn_rl.sweep.ledger import lease
from mpn_rl.sweep.plan import block_jobs, jobs, rendered_seeds, sections
from mpn_rl.sweep.status.event_logs import EventLogs
from mpn_rl.sweep.status.overview import BlockStatus, Watcher
from mpn_rl.sweep.status.states import LOG_LINES
from mpn_rl.sweep.status.training import read_training, sparkline
from mpn_rl.sweep.undeclared import metrics_file, work_folder
from tests.fixtures.sweep_status import home, log_of, metrics, written


def blocks(folder: Path, sweep: Sweep) -> list[BlockStatus]:
    return list(Watcher(folder / "results", sweep).overview().blocks)


def test_nothing_has_begun(folder: Path, sweep: Sweep) -> None:
    mpn, gru, whole = blocks(folder, sweep)
    assert (mpn.kind, gru.kind, whole.kind) == ("waiting",) * 3
    assert (mpn.labels["core"], gru.labels["core"]) == ("mpn", "gru")
    assert mpn.done == 0
    assert mpn.wanted > gru.wanted > 5
    assert sum(each.wanted for each in (mpn, gru, whole)) == len([*jobs(sweep)])


def test_who_trains_since_when_how_far_and_how_fast(folder: Path, sweep: Sweep) -> None:
    log_of(folder, sweep, "train", ("INFO", "set by the recipe"))
    metrics(
        folder,
        sweep,
        {"seed": 0, "step": 0, "status": "begun"},
        {"seed": 0, "step": 50, "validation_return": 0.5},
        {"seed": 0, "step": 100, "status": "completed", "validation_return": 1.0},
        {"seed": 1, "step": 40, "steps_per_second": 20.0, "validation_return": -1.0},
    )
    with lease.lease(work_folder(home(folder, sweep))):
        block = blocks(folder, sweep)[0]
    assert block.kind == "running"
    assert [state.job.rule for state in block.at_work] == ["train"]
    assert block.at_work[0].since == "2026-11-29 04:42:35"
    assert f"process {os.getpid()}" in block.host
    training = block.training
    assert training is not None
    assert (training.steps, training.planned, training.rate, training.left) == (140, 200, 20.0, 3.0)
    assert training.returns == (-1.0, 0.5, 1.0)


def test_a_failed_job_tells_why_with_the_end_of_its_log(folder: Path, sweep: Sweep) -> None:
    log_of(folder, sweep, "train", ("INFO", "seed 0"), ("ERROR", "not enough memory"))
    block = blocks(folder, sweep)[0]
    assert (block.kind, block.why) == ("failed", "train: not enough memory")
    assert block.failed[0].lines[-1].endswith("ERROR not enough memory")


def test_of_an_exception_its_last_line_is_the_reason(folder: Path, sweep: Sweep) -> None:
    path = log_of(folder, sweep, "evaluate", ("ERROR", "the stage failed"))
    path.write_text(
        path.read_text() + "Traceback (most recent call last):\n" + 40 * "  x\n" + "KeyError: 'q'\n"
    )
    block = blocks(folder, sweep)[0]
    assert block.why == "evaluate: KeyError: 'q'"
    assert len(block.failed[0].lines) == LOG_LINES


def test_of_an_exception_of_many_lines_the_first_is_the_reason(folder: Path, sweep: Sweep) -> None:
    path = log_of(folder, sweep, "evaluate", ("ERROR", "the stage failed"))
    frames = 'Traceback (most recent call last):\n  File "own.py", line 3, in f\n    run()\n'
    end = "ValueError: no number\n  and no text\nat all\n"
    path.write_text(path.read_text() + frames + end)
    assert blocks(folder, sweep)[0].why == "evaluate: ValueError: no number"


def test_of_what_was_raised_inside_the_sentence_before_is_the_reason(
    folder: Path, sweep: Sweep
) -> None:
    said = "analysis 'own:A': ValueError: one two, in own.py, line 3"
    path = log_of(
        folder, sweep, "evaluate", ("ERROR", said), ("ERROR", "what was raised inside it:")
    )
    path.write_text(path.read_text() + "Traceback (most recent call last):\nValueError: one\ntwo\n")
    assert blocks(folder, sweep)[0].why == f"evaluate: {said}"


def test_a_job_that_was_killed_has_failed_and_one_that_was_stopped_waits(
    folder: Path, sweep: Sweep
) -> None:
    log_of(folder, sweep, "train", ("INFO", "seed 0"))
    killed = blocks(folder, sweep)[0]
    assert killed.kind == "failed"
    assert "without a word" in killed.why
    log_of(folder, sweep, "train", ("WARNING", "stopped: seed 0: saved at step 40"))
    stopped = blocks(folder, sweep)[0]
    assert (stopped.kind, stopped.why) == ("waiting", "stopped: seed 0: saved at step 40")


def test_a_driver_says_which_silent_jobs_are_at_work(folder: Path, sweep: Sweep) -> None:
    log_of(folder, sweep, "collect", ("INFO", "100 episodes"))
    job = Job("collect", {"run": next(iter(sweep.runs)), "block": "0-1"})
    name = urlsafe_b64encode(f"results/{job.outputs[0]}".encode()).decode()
    mark = written(folder / ".snakemake" / "incomplete" / name, "{}")
    os.utime(mark, (time.time() - 4000,) * 2)
    assert blocks(folder, sweep)[0].kind == "failed"  # of a driver that died
    written(folder / ".snakemake" / "locks" / "0.output.lock", "")
    assert [state.job.rule for state in blocks(folder, sweep)[0].at_work] == ["collect"]
    os.utime(mark)  # sent off once more since the log ended
    assert blocks(folder, sweep)[0].why == "its driver has sent it off again"


EVENTS = """\
000 (007.000.000) 2026-11-29 09:04:39 Job submitted from host: <127.0.0.1:9618>
    {}
...
012 (007.000.000) 2026-11-29 09:05:26 Job was held.
\tvia condor_hold (by user me)
\tCode 1 Subcode 0
...
"""
RELEASED = """\
013 (007.000.000) 2026-11-29 09:06:26 Job was released.
\tvia condor_release
...
"""
RUNS = """\
001 (007.000.000) 2026-11-29 09:06:27 Job executing on host: <10.0.0.7:9618>
\tSlotName: slot1@node7
\tCpus = 1
...
"""
ENDED = "005 (007.000.000) 2026-11-29 09:06:28 Job terminated.\n\t(1) Normal termination\n...\n"


def test_where_a_job_is_in_the_pool_is_told_by_its_event_log(folder: Path, sweep: Sweep) -> None:
    written(folder / ".snakemake" / "locks" / "0.output.lock", "")
    log = folder / ".condor_logs" / "2026-11-29" / "snakemake-rules.log"
    watcher = Watcher(folder / "results", sweep)
    found = []
    text = EVENTS.format(f"train run={next(iter(sweep.runs))} block=0-1")
    for more in (text, RELEASED[:40], RELEASED[40:], RUNS, ENDED):
        text = written(log, text if more == text else text + more).read_text()
        block = watcher.overview().blocks[0]
        found.append((block.kind, block.why, [state.host for state in block.at_work]))
    held = ("held", "held by HTCondor: via condor_hold (by user me)", [])
    assert found == [
        held,
        held,  # half of a line is none
        ("waiting", "waits for a machine of the pool", []),
        ("running", "", ["slot1@node7"]),
        ("waiting", "", []),
    ]


def test_jobs_with_long_names_are_found_in_the_event_log(folder: Path) -> None:
    job = f"measure run={'long.module:Class-name=1_' * 12}0123abcd block=0-1 analysis=own"
    written(folder / ".condor_logs" / "now" / "snakemake-rules.log", EVENTS.format(job))
    assert EventLogs(folder).look(0.0)[job].held == "via condor_hold (by user me)"


def test_the_event_log_of_an_earlier_driver_tells_nothing(folder: Path, sweep: Sweep) -> None:
    text = EVENTS.format(f"train run={next(iter(sweep.runs))} block=0-1")
    log = written(folder / ".condor_logs" / "earlier" / "snakemake-rules.log", text)
    os.utime(log, (time.time() - 60,) * 2)
    written(folder / ".snakemake" / "locks" / "0.output.lock", "")
    assert blocks(folder, sweep)[0].kind == "waiting"


def test_done_and_stale(folder: Path, sweep: Sweep) -> None:
    run = next(iter(sweep.runs))
    for job in block_jobs(run, "0-1", rendered_seeds(sweep), sections(sweep)):
        written(folder / "results" / job.record, "{}")
    watcher = Watcher(folder / "results", sweep)
    assert watcher.overview().blocks[0].kind == "done"
    watcher = Watcher(folder / "results", sweep)
    watcher.stale = lambda jobs: [f"{jobs[0].rule}: its code has changed since"]
    found = watcher.overview().blocks[0]
    assert (found.kind, found.why) == ("stale", "train: its code has changed since")


def test_a_seed_that_failed_is_named(folder: Path, sweep: Sweep) -> None:
    metrics(folder, sweep, {"seed": 1, "step": 7, "status": "failed", "failure": "the loss is nan"})
    found = read_training(metrics_file(home(folder, sweep)), [0, 1])
    assert found is not None
    assert found.failures == ((1, "the loss is nan"),)


def test_a_sparkline_goes_from_the_lowest_to_the_highest() -> None:
    assert sparkline([]) == ""
    assert sparkline([0.5, 0.5]) == "▄▄"
    assert sparkline([-1.0, 0.0, 1.0]) == "▁▅█"
