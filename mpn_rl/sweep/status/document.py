"""The state of a sweep as JSON, for programs."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from mpn_rl.sweep.status.overview import BlockStatus, Overview


def document(overview: Overview) -> dict[str, Any]:
    """All that is known, block by block; times in seconds, `at` in UTC."""
    done, wanted = overview.jobs
    return {
        "sweep": overview.name,
        "results": str(overview.results),
        "at": datetime.fromtimestamp(overview.at, UTC).isoformat(timespec="seconds"),
        "counts": dict(overview.counts),
        "jobs_done": done,
        "jobs": wanted,
        "driver": overview.driven,
        "core_seconds_left": overview.seconds,
        "seconds_left": overview.left,
        "blocks": [_block(block) for block in overview.blocks],
    }


def _block(block: BlockStatus) -> dict[str, Any]:
    return {
        "run": block.run,
        "seeds": block.block,
        "parameters": dict(block.labels),
        "state": block.kind,
        "jobs_done": block.done,
        "jobs": block.wanted,
        "host": block.host,
        "why": block.why,
        "stale": list(block.stale),
        "training": asdict(block.training) if block.training else None,
        "unfinished": [
            {"rule": s.job.rule, "wildcards": dict(s.job.wildcards), "state": s.kind, "why": s.why}
            | ({"since": s.since} if s.since else {})
            | ({"host": s.host} if s.host else {})
            | ({"log": list(s.lines)} if s.lines else {})
            for s in block.jobs
        ],
    }
