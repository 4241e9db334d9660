"""What finished jobs take on the disk, for a guess at those still to come."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import mean

from mpn_rl.sweep.layout import Job

# Bytes of a job where none of its rule is done: five seeds, networks of 64 units, 100 episodes.
_THUMB = {
    "collect": 1_000_000,
    "plot": 950_000,
    "plot_plasticity": 800_000,
    "plot_memory": 500_000,
    "render": 150_000,
    "summarise": 5_000_000,
}
_THUMB_OTHER = 50_000
_MOST = 50  # of each rule, to look at


def left_by(results: Path, job: Job) -> int:
    """The bytes of a finished job's outputs and record."""
    return sum((results / file).stat().st_size for file in (*job.outputs, job.record))


def expected_bytes(results: Path, done: Iterable[Job], missing: Iterable[Job]) -> float:
    """The bytes that the missing jobs will leave: each what those of its rule left, on average."""
    sizes: dict[str, list[int]] = defaultdict(list)
    for job in done:
        if len(sizes[job.rule]) < _MOST:
            sizes[job.rule].append(left_by(results, job))
    expected = {rule: mean(found) for rule, found in sizes.items()}
    return sum(expected.get(job.rule, _THUMB.get(job.rule, _THUMB_OTHER)) for job in missing)
