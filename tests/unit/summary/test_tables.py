"""The tables of the summary: numbers by hand, and every number in summary.csv."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from mpn_rl.sweep.summary.asked import asked_blocks
from mpn_rl.sweep.summary.data import COLUMNS, BlockData, SweepData
from mpn_rl.sweep.summary.histories import KEPT_POINTS, without_episodes
from mpn_rl.sweep.summary.tables import build_tables
from tests.fixtures.summary_by_hand import by_hand, one, tables_of
from tests.fixtures.summary_example import (
    TASK_PARAMETERS,
    baselines_of,
    large_sweep,
    small_sweep,
)

STEPS = [10, 20, 30]
SWEEPS = [
    pytest.param(small_sweep, id="small"),
    pytest.param(partial(large_sweep, 6), id="large", marks=pytest.mark.slow),
]


def test_scores_by_hand() -> None:
    tables = tables_of(
        [
            by_hand("mpn", {0: 1.0, 1: 0.75}),
            by_hand("mpn", {2: 0.0, 3: 0.5}, failed=(4,)),
            by_hand("mpn-frozen", {0: 0.5, 1: 0.5, 2: 0.5, 3: 0.25}),
        ]
    )
    score = one(tables.run_scores, core="mpn", metric="correct")
    assert score["value"] == pytest.approx((0.75 + 0.5) / 2)  # of four, one is cut at each end
    assert (score["n"], score["failed"]) == (4, 1)
    assert score["low"] <= score["value"] <= score["high"]
    assert one(tables.run_scores, core="mpn", metric="return")["value"] == pytest.approx(0.25)
    gap = one(tables.gaps, metric="correct")
    # differences on common seeds: ½, ¼, −½, ¼; the middle half is ¼, ¼
    assert (gap["value"], gap["n"], gap["against"]) == (0.25, 4, "mpn-frozen")
    assert one(tables.seed_scores, core="mpn", seed=4, metric="correct")["status"] == "failed"
    assert one(tables.failures, seed=4)["text"] == "nan"


def test_all_runs_of_a_core_are_pooled_and_one_is_chosen_by_validation() -> None:
    poor, good = by_hand("mpn", {0: 0.25}, eta=0.1), by_hand("mpn", {0: 0.75}, eta=0.2)
    # validation prefers the run that evaluation does not: the choice must not look at evaluation
    validated = [
        replace(b, history={0: {**b.history[0], "validation_return": [v], "validation_step": [9]}})
        for b, v in ((poor, 0.9), (good, 0.1))
    ]
    tables = tables_of(validated)
    every = one(tables.core_scores, metric="correct", scope="all")
    assert (every["value"], every["runs"], every["n"]) == (0.5, 2, 2)
    chosen = one(tables.core_scores, metric="correct", scope="chosen")
    assert (chosen["value"], chosen["run"]) == (0.25, poor.run)
    assert list(tables.runs["chosen"]) == [True, False]
    # without validation the evaluation decides
    assert list(tables_of([poor, good]).runs["chosen"]) == [False, True]


def test_of_runs_that_validate_alike_the_faster_learner_is_chosen() -> None:
    curves = {"slow": [0.0, 0.0, 1.0], "fast": [0.0, 1.0, 1.0]}
    blocks = [
        replace(
            b, history={0: {**b.history[0], "validation_return": curve, "validation_step": STEPS}}
        )
        for b, curve in zip(
            [by_hand("mpn", {0: 1.0}, eta=0.1), by_hand("mpn", {0: 0.5}, eta=0.2)],
            curves.values(),
            strict=True,
        )
    ]
    assert list(tables_of(blocks).runs["chosen"]) == [False, True]


def test_values_are_written_as_in_a_config() -> None:
    blocks = [by_hand("mpn", {0: 1.0}, n=n, bias=True, decay=20000.0) for n in (None, 3)]
    tables = tables_of(blocks)
    assert list(tables.runs["label"]) == ["n=null", "n=3"]
    facts = tables.facts.set_index("statistic")["text"]
    assert (facts["fixed bias"], facts["fixed decay"]) == ("true", "20000")
    assert facts["swept n"] == "null, 3"


def test_cores_are_compared_within_a_setting_of_the_task() -> None:
    blocks = [
        by_hand(core, {0: share, 1: share}, delay=delay, eta=0.1)
        for delay, share in ((6, 1.0), (12, 0.5))
        for core in ("mpn", "mpn-frozen")
    ]
    tables = tables_of(blocks)
    assert tables.problems() == [("DelayedMatch-v0", "delay=6"), ("DelayedMatch-v0", "delay=12")]
    easy = one(tables.core_scores, core="mpn", setting="delay=6", metric="correct", scope="all")
    assert (easy["value"], easy["runs"]) == (1.0, 1)
    # without being told that delay is the task's, it is a setting of the run like any other
    assert tables_of(blocks, task_parameters=frozenset()).problems() == [("DelayedMatch-v0", "")]
    # and a sensitivity to it is shown either way
    assert set(tables.sensitivity["axis"]) == {"delay"}
    line = one(tables.sensitivity, core="mpn", metric="correct", x=12.0)
    assert (line["value"], line["n"]) == (0.5, 2)


def test_a_null_has_no_place_on_the_axis_of_the_others() -> None:
    blocks = [by_hand("mpn", {0: 1.0}, eta=eta) for eta in (None, 0.1, 1.0)]
    tables = tables_of(blocks)
    assert list(tables.sensitivity.query("metric == 'correct'")["x"]) == [0.1, 1.0]
    assert len(tables.runs) == 3
    assert tables_of(blocks[:2]).sensitivity.empty


def test_what_only_tells_cores_apart_is_no_axis() -> None:
    own = {"mpn": 0.003, "gru": 0.002}
    blocks = [by_hand(core, {0: 1.0}, learning_rate=rate) for core, rate in own.items()]
    assert tables_of(blocks).sensitivity.empty
    tables = tables_of([*blocks, by_hand("mpn", {0: 0.5}, learning_rate=0.001)])
    lines = tables.sensitivity.query("metric == 'correct'")
    assert sorted(zip(lines["core"], lines["x"], strict=True)) == [
        ("gru", 0.002),
        ("mpn", 0.001),
        ("mpn", 0.003),
    ]


def test_what_the_recipe_filled_in_is_told() -> None:
    blocks = [
        replace(by_hand("mpn", {0: 1.0}, eta=eta), recipe={"num_envs": envs, "learner": "pqn"})
        for eta, envs in ((0.1, 16), (1.0, 8))
    ]
    facts = tables_of(blocks).facts.set_index("statistic")["text"]
    assert facts["recipe num_envs"] == "16, 8"
    assert facts["recipe learner"] == "pqn"
    pages = json.dumps(asked_blocks(tables_of(blocks)))
    assert "Filled in" in pages
    assert "num_envs = 16, 8" in pages
    assert "Filled in" not in json.dumps(asked_blocks(tables_of([by_hand("mpn", {0: 1.0})])))


def test_a_core_without_an_axis_is_a_line_without_x() -> None:
    blocks = [by_hand("mpn", {0: 1.0, 1: 1.0}, eta=eta) for eta in (0.1, 0.2)]
    tables = tables_of([*blocks, by_hand("gru", {0: 0.5, 1: 0.5})])
    lines = tables.sensitivity[tables.sensitivity["metric"] == "correct"]
    assert one(lines, core="gru")["value"] == 0.5
    assert np.isnan(one(lines, core="gru")["x"])
    assert sorted(lines.loc[lines["core"] == "mpn", "x"]) == [0.1, 0.2]


def test_an_interval_does_not_depend_on_what_else_is_swept() -> None:
    blocks = small_sweep()
    whole, part = tables_of(blocks), tables_of(blocks[:2])
    for name in ("run_scores", "curves", "variance"):
        first, second = getattr(whole, name), getattr(part, name)
        mine = first[first["core"] == "mpn"].reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, second.reset_index(drop=True))


@pytest.mark.parametrize("sweep", SWEEPS)
def test_a_history_without_its_episodes_gives_the_same_tables(
    sweep: Callable[[], list[BlockData]],
) -> None:
    blocks = sweep()
    thinned = [
        replace(b, history={seed: without_episodes(entry) for seed, entry in b.history.items()})
        for b in blocks
    ]
    whole, bounded = (tables_of(own, baselines_of(blocks)) for own in (blocks, thinned))
    for name in (field.name for field in fields(whole)):
        if name not in ("sweep", "curves"):
            pd.testing.assert_frame_equal(getattr(whole, name), getattr(bounded, name))
    validated = whole.curves["quantity"] != "episode_return"
    pd.testing.assert_frame_equal(whole.curves[validated], bounded.curves[validated])
    # A running mean of at least 80 returns, which is cut where it has more than 300 points; the
    # intervals of two or three seeds would show that many times over.
    means, thinned_means = (
        table.drop(columns=["low", "high"])[~validated] for table in (whole.curves, bounded.curves)
    )
    pd.testing.assert_frame_equal(means, thinned_means, rtol=0, atol=0.03 * 250)
    returns = [
        curve[0] for b in thinned for e in b.history.values() for curve in e["curves"].values()
    ]
    assert max(map(len, returns)) == KEPT_POINTS


@pytest.mark.parametrize("sweep", SWEEPS)
def test_summary_csv_holds_every_number_of_every_table(
    sweep: Callable[[], list[BlockData]],
) -> None:
    blocks = sweep()
    tables = tables_of(blocks, baselines_of(blocks))
    table = tables.long()
    assert tuple(table.columns) == COLUMNS
    for item in fields(tables):
        content = getattr(tables, item.name)
        if not isinstance(content, pd.DataFrame):
            continue
        section = table[table["section"] == item.name]
        held = set(
            section[["value", "low", "high", "x", "n", "failed", "unanswered"]]
            .astype(float)
            .round(12)
            .to_numpy()
            .flat
        )
        numbers = content.select_dtypes(include=["number"])
        shown = set(
            numbers.drop(columns="seed", errors="ignore").astype(float).round(12).to_numpy().flat
        )
        lacking = {value for value in shown if np.isfinite(value)} - held
        assert not lacking, (item.name, lacking)
    assert table["statistic"].notna().all()


def test_no_blocks_no_summary() -> None:
    with pytest.raises(ValueError, match="block"):
        build_tables([], SweepData("x", "y", TASK_PARAMETERS), {})
