"""What an unfinished sweep has so far, and why the rest is missing."""

from pathlib import Path
from typing import Any

from mpn_rl.artifacts.files import atomic_write_bytes
from mpn_rl.sweep.ledger import holds
from mpn_rl.sweep.plan import shown_animations
from mpn_rl.sweep.stages.summarise import (
    SweepFiles,
    comparable,
    make_tables,
    read_block,
    read_frames,
    with_measured,
    with_memory,
)
from mpn_rl.sweep.status.states import read_tail
from mpn_rl.sweep.summary.pages import MissingBlock, write_partial

NAME = "summary_partial.pdf"


def summarise_partial(results: Path, **params: Any) -> Path | None:
    """Write summary_partial.pdf if blocks are missing; return its path, None if none is missing.

    `params` are the fields of `SweepFiles` without `results`.
    """
    files = SweepFiles(results, **params)
    missing = {key: stage for key in files.all_blocks() if (stage := first_missing(files, *key))}
    path = results / NAME
    if not missing:
        path.unlink(missing_ok=True)
        return None
    complete = [key for key in files.all_blocks() if key not in missing]
    blocks = comparable(read_block(files, *key) for key in complete)
    tables = None
    if blocks:
        tables = with_measured(files, with_memory(files, make_tables(files, blocks)))
    runs = list(dict.fromkeys(run for run, _ in complete))
    videos = [results / video for video in shown_animations({**params, "runs": runs})]
    episodes = [read_frames(video) for video in videos if video.exists()]
    named = [_missing_block(files, *key, stage) for key, stage in missing.items()]
    atomic_write_bytes(path, write_partial(files.name, named, len(complete), tables, episodes))
    return path


def first_missing(files: SweepFiles, run: str, block: str) -> str | None:
    """The first stage whose outputs a block lacks or has damaged; None for a complete block."""
    for job in files.jobs_of(run, block):
        if not holds(files.results / path for path in job.outputs):
            return job.rule
    return None


def _missing_block(files: SweepFiles, run: str, block: str, stage: str) -> MissingBlock:
    logs = sorted((files.results / "logs" / stage).glob(f"{run}_seeds_{block}*.log"))
    if not logs:
        return MissingBlock(run, block, stage, "", ["no log: the stage has not been started"])
    return MissingBlock(run, block, stage, str(logs[0]), read_tail(logs[0])[0])
