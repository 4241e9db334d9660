"""Normalised scores by hand: the scale, the pooling over tasks, and the strata of intervals."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpn_rl.figures.style import applied
from mpn_rl.statistics.statistics import normalised
from mpn_rl.sweep.summary.data import ALL, BlockData, SummaryTables
from mpn_rl.sweep.summary.long import long_table
from mpn_rl.sweep.summary.tables import build_tables
from mpn_rl.sweep.summary.tasks import task_pages
from tests.fixtures.summary_example import block, large_sweep, records, small_sweep, sweep

AGENTS = ("random", "memoryless", "oracle")


def of_returns(
    core: str,
    task: str,
    returns: dict[int, float],
    levels: tuple[float, ...] = (0.0, 0.0, 1.0),
    episodes: int = 10,
    failed: tuple[int, ...] = (),
    **settings: Any,
) -> BlockData:
    """A block whose seeds reach these returns, beside random, memoryless and oracle agents."""
    seeds = tuple(sorted([*returns, *failed]))
    rows = [(seed, 0, value, 5, np.nan) for seed, value in returns.items()]
    evaluation = pd.DataFrame(rows, columns=["seed", "episode", "return", "length", "correct"])
    history = {s: {"status": "failed" if s in failed else "completed", "steps": 1} for s in seeds}
    agents = list(zip(AGENTS, levels, strict=False))
    references = pd.DataFrame(
        [(*agent, np.nan, episodes, pd.NA) for agent in agents] + [(core, 0.0, np.nan, 1, 77)],
        columns=["agent", "return", "correct", "num_episodes", "parameters"],
    )
    point = {"task": task, "core": core, **settings}
    run = f"{task}_{core}_{'-'.join(map(str, settings.values()))}"
    made = BlockData(run, seeds, point, history, evaluation, None, records(run, seeds))
    return replace(made, references=references)


def tables_of(*blocks: BlockData) -> SummaryTables:
    return build_tables(blocks, sweep())


def one(table: pd.DataFrame, **values: Any) -> pd.Series:
    for name, value in values.items():
        table = table[table[name] == value]
    assert len(table) == 1, table
    return table.iloc[0]


def test_a_value_as_a_fraction_of_the_way() -> None:
    assert normalised([-1.0, 0.0, 1.0, 2.0], -1.0, 1.0).tolist() == [0.0, 0.5, 1.0, 1.5]
    assert normalised(100.0, 20.0, 500.0) == pytest.approx(80 / 480)
    for zero, one_ in ((1.0, 1.0), (1.0, 0.0), (np.nan, 1.0), (0.0, np.nan)):
        assert np.isnan(normalised([0.5], zero, one_)).all()


def test_scores_are_normalised_task_by_task_and_pooled() -> None:
    tables = tables_of(
        of_returns("mpn", "A-v0", {0: 0.5, 1: 1.0}, levels=(-1.0, 0.0, 1.0)),
        of_returns("mpn", "B-v0", {0: 100.0, 1: 300.0}, levels=(100.0, 150.0, 500.0)),
    )
    first = one(tables.normalised, task="A-v0", scope="all")
    assert (first["value"], first["problems"], first["n"]) == (0.875, 1, 2)  # ¾ and 1
    assert one(tables.normalised, task="B-v0", scope="all")["value"] == 0.25  # 0 and ½
    both = one(tables.normalised, task=ALL, scope="all")
    # 0, ½, ¾, 1: of four, one is cut at each end
    assert (both["value"], both["problems"], both["n"]) == (0.625, 2, 4)
    own = tables.references[tables.references["task"] == "B-v0"].set_index("agent")
    assert own["normalised"].to_dict() == {"random": 0.0, "memoryless": 0.125, "oracle": 1.0}


def test_tasks_are_the_strata_over_all_tasks() -> None:
    """How tasks differ makes nothing uncertain: of seeds that agree there is no interval."""
    alike = [
        of_returns("mpn", task, dict.fromkeys(range(3), value))
        for task, value in (("A-v0", 0.0), ("B-v0", 1.0))
    ]
    both = one(tables_of(*alike).normalised, task=ALL, scope="all")
    # six values 0 0 0 1 1 1, of which one is cut at each end
    assert both["value"] == 0.5
    assert np.isnan([both["low"], both["high"]]).all()
    # of a pool without strata it would be: the same six seeds as one task
    mixed = of_returns("mpn", "A-v0", {0: 0.0, 1: 0.0, 2: 0.0, 3: 1.0, 4: 1.0, 5: 1.0})
    pool = one(tables_of(mixed).normalised, task="A-v0", scope="all")
    assert pool["low"] < 0.5 < pool["high"]
    # runs of a task are one stratum here: two runs that differ leave it uncertain
    runs = [
        of_returns("mpn", "A-v0", dict.fromkeys(range(3), float(eta)), eta=eta) for eta in (0, 1)
    ]
    other = of_returns("mpn", "B-v0", dict.fromkeys(range(6), 0.5), eta=0)
    spread = one(tables_of(*runs, other).normalised, task=ALL, scope="all")
    assert spread["n"] == 12
    assert spread["low"] < spread["high"]


def test_an_interval_of_a_task_is_that_of_its_returns_on_the_other_scale() -> None:
    tables = tables_of(
        of_returns("mpn", "A-v0", {0: 150.0, 1: 300.0, 2: 450.0}, levels=(100.0, 100.0, 500.0))
    )
    score = one(tables.core_scores, metric="return", scope="all")
    found = one(tables.normalised, scope="all")
    for name in ("value", "low", "high"):
        assert found[name] == pytest.approx((score[name] - 100) / 400)


def test_chosen_runs_and_failed_seeds() -> None:
    tables = tables_of(
        of_returns("mpn", "A-v0", {0: 0.2}, eta=0.1, failed=(1,)),
        of_returns("mpn", "A-v0", {0: 0.8, 1: 0.8}, eta=0.2),
        of_returns("mpn", "B-v0", {0: 0.4, 1: 0.4}),
    )
    every, chosen = (one(tables.normalised, task=ALL, scope=scope) for scope in ("all", "chosen"))
    assert (every["n"], every["failed"]) == (5, 1)
    assert every["value"] == pytest.approx((0.4 + 0.4 + 0.8) / 3)  # 0.2 and one 0.8 are cut
    assert (chosen["n"], chosen["failed"]) == (4, 0)
    assert chosen["value"] == pytest.approx((0.4 + 0.8) / 2)


def test_tasks_without_a_scale_are_left_out() -> None:
    scaled = of_returns("mpn", "A-v0", {0: 0.5})
    lone = of_returns("mpn", "B-v0", {0: 0.5}, levels=(0.0,))
    flat = of_returns("mpn", "C-v0", {0: 0.5}, levels=(0.0, 0.0, 0.0))
    without = replace(of_returns("mpn", "D-v0", {0: 0.5}), references=None)
    tables = tables_of(scaled, lone, flat, without)
    assert set(tables.normalised["task"]) == {"A-v0", ALL}
    assert one(tables.normalised, task=ALL, scope="all")["problems"] == 1
    assert set(tables.references["task"]) == {"A-v0", "B-v0", "C-v0"}
    with applied():
        (page,) = task_pages(tables)
    said = " ".join(text.get_text() for text in page.texts)
    assert "B-v0, C-v0, D-v0" in said
    # and where no task has one
    assert len(tables_of(lone, without).normalised) == 0
    with applied():
        assert len(list(task_pages(tables_of(lone, without)))) == 1


def test_levels_are_means_over_episodes_of_different_seeds() -> None:
    tables = tables_of(
        of_returns("mpn", "A-v0", {0: 0.5}, levels=(0.0, 0.2, 1.0), episodes=30),
        of_returns("mpn", "A-v0", {1: 0.5}, levels=(0.4, 0.2, 1.0), episodes=10),
        of_returns("gru", "A-v0", {1: 0.5}, levels=(0.4, 0.2, 1.0), episodes=10),  # the same again
    )
    random = one(tables.references, agent="random")
    assert (random["value"], random["n"]) == (pytest.approx(0.1), 40)
    assert one(tables.references, agent="oracle")["value"] == 1.0


def test_size_of_a_run() -> None:
    runs = tables_of(*small_sweep()).runs.set_index("core")
    assert runs["parameters"].to_dict() == {"mpn": 4773, "mpn-frozen": 5452, "gru": 4773}
    bare = replace(block("mpn", (0, 1)), records=(), references=None)
    assert np.isnan(tables_of(bare).runs.iloc[0]["parameters"])
    table = long_table(tables_of(*small_sweep()))
    size = one(table[table["section"] == "runs"], core="gru", statistic="parameters")
    assert size["value"] == 4773


def test_the_page_of_all_tasks() -> None:
    assert list(task_pages(tables_of(*small_sweep()))) == []  # one task: nothing to pool
    tables = tables_of(*large_sweep(4))
    with applied():
        pages = list(task_pages(tables))
    said = "\n".join(text.get_text() for page in pages for text in page.texts)
    for text in ("All tasks", "CartPole-v1", "memoryless", "500.0", "lstm"):
        assert text in said
    drawn = {panel.get_title(loc="left") for page in pages for panel in page.axes}
    assert {"CartPole-v1", "DelayedMatch-v0 (delay=6)"} <= drawn


def test_many_tasks_and_cores_go_on_over_pages() -> None:
    blocks = [
        of_returns(core, f"Task{number:02d}-v0", {0: 0.5, 1: 0.75})
        for number in range(40)
        for core in ("mpn", *(f"core-{letter}" for letter in "abcdefghijk"))
    ]
    tables = tables_of(*blocks)
    with applied():
        pages = list(task_pages(tables))
    said = "\n".join(text.get_text() for page in pages for text in page.texts)
    for number in range(40):
        assert said.count(f"Task{number:02d}-v0") == 2  # twelve cores take two tables
    assert sum(len(page.axes) for page in pages) == 41
