"""What is volatile of a sweep, by hand."""

from typing import Any

import pandas as pd

from mpn_rl.sweep.summary.data import BlockData
from mpn_rl.sweep.summary.made import made_table

RECORD: dict[str, Any] = {
    "host": "node1",
    "processor": "EPYC",
    "commit": "4f07",
    "versions": {"torch": "2.13.0"},
    "started": "2026-01-01T00:00:00Z",
    "finished": "2026-01-01T00:01:00Z",
}


def block(run: str, seeds: tuple[int, ...], *records: dict[str, Any]) -> BlockData:
    made = [{**RECORD, **record} for record in records]
    return BlockData(run, seeds, {}, {}, pd.DataFrame(), records=made)


def test_seconds_and_places_by_hand() -> None:
    table = made_table(
        [
            block("a", (0, 1), {"stage": "train", "wall_seconds": 10.0, "cpu_seconds": 8.0}),
            block(
                "a",
                (2, 3),
                {"stage": "train", "wall_seconds": 30.0, "cpu_seconds": 20.0, "host": "node2"},
                {"stage": "evaluate", "wall_seconds": 2.0, "finished": "2026-01-02T00:00:00Z"},
            ),
            block("b", (0,)),
        ]
    )
    rows = table.set_index(["subject", "name", "statistic"])
    value, text = rows["value"], rows["text"]
    assert value["run", "a", "train_wall_seconds"] == 40
    assert value["run", "a", "train_wall_seconds_per_seed"] == 10
    assert value["run", "a", "train_cpu_seconds_per_seed"] == 7
    assert "b" not in set(table["name"])  # no record says what it cost
    assert value["stage", "train", "jobs"] == 2
    assert value["stage", "train", "longest_wall_seconds"] == 30
    assert value["stage", "evaluate", "wall_seconds"] == 2
    assert text["sweep", "", "hosts"] == "node1; node2"
    assert text["sweep", "torch", "versions"] == "2.13.0"
    assert text["sweep", "", "last_finished"] == "2026-01-02T00:00:00Z"
