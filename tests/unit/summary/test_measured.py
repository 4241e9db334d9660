"""Analyses of the user's own in the summary: means over rows, then over seeds, by their texts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mpn_rl.sweep.summary.measured import MeasuredFigure, measured_blocks, measured_table
from tests.fixtures.summary_by_hand import by_hand, one, tables_of

ROWS = pd.DataFrame(
    {
        "seed": [0, 0, 0, 1, 1, 1],
        "phase": ["cue", "cue", "delay"] * 2,
        "unit": [0, 1, 0] * 2,
        "selectivity": [0.1, 0.3, 0.5, 0.4, 0.6, np.nan],
    }
)


def told():
    tables = tables_of([by_hand("mpn", {0: 1.0, 1: 0.5}), by_hand("gru", {0: 0.5, 1: 0.5})])
    found = {("own", run): ROWS for run in tables.runs["run"]}
    sweep = replace(tables.sweep, analyses={"own": "How selective units are."})
    return replace(tables, sweep=sweep, measured=measured_table(tables.runs, found))


def test_a_seeds_rows_are_averaged_and_texts_are_kept_apart():
    tables = told()
    cue = one(tables.measured, core="mpn", told="cue")
    assert cue["quantity"] == "selectivity"
    assert cue["value"] == pytest.approx(0.35)  # of the seeds' means 0.2 and 0.5
    assert (cue["n"], cue["analysis"]) == (2, "own")
    delay = one(tables.measured, core="mpn", told="delay")
    assert (delay["value"], delay["n"]) == (0.5, 1)
    long = one(tables.long(), section="measured", core="gru", text="cue")
    assert (long["statistic"], long["metric"]) == ("own", "selectivity")
    assert long["value"] == pytest.approx(0.35)


def test_columns_may_have_any_name_and_tables_no_row():
    tables, run = tables_of([by_hand("mpn", {0: 1.0})]), by_hand("mpn", {0: 1.0}).run
    rows = pd.DataFrame({"seed": [0, 0], "value": ["a", "b"], "told": [0.5, 1.0]})
    found = measured_table(tables.runs, {("own", run): rows, ("none", run): rows[:0]})
    assert found[["told", "quantity", "value"]].to_numpy().tolist() == [
        ["a", "told", 0.5],
        ["b", "told", 1.0],
    ]


def test_its_part_has_a_table_and_the_figures_and_is_not_there_without():
    tables = told()
    run = tables.runs["run"].iloc[0]
    figure = MeasuredFigure("own", run, np.zeros((4, 6, 3), np.uint8))
    blocks = [*measured_blocks(tables, [figure])]
    assert [block["kind"] for block in blocks] == [
        *("heading", "note", "heading", "note", "table", "drawing")
    ]
    assert blocks[3]["text"] == "How selective units are."
    table = blocks[4]
    assert table["head"] == ["run", "selectivity"]
    cells = [line["cells"] for line in table["rows"] if "cells" in line]
    assert [name for name, _ in cells] == ["mpn, cue", "mpn, delay", "gru, cue", "gru, delay"]
    assert cells[1][1].startswith("0.50")
    assert [*measured_blocks(tables_of([by_hand("mpn", {0: 1.0})]), [])] == []


def test_small_and_large_numbers_can_be_read():
    tables = tables_of([by_hand("mpn", {0: 1.0})])
    rows = pd.DataFrame({"seed": [0], "drift": [-0.00012345], "energy": [2.5e300], "zero": [0.0]})
    found = {("own", tables.runs["run"].iloc[0]): rows}
    sweep = replace(tables.sweep, analyses={"own": ""})
    tables = replace(tables, sweep=sweep, measured=measured_table(tables.runs, found))
    (table,) = (block for block in measured_blocks(tables, []) if block["kind"] == "table")
    (cells,) = (line["cells"] for line in table["rows"] if "cells" in line)
    assert cells[1:] == ("−0.000123", "2.5e+300", "0.00")


def test_a_table_without_numbers_says_so():
    tables = told()
    texts = measured_table(
        tables.runs, {("own", tables.runs["run"].iloc[0]): ROWS[["seed", "phase"]]}
    )
    blocks = [*measured_blocks(replace(tables, measured=texts), [])]
    assert blocks[-1]["text"] == "It says nothing in numbers."
