"""How a sweep was made: when, where, how fast, from which commit. Volatile, so not in the summary.

Equal computations leave equal bytes of summary.csv and summary.pdf; what may differ between them
stands in provenance.csv alone.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from mpn_rl.sweep.summary.data import BlockData
from mpn_rl.sweep.summary.facts import distinct, versions_of

COLUMNS = ("subject", "name", "statistic", "value", "text")


def made_table(blocks: Sequence[BlockData]) -> pd.DataFrame:
    """Return subject (sweep, stage, run), name, statistic, value (seconds or a count), text.

    sweep: hosts, processors, commits, versions, first and last time; stage: jobs, their wall-clock
    summed and the longest; run: seconds of its training, summed over blocks, and per seed. Of a
    resumed training, a record covers the last part only.
    """
    records = [record for block in blocks for record in block.records]
    rows = [*_of_sweep(records), *_of_stages(records), *_of_runs(blocks)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_sweep(records: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    for name, key in (("hosts", "host"), ("processors", "processor"), ("commits", "commit")):
        found = distinct(record.get(key) for record in records)
        yield "sweep", "", name, len(found), "; ".join(found)
    for package, found in versions_of(records).items():
        yield "sweep", package, "versions", len(found), "; ".join(found)
    for name, key, end in (("first_started", "started", min), ("last_finished", "finished", max)):
        yield "sweep", "", name, np.nan, end((str(record[key]) for record in records), default="")


def _of_stages(records: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    seconds: dict[str, list[float]] = {}
    for record in records:
        seconds.setdefault(record["stage"], []).append(float(record["wall_seconds"]))
    for stage, found in seconds.items():
        yield "stage", stage, "jobs", len(found), ""
        yield "stage", stage, "wall_seconds", sum(found), ""
        yield "stage", stage, "longest_wall_seconds", max(found), ""


def _of_runs(blocks: Sequence[BlockData]) -> Iterator[tuple[Any, ...]]:
    for run, own in groupby(blocks, lambda block: block.run):
        parts = list(own)
        trained = [r for part in parts for r in part.records if r["stage"] == "train"]
        for name in ("wall_seconds", "cpu_seconds"):
            found = [float(record[name]) for record in trained if name in record]
            if len(found) == len(parts):
                seeds = sum(len(part.seeds) for part in parts)
                yield "run", run, f"train_{name}", sum(found), ""
                yield "run", run, f"train_{name}_per_seed", sum(found) / seeds, ""
