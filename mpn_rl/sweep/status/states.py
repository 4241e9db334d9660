"""What a job is doing: done, running, failed or waiting, and why."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import opened
from mpn_rl.errors import printable
from mpn_rl.sweep.layout import Job
from mpn_rl.sweep.ledger.lease import Holder
from mpn_rl.sweep.status.event_logs import Place
from mpn_rl.sweep.status.traces import Traces

DONE, RUNNING, FAILED, HELD, WAITING = "done", "running", "failed", "held", "waiting"
LOG_LINES = 12
_TAIL_BYTES = 2**14
# A job that says nothing for so long, and of which no driver knows, is not at work.
_SILENT_SECONDS = 60.0
_PREPARING = ("compiling", "waiting for", "still waiting for")
_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ ([A-Z]+) (.*)")


@dataclass(frozen=True)
class JobState:
    """`since`: when its log began, in the local time of its host; `lines`: the log's last;

    host: where HTCondor runs it.
    """

    job: Job
    kind: str
    why: str = ""
    since: str = ""
    lines: Sequence[str] = ()
    host: str = ""


def state_of(job: Job, traces: Traces, holder: Holder | None, now: float) -> JobState:
    """What a job is doing at the time `now` [s since 1970]; `holder` works on its training."""
    if traces.is_done(job):
        return JobState(job, DONE)
    path, place = traces.log(job), traces.place(job)
    marked = traces.marked.get((job.rule, job.log_name)) if traces.driven else None
    if job.rule == "train" and holder is not None and holder.alive:
        return JobState(job, RUNNING, _preparation(path), _since(path))
    if place is not None:
        return _in_queue(job, place, path)
    if path is None:
        return JobState(job, WAITING, "its driver has sent it off" if marked else "")
    lines, written = read_tail(path)
    said, reason, lines = _last_said(lines), _reason(lines), lines[-LOG_LINES:]
    if marked is not None and marked > written:
        return JobState(job, WAITING, "its driver has sent it off again")
    if said is not None and said[0] == "ERROR":
        return JobState(job, FAILED, reason, _since(path), lines)
    if said is not None and said[1].startswith("stopped"):
        return JobState(job, WAITING, said[1])
    died = job.rule == "train" and holder is not None  # and is not alive
    if not died and (marked is not None or now - written < _SILENT_SECONDS):
        return JobState(job, RUNNING, since=_since(path))
    why = "its process ended without a word: it was killed, or its machine went away"
    return JobState(job, FAILED, why, _since(path), lines)


def _in_queue(job: Job, place: Place, path: Path | None) -> JobState:
    if place.held:
        return JobState(job, HELD, f"held by HTCondor: {place.held}")
    if place.slot:
        return JobState(job, RUNNING, since=_since(path), host=place.slot)
    return JobState(job, WAITING, "waits for a machine of the pool")


def read_tail(path: Path) -> tuple[list[str], float]:
    """The end of a log, printable, and when it was written; nothing where it has gone.

    It is longer than the traceback of an error, which stands below what the log says of it.
    """
    try:
        with opened(path) as file:
            found = os.fstat(file.fileno())
            file.seek(max(0, found.st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except ArtifactError:
        return [], 0.0
    return [printable(line, 400) for line in text.splitlines()], found.st_mtime


def _said(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Level and text of each line that is no part of a traceback."""
    return [(match[2], match[3]) for line in lines if (match := _LINE.fullmatch(line))]


def _last_said(lines: Sequence[str]) -> tuple[str, str] | None:
    return found[-1] if (found := _said(lines)) else None


def _preparation(path: Path | None) -> str:
    """What a training does before its first step, where that may take long."""
    said = _last_said(read_tail(path)[0]) if path is not None else None
    return said[1] if said is not None and said[1].startswith(_PREPARING) else ""


def _reason(lines: Sequence[str]) -> str:
    """What went wrong by the end of a log: of an exception that was not foreseen its first line."""
    *before, (_, last) = _said(lines) or [("", "")]
    if last == "what was raised inside it:" and before:
        return before[-1][1]
    if last not in ("the stage failed", "what was raised inside it:"):
        return last
    frames = [number for number, line in enumerate(lines) if line.startswith("  ")]
    named = [number for number in frames if lines[number].startswith('  File "')] or frames or [0]
    return next((line for line in lines[named[-1] :] if line[:1].strip()), lines[-1])


def _since(path: Path | None) -> str:
    """When a log was begun."""
    if path is None:
        return ""
    try:
        with opened(path) as file:
            first = file.readline(1000).decode("utf-8", "replace").rstrip("\n")
    except ArtifactError:
        return ""
    return found[1] if (found := _LINE.fullmatch(first)) else ""
