"""What a results folder shows of its jobs by names alone: records, logs, the engine's marks.

Only folders are listed here, no file is read, so that ten thousand runs take a second.
"""

import os
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mpn_rl.sweep.layout import Job, job_of
from mpn_rl.sweep.status.event_logs import EventLogs, Place

ENGINE = Path(".snakemake")
# Where records of what is of no block lie.
WHOLE = ("", "")
Block = tuple[str, str]


@dataclass(frozen=True)
class Traces:
    """What there is at a moment.

    records: (run, block) -> names of its records; stamps: when one of these came or went [ns];
    logs: rule -> names of logs; begun: blocks with a work folder; marked: jobs that a driver has
    given to its executor, by (rule, name of the log), with the time [s]; driver_since: since when a
    driver holds the lock of the folder [s]; places: jobs in HTCondor's queue, by their description.
    """

    results: Path
    records: dict[Block, frozenset[str]] = field(default_factory=dict)
    stamps: dict[Block, int] = field(default_factory=dict)
    logs: dict[str, set[str]] = field(default_factory=dict)
    begun: set[Block] = field(default_factory=set)
    marked: dict[tuple[str, str], float] = field(default_factory=dict)
    driver_since: float | None = None
    places: Mapping[str, Place] = field(default_factory=dict)

    @property
    def driven(self) -> bool:
        """Whether a driver holds the lock of the folder."""
        return self.driver_since is not None

    def place(self, job: Job) -> Place | None:
        """Where a job is in HTCondor's queue, if it is there."""
        return self.places.get(job.description)

    def log(self, job: Job) -> Path | None:
        """The log of a job, if it has one."""
        name = f"{job.log_name}.log"
        there = name in self.logs.get(job.rule, ())
        return self.results / "logs" / job.rule / name if there else None

    def is_done(self, job: Job) -> bool:
        """Whether a job has left its record."""
        return job.record.rpartition("/")[2][:-5] in self.records.get((job.run, job.block), ())


def look(results: Path, events: EventLogs) -> Traces:
    """What there is of a results folder now; `events` of the pool that may work for it."""
    since = max(_times(results.parent / ENGINE / "locks"), default=None)
    found = Traces(
        results,
        logs={e.name: {log.name for log in _inside(e)} for e in _inside(results / "logs")},
        begun={(run, block) for run, block, _ in _blocks(results / ".work")},
        marked=dict(_marks(results.parent / ENGINE / "incomplete", results.name)),
        driver_since=since,
        places={} if since is None else events.look(since),
    )
    homes = [(*WHOLE, str(results)), *_blocks(results / "runs")]
    for run, block, path in homes:
        folder = f"{path}/records"
        found.records[run, block] = _records(folder)
        with suppress(OSError):
            found.stamps[run, block] = os.stat(folder).st_mtime_ns  # noqa: PTH116
    return found


def _blocks(folder: Path) -> Iterator[tuple[str, str, str]]:
    for run in _inside(folder):
        for block in _inside(run.path):
            if block.name.startswith("seeds_"):
                yield run.name, block.name.removeprefix("seeds_"), block.path


def _records(folder: str) -> frozenset[str]:
    names = (entry.name for entry in _inside(folder))
    return frozenset(name[:-5] for name in names if name.endswith(".json") and name[0] != ".")


def _marks(folder: Path, results: str) -> Iterator[tuple[tuple[str, str], float]]:
    """The jobs whose outputs the engine holds for unfinished: a file for each, by its name."""
    for entry in _inside(folder):
        with suppress(OSError, ValueError):
            name = urlsafe_b64decode(entry.name).decode()
            job = job_of(name.removeprefix(f"{results}/"))
            if job is not None:
                yield (job.rule, job.log_name), entry.stat().st_mtime


def _times(folder: Path) -> Iterator[float]:
    """When files in a folder were written [s]; those that go meanwhile are left out."""
    for entry in _inside(folder):
        with suppress(OSError):
            yield entry.stat().st_mtime


def _inside(folder: str | Path | os.DirEntry[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
