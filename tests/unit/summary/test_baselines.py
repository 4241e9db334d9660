"""Normalised scores by hand: the scale, the pooling over tasks, and the strata of intervals."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpn_rl.statistics.statistics import normalised
from mpn_rl.sweep.summary.data import ALL, BlockData, SummaryTables
from mpn_rl.sweep.summary.found import found_blocks
from mpn_rl.sweep.summary.tables import build_tables
from tests.fixtures.summary_example import baselines_of, large_sweep, records, small_sweep, sweep

AGENTS = ("random", "memoryless", "oracle")


def of_returns(
    core: str,
    task: str,
    returns: dict[int, float],
    failed: tuple[int, ...] = (),
    **settings: Any,
) -> BlockData:
    """A block whose seeds reach these returns."""
    seeds = tuple(sorted([*returns, *failed]))
    rows = [(seed, 0, value, 5, np.nan) for seed, value in returns.items()]
    evaluation = pd.DataFrame(rows, columns=["seed", "episode", "return", "length", "correct"])
    history = {s: {"status": "failed" if s in failed else "completed", "steps": 1} for s in seeds}
    point = {"task": task, "core": core, **settings}
    run = f"{task}_{core}_{'-'.join(map(str, settings.values()))}"
    return BlockData(run, seeds, point, history, evaluation, None, records(run, seeds))


def tables_of(*blocks: BlockData, **levels: tuple[float, ...]) -> SummaryTables:
    """Tables beside random, memoryless and oracle: 0, 0 and 1, or those of A, B … of `levels`."""
    found = {}
    for made in blocks:
        returns = levels.get(str(made.hyperparameters["task"])[0], (0.0, 0.0, 1.0))
        agents = [(*pair, np.nan, 10) for pair in zip(AGENTS, returns, strict=False)]
        columns = ["agent", "return", "correct", "num_episodes"]
        found[made.run] = pd.DataFrame(agents, columns=columns)
    return build_tables(blocks, sweep(), found)


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
        of_returns("mpn", "A-v0", {0: 0.5, 1: 1.0}),
        of_returns("mpn", "B-v0", {0: 100.0, 1: 300.0}),
        A=(-1.0, 0.0, 1.0),
        B=(100.0, 150.0, 500.0),
    )
    first = one(tables.normalised, task="A-v0", scope="all")
    assert (first["value"], first["problems"], first["n"]) == (0.875, 1, 2)  # ¾ and 1
    assert one(tables.normalised, task="B-v0", scope="all")["value"] == 0.25  # 0 and ½
    both = one(tables.normalised, task=ALL, scope="all")
    # 0, ½, ¾, 1: of four, one is cut at each end
    assert (both["value"], both["problems"], both["n"]) == (0.625, 2, 4)
    own = tables.baselines[tables.baselines["task"] == "B-v0"].set_index(["statistic", "agent"])
    assert own["value"]["normalised"].to_dict() == {
        "random": 0.0,
        "memoryless": 0.125,
        "oracle": 1.0,
    }


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
        of_returns("mpn", "A-v0", {0: 150.0, 1: 300.0, 2: 450.0}), A=(100.0, 100.0, 500.0)
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
    blocks = [of_returns("mpn", f"{task}-v0", {0: 0.5}) for task in "ABCD"]
    tables = tables_of(*blocks, B=(0.0,), C=(0.0, 0.0, 0.0), D=())
    assert set(tables.normalised["task"]) == {"A-v0", ALL}
    assert one(tables.normalised, task=ALL, scope="all")["problems"] == 1
    assert set(tables.baselines["task"]) == {"A-v0", "B-v0", "C-v0"}
    assert "B-v0, C-v0, D-v0" in json.dumps(found_blocks(tables))
    # and where no task has one
    none = tables_of(*blocks[1:], B=(0.0,), C=(0.0, 0.0, 0.0), D=())
    assert len(none.normalised) == 0
    assert "B-v0, C-v0, D-v0" in json.dumps(found_blocks(none))


def test_a_task_that_costs_at_random_and_has_no_oracle_has_no_scale() -> None:
    """LunarLander: what random actions return lies far below 0."""
    tables = tables_of(of_returns("mpn", "B-v0", {0: 20.0}), B=(-200.0,))
    assert not (tables.baselines["statistic"] == "normalised").any()
    assert not tables.normalised.size


def test_an_agent_that_stands_without_playing_has_no_episodes() -> None:
    blocks = large_sweep(4)
    tables = build_tables(blocks, sweep(), baselines_of(blocks))
    oracle = one(tables.baselines, task="CartPole-v1", agent="oracle", statistic="mean_of_episodes")
    assert (oracle["value"], oracle["n"]) == (500.0, 0)


def test_size_of_a_run() -> None:
    tables = build_tables(small_sweep(), sweep(), {})
    runs = tables.runs.set_index("core")
    assert runs["parameters"].to_dict() == {"mpn": 4773, "mpn-frozen": 5452, "gru": 4773}
    assert np.isnan(tables_of(of_returns("mpn", "A-v0", {0: 0.5})).runs.iloc[0]["parameters"])
    table = tables.long()
    size = one(table[table["section"] == "runs"], core="gru", statistic="parameters")
    assert size["value"] == 4773


def test_all_tasks_stand_together_where_there_are_several() -> None:
    small, large = (
        json.dumps(found_blocks(build_tables(blocks, sweep(), baselines_of(blocks))))
        for blocks in (small_sweep(), large_sweep(4))
    )
    assert "Over all tasks" not in small  # one task: nothing to pool
    for text in ("Over all tasks", "CartPole-v1", "memoryless", "500.0", "lstm"):
        assert text in large
