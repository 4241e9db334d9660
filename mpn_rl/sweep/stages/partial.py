"""What an unfinished sweep has so far, and why the rest is missing."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_bytes
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.points import read_run_id
from mpn_rl.sweep.layout import RULES, Job
from mpn_rl.sweep.ledger import verify_inputs
from mpn_rl.sweep.stages.summarise import (
    SweepFiles,
    comparable,
    first_videos,
    make_tables,
    read_block,
    read_frames,
)
from mpn_rl.sweep.summary.pages import MissingBlock, write_partial

log = logging.getLogger(__name__)

LOG_LINES = 12
NAME = "summary_partial.pdf"


def summarise_partial(results: Path, **params: Any) -> Path | None:
    """Write summary_partial.pdf if blocks are missing; return its path, None if none is missing.

    `params` are the fields of `SweepFiles` without `results`.
    """
    files = SweepFiles(results, **params)
    missing = {key: stage for key in files.all_blocks() if (stage := lacking(files, *key))}
    path = results / NAME
    if not missing:
        path.unlink(missing_ok=True)
        return None
    complete = [key for key in files.all_blocks() if key not in missing]
    blocks = comparable(read_block(files, *key) for key in complete)
    tables = make_tables(files, blocks) if blocks else None
    videos = [video for video in first_videos(files, complete) if video.exists()]
    named = [_missing_block(files, *key, stage) for key, stage in missing.items()]
    pages = write_partial(
        files.name, named, len(complete), tables, [read_frames(video) for video in videos]
    )
    atomic_write_bytes(path, pages)
    return path


def lacking(files: SweepFiles, run: str, block: str) -> str | None:
    """The first stage whose outputs a block lacks or has damaged; None for a complete block."""
    plastic = CORES[read_run_id(run).core].plastic
    videos = [{"seed": str(seed), "episode": str(n)} for seed, n in files.videos_of(block)]
    for name, rule in RULES.items():
        each: dict[str, list[dict[str, str]]] = {"block": [{}], "animation": videos}
        jobs = [Job(name, {"run": run, "block": block, **more}) for more in each.get(rule.per, [])]
        paths = [files.results / path for job in jobs for path in job.outputs]
        try:
            verify_inputs(paths if plastic or not rule.plastic else [])
        except ArtifactError:
            return name
    return None


def _missing_block(files: SweepFiles, run: str, block: str, stage: str) -> MissingBlock:
    logs = sorted((files.results / "logs" / stage).glob(f"{run}_seeds_{block}*.log"))
    path = logs[0] if logs else None
    lines = _last_lines(path) if path else ["no log: the stage has not been started"]
    return MissingBlock(run, block, stage, str(path) if path else "", lines)


def _last_lines(path: Path) -> Sequence[str]:
    try:
        return path.read_text("utf-8", errors="replace").splitlines()[-LOG_LINES:]
    except OSError as error:
        return [f"the log cannot be read: {error.strerror}"]
