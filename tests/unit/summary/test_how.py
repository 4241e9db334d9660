"""How memory works, as tables and pages: numbers by hand, titles that hold for any result."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.how import how_blocks
from mpn_rl.sweep.summary.how_titles import (
    decoding_title,
    fixed_point_title,
    generalisation_title,
    lesion_title,
    telling_phase,
)
from mpn_rl.sweep.summary.memory_tables import memory_tables
from tests.fixtures import memory_example as example
from tests.fixtures.summary_by_hand import one, tables_of
from tests.fixtures.summary_example import baselines_of, block, small_sweep


def with_memory(
    tables: SummaryTables, made: Mapping[str, pd.DataFrame], cores: tuple[str, ...] = ("mpn",)
) -> SummaryTables:
    """The tables with these of each chosen run of the cores."""
    runs = tables.runs[tables.runs["chosen"] & tables.runs["core"].isin(cores)]["run"]
    found = {
        name: pd.concat([rows.assign(run=run) for run in runs], ignore_index=True)
        for name, rows in made.items()
    }
    return replace(tables, **memory_tables(tables.runs, found))


@pytest.fixture(scope="module")
def bare() -> SummaryTables:
    blocks = small_sweep()
    return tables_of(blocks, baselines_of(blocks))


@pytest.fixture(scope="module")
def tables(bare: SummaryTables) -> SummaryTables:
    return with_memory(bare, example.all_tables())


def text_of(tables: SummaryTables) -> list[str]:
    return [block["text"] for block in how_blocks(tables) if "text" in block]


def test_decoding_keeps_the_same_other_and_shuffled_apart(tables: SummaryTables) -> None:
    rows = {"source": "h", "x": 4, "core": "mpn"}
    # seeds score 0.92, 0.91 and 0.90 by their own decoder
    assert one(tables.decoding, statistic="same_time", **rows)["value"] == pytest.approx(0.91)
    # the others are 1, 2, 3 and 4 steps away on either side, or lie before the sample (0.51)
    others = np.mean([0.51, *(0.92 - 0.02 * gap for gap in (3, 2, 1, 1, 2, 3, 4))]) - 0.01
    assert one(tables.decoding, statistic="other_times", **rows)["value"] == pytest.approx(others)
    assert one(tables.decoding, statistic="shuffled", **rows)["value"] == 0.5


def test_lesions_are_paired_with_their_controls_by_seed(tables: SummaryTables) -> None:
    gap = one(tables.lesions, lesion="selective units zeroed", statistic="minus_control")
    assert gap["value"] == pytest.approx(0.70 - 0.99)
    assert gap["n"] == 3
    assert np.isnan(gap["low"])  # no spread: all seeds differ by the same
    followed = one(tables.lesions, lesion="swapped", statistic="follows_donor")
    assert followed["value"] == 1.0
    assert not len(tables.lesions.query("lesion == 'zeroed' and statistic != 'score'"))


def difference(phase: str, value: float) -> dict[str, object]:
    said = {
        "statistic": "minus_control",
        "lesion": "units zeroed",
        "control": "random units zeroed",
    }
    return {**said, "phase": phase, "value": value, "high": np.nan, "n": 3, "x": 0.1}


@pytest.mark.parametrize(
    ("gaps", "phase"),
    [
        ([("all", -0.5), ("delay", -0.2), ("test", -0.3)], "test"),
        ([("all", 0.0), ("delay", 0.0), ("test", 0.1)], "delay"),
        ([("all", -0.5)], "all"),
    ],
)
def test_the_pages_show_the_phase_in_which_lesions_tell_most(
    gaps: list[tuple[str, float]], phase: str
) -> None:
    rows = pd.DataFrame([difference(*each) for each in gaps])
    scores = rows.assign(statistic="score")
    controls = scores.assign(lesion=scores["control"], control="")
    assert telling_phase(pd.concat([rows, scores, controls])) == phase


def test_a_horizon_is_a_median_and_may_be_infinite(bare: SummaryTables) -> None:
    rows = example.timescales()
    assert (
        one(with_memory(bare, {"timescales": rows}).timescales, phase="delay", quantity="horizon")[
            "value"
        ]
        == np.inf
    )
    assert (
        one(with_memory(bare, {"timescales": rows}).timescales, phase="sample", quantity="horizon")[
            "value"
        ]
        == 43.0
    )


def test_titles_say_what_the_tables_say(tables: SummaryTables) -> None:
    assert decoding_title(tables) == (
        "mpn: sample can be read from M at 8, from h at 8, from x at 1 of 9 steps"
    )
    assert lesion_title(tables) == (
        "After 'sample axis removed (1), delay' mpn scores 0.50, after its control 1.00"
    )
    assert generalisation_title(tables) == (
        "Over delay (steps) 0 to 1,000, mpn scores 1.00 everywhere; "
        "no writing: 0.50 (at 1,000) to 1.00 (at 0)"
    )
    assert fixed_point_title(tables) == (
        "12.00 units of mpn are bistable in the phase delay; 2.00 of them hold a variable"
    )


@pytest.mark.parametrize(
    ("title", "made", "said"),
    [
        (
            lesion_title,
            {"lesions": example.lesions(without=1.0)},
            "No lesion of mpn did clearly more harm than its control",
        ),
        (
            lesion_title,
            {"lesions": example.lesions().query("control == '' and strength != 0.1")},
            "Lesions of mpn, none with a matched control",
        ),
        (
            generalisation_title,
            {"generalisation": example.generalisation(far=0.5).query("condition == 'intact'")},
            "Over delay (steps) 0 to 1,000, mpn scores 0.50 (at 1,000) to 1.00 (at 0)",
        ),
        (
            fixed_point_title,
            {"timescales": example.timescales(bistable=0)},
            "No unit of mpn has more than one stable fixed point",
        ),
        (
            decoding_title,
            {"decoding": example.decoding(held=0.5, sources="M")},
            "mpn: sample can be read from M at 0 of 9 steps",
        ),
    ],
)
def test_titles_of_other_results(
    bare: SummaryTables,
    title: Callable[[SummaryTables], str],
    made: Mapping[str, pd.DataFrame],
    said: str,
) -> None:
    assert title(with_memory(bare, made)) == said


def test_pages_of_a_core_that_is_not_mpn_and_of_one_seed(bare: SummaryTables) -> None:
    made = example.all_tables(seeds=(4,))
    del made["fixed_points"], made["timescales"]
    found = with_memory(bare, made, ("gru",))
    assert lesion_title(found) == "No lesion of gru did clearly more harm than its control"
    assert any("mpn, mpn-frozen in decoding, lesions" in text for text in text_of(found))


def test_several_problems_are_counted() -> None:
    blocks = [
        block(core, (0, 1, 2), delay=delay) for core in ("mpn", "mpn-frozen") for delay in (6, 12)
    ]
    tables = with_memory(tables_of(blocks, baselines_of(blocks)), example.all_tables())
    assert decoding_title(tables) == (
        "What mpn saw can be read at most steps from M in 2, from h in 2, from x in 0 of 2 problems"
    )
    assert lesion_title(tables).startswith(
        "A lesion did more harm than its control in 2 of 2 problems: "
        "after 'sample axis removed (1), delay' mpn scores"
    )
    assert generalisation_title(tables) == (
        "At all values tried, mpn stays within 0.05 of its best score in 2 of 2 problems"
    )
    assert fixed_point_title(tables) == "Units of mpn are bistable in 2 of 2 problems"


def test_what_is_left_out_is_told(bare: SummaryTables) -> None:
    assert text_of(bare) == []
    sweep = replace(bare.sweep, left_out=["decoding", "lesion"])
    assert text_of(replace(bare, sweep=sweep)) == [
        "Left out, or without anything to say: decoding (enabled: false); lesion (enabled: false)."
    ]


def test_every_number_of_the_pages_is_in_the_long_table(tables: SummaryTables) -> None:
    long = tables.long()
    assert how_blocks(tables)  # which it left as they were
    for name in ("decoding", "lesions", "lesion_seeds", "generalisation", "timescales", "paths"):
        own = long[long["section"] == name]
        assert len(own) == len(getattr(tables, name))
        assert not own["value"].isna().any()
        identity = [c for c in own if c not in ("value", "low", "high", "n")]
        assert not own.duplicated(identity).any()
