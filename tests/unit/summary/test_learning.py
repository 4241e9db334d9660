"""Learning and comparison of cores in the summary's tables, by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpn_rl.sweep.summary.data import ALL, BlockData, SummaryTables, SweepData
from mpn_rl.sweep.summary.tables import build_tables

STEPS = [10, 20, 30, 40]
FAILED: dict[str, Any] = {"status": "failed", "steps": 7, "failure": "nan"}


def block(
    core: str,
    correct: dict[int, float],
    validated: dict[int, list[float]],
    failed: tuple[int, ...] = (),
    task: str = "A-v0",
) -> BlockData:
    """Seeds with these fractions correct (nan: never answered) and validations; oracle 1."""
    history = {
        seed: {
            "status": "completed",
            "steps": 40,
            "validation_step": STEPS,
            "validation_correct": curve,
            "validation_return": [2 * v - 1 for v in curve],
        }
        for seed, curve in validated.items()
    }
    rows = [(seed, 0, 2 * np.nan_to_num(v) - 1, 5, v) for seed, v in correct.items()]
    return BlockData(
        run=f"{task}_{core}_0",
        seeds=tuple(sorted([*correct, *failed])),
        hyperparameters={"task": task, "core": core},
        history=history | dict.fromkeys(failed, FAILED),
        evaluation=pd.DataFrame(rows, columns=["seed", "episode", "return", "length", "correct"]),
    )


RISING = {0: [0.0, 1.0, 1.0, 1.0], 1: [0.0, 0.0, 0.95, 0.5], 2: [0.25] * 4}
MPN = block("mpn", {0: 1.0, 1: 0.95, 2: 0.25}, RISING, failed=(3,))
GRU = block("gru", {0: 0.5, 1: 0.5, 2: 0.5}, {seed: [0.5] * 4 for seed in range(3)})


def tables_of(*blocks: BlockData, oracle: float | None = 1.0) -> SummaryTables:
    """Tables beside a random agent and an oracle of this fraction correct, or neither."""
    agents = [("random", -1.0, 0.0, 1000), ("oracle", 1.0, oracle, 1000)]
    levels = pd.DataFrame(agents, columns=["agent", "return", "correct", "num_episodes"])
    baselines = {block.run: levels for block in blocks} if oracle is not None else {}
    return build_tables(blocks, SweepData("name", "hash"), baselines)


def one(table: pd.DataFrame, **values: Any) -> pd.Series:
    for name, value in values.items():
        table = table[table[name] == value]
    assert len(table) == 1, table
    return table.iloc[0]


def test_seeds_that_solved_it_failed_ones_counted() -> None:
    found = one(tables_of(MPN, GRU).run_learning, core="mpn", statistic="solved")
    assert (found["value"], found["n"], found["text"], found["x"]) == (0.5, 4, "2 of 4", 0.95)
    # of two in four: Σ_{k ≥ 2} of a binomial with p = low is 0.025
    assert (found["low"], found["high"]) == pytest.approx((0.0676, 0.9324), abs=1e-4)


def test_steps_to_solved_are_censored() -> None:
    tables = tables_of(MPN, GRU)
    steps = tables.seed_learning[tables.seed_learning["statistic"] == "steps_to_solved"]
    of_mpn = steps[steps["core"] == "mpn"].set_index("seed")
    assert of_mpn["value"].dropna().to_dict() == {0: 20.0, 1: 30.0}
    assert of_mpn["text"].to_dict() == {0: "reached", 1: "reached", 2: "never", 3: "never"}
    assert set(of_mpn["x"]) == {40.0}  # a failed seed will never reach it, within all the steps
    found = one(tables.run_learning, core="mpn", statistic="steps_to_solved")
    assert (found["value"], found["n"], found["text"]) == (30.0, 2, "2 of 4 reached it")
    never = one(tables.run_learning, core="gru", statistic="steps_to_solved")
    assert np.isnan(never["value"])
    assert (never["n"], never["x"]) == (0, 40.0)


def test_areas_and_final_windows() -> None:
    tables = tables_of(MPN, GRU)
    own = tables.seed_learning[tables.seed_learning["core"] == "mpn"]
    own = own[own["metric"] == "correct"].set_index(["statistic", "seed"])["value"]
    assert own["area_under_validation", 0] == pytest.approx((0.5 + 1 + 1) / 3)
    assert own["final_window", 1] == pytest.approx((0.0 + 0.95 + 0.5) / 3)
    assert ("final_window", 3) not in own.index  # the failed seed was never validated
    found = one(tables.run_learning, core="mpn", metric="correct", statistic="final_window")
    assert found["value"] == pytest.approx((1 + 1.45 / 3 + 0.25) / 3)
    assert found["n"] == 3
    assert 0 <= found["low"] < found["value"] < found["high"] <= 1


def test_the_threshold_comes_from_the_oracle() -> None:
    tables = tables_of(GRU, oracle=0.5)
    found = one(tables.run_learning, statistic="solved")
    assert (found["x"], found["text"]) == (0.475, "3 of 3")
    unknown = tables_of(GRU, oracle=None)
    assert set(unknown.run_learning["statistic"]) == {"area_under_validation", "final_window"}


def test_a_seed_that_never_answered_is_counted_and_named() -> None:
    silent = block("mpn", {0: 1.0, 1: np.nan}, {0: [1.0] * 4, 1: [0.0] * 4})
    tables = tables_of(silent, GRU)
    score = one(tables.run_scores, core="mpn", metric="correct")
    assert (score["value"], score["n"], score["failed"], score["unanswered"]) == (1.0, 1, 0, 1)
    named = one(tables.failures, seed=1)
    assert named["run"] == silent.run
    assert "no answer in any evaluated episode" in named["text"]
    assert one(tables.run_learning, core="mpn", statistic="solved")["text"] == "1 of 2"
    table = tables.long()
    counted = table[(table["section"] == "run_scores") & (table["metric"] == "correct")]
    assert one(counted, core="mpn")["unanswered"] == 1


def test_who_improves_on_whom() -> None:
    tables = tables_of(MPN, GRU)
    found = one(tables.improvement, against="gru")
    # 1 and 0.95 beat three seeds of 0.5, 0.25 beats none
    assert found["value"] == pytest.approx(2 / 3)
    assert found["n"] == 6
    assert 0 < found["low"] < found["value"] < found["high"] < 1
    again = [block(core, {0: 0.5}, {0: [0.5] * 4}, task="B-v0") for core in ("mpn", "gru")]
    overall = one(tables_of(MPN, GRU, *again).improvement, task=ALL)
    assert overall["value"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert overall["n"] == 2


def test_profiles_and_optimality_gaps() -> None:
    tables = tables_of(MPN, GRU)
    profile = tables.profiles[tables.profiles["core"] == "mpn"].set_index("x")["value"]
    # normalised 1, 0.95, 0.25, and a failed seed, which is above none
    assert profile.loc[[0.0, 0.2, 0.3, 0.9, 1.0]].tolist() == [0.75, 0.75, 0.5, 0.5, 0.25]
    gap = one(tables.optimality, core="mpn")
    assert (gap["value"], gap["n"]) == (pytest.approx((0 + 0.05 + 0.75 + 1) / 4), 4)
    assert one(tables.optimality, core="gru")["value"] == 0.5
    both = [MPN, GRU, block("mpn", {0: 0.5}, {0: [0.5] * 4}, task="B-v0")]
    overall = one(tables_of(*both).optimality, core="mpn", task=ALL)
    assert (overall["value"], overall["n"]) == (pytest.approx((1.8 + 0.5) / 5), 5)
