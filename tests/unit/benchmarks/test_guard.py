"""The guard's table says of histories what they hold, and its page is what the table says."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks import guard_table
from benchmarks.guard_cells import OTHERS, OWN, Cell, all_cells, filled_in
from benchmarks.guard_page import PAGE, TABLE, TABLES, pooled, rewritten, verdict
from benchmarks.guard_rows import (
    COLUMNS,
    Outcome,
    clear_of_random,
    holds,
    row_of,
    rows_of,
    text_of,
    within_best,
)
from mpn_rl.parameters.hyperparameters import Hyperparameters

STEPS = range(10, 70, 10)


def outcome(*scores: float, final: float = 1.0, best: float = 1.0) -> Outcome:
    curve = list(zip(STEPS, scores, strict=True))
    return Outcome("correct", curve, final, best, 2.0)


def test_the_last_third_lies_within_a_twentieth_of_best_less_random() -> None:
    # random 0.5, best 1: from 0.975 on; the last third of 60 steps are those at 50 and 60
    assert within_best(outcome(0.5, 1, 0.2, 0.2, 0.975, 1).curve, 0.5) == 1.0
    assert within_best(outcome(0.5, 1, 1, 1, 0.974, 1).curve, 0.5) == 0.5
    assert within_best(outcome(0.5, 1, 1, 1, 0.974, 0.2).curve, 0.0) == 0.5
    assert np.isnan(within_best([], 0.5))


def test_a_cell_of_four_seeds_one_of_which_failed() -> None:
    failed = Outcome("correct", [(10, 0.5)], np.nan, np.nan, 1.0, "it exploded")
    outcomes = [
        outcome(0.5, 0.96, 1, 1, 1, 1, final=0.96),  # solves it at 20 and stays
        outcome(0.5, 0.5, 0.5, 1, 1, 0.5, final=0.5),  # passes it at 40 and falls
        outcome(0.5, 0.5, 0.5, 0.5, 0.5, 0.94, final=0.94),  # never passes
        failed,
    ]
    row = row_of(outcomes, 0.95, 0.5, [])
    assert (row["solved"], row["passed"], row["stay"], row["failed"]) == (1, 2, 1, 1)
    assert row["within"] == (1 + 0.5) / 2
    assert row["median_steps"] == 40  # the failed one is censored at 10: half of three, by 40
    assert row["final"] == pytest.approx((0.96 + 0.5 + 0.94) / 3)
    assert row["solved_low"] == pytest.approx(0.0063, abs=1e-4)
    assert row["seconds"] == 2.0
    assert row["random_high"] == 0.5
    assert not holds(rows_of(text_of([row]))[0])


def test_seven_of_ten_hold() -> None:
    good, bad = outcome(0, 0, 0, 1, 1, 1), outcome(0, 0, 0, 0, 0, 0, final=0.0)
    for number in (6, 7):
        row = row_of([good] * number + [bad] * (10 - number), 0.95, 0.5, [])
        row["budget"] = 100_000
        assert holds(rows_of(text_of([row]))[0]) == (number == 7)
    row["budget"] = 100_001
    assert not holds(rows_of(text_of([row]))[0])


def test_a_task_without_a_threshold_has_to_be_clear_of_random() -> None:
    def row(*finals: float) -> dict[str, float]:
        made = row_of([outcome(*([0] * 6), final=f) for f in finals], None, 0.0, [-1.0, 1.0])
        return rows_of(text_of([{**made, "budget": 60}]))[0]

    # two episodes of -1 and 1: the random agent's mean is 0 ± 12.7
    assert clear_of_random(row(13.0, 13.0, 13.0))
    assert not clear_of_random(row(12.0, 12.0, 12.0))
    assert not holds(row(10.0, 14.0, 18.0))
    assert verdict(row(13.0, 13.0)) == "13.00, clear of random 0.00, 2.00 s a seed"


def test_a_table_is_read_as_it_was_written() -> None:
    row = row_of([outcome(0, 0, 0, 1, 1, 1)], 0.95, 0.5, [])
    text = text_of([{"task": "A-v0 (limit 3, x 2)", "core": "gru", "recipe": "a 1; b 2", **row}])
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert text_of(rows_of(text)) == text


def test_pooled_shares() -> None:
    good, bad = outcome(0, 0, 0, 1, 1, 1), outcome(0, 0, 0, 1, 0, 0, final=0.0)
    rows = [row_of([good] * 9 + [bad], 0.95, 0.5, []), row_of([good, good], 0.95, 0.5, [])]
    rows = [{**row, "budget": 60} for row in rows]
    table = pooled(rows_of(text_of(rows)))
    assert [line[1] for line in table[1:4]] == ["11 of 12", "11 of 12", "2 of 2"]
    assert [line[4] for line in table[1:4]] == ["yes", "yes", "yes"]


def test_what_null_means_is_said() -> None:
    given = Hyperparameters(num_episodes=5)
    filled = given.model_copy(update={"num_steps": 7})
    assert filled_in(given, given) == ""
    assert filled_in(given.model_copy(update={"num_steps": None}), filled) == "num_steps 7"


def test_every_cell_is_one_that_can_be_asked_for() -> None:
    cells = all_cells()
    assert len({(cell.problem.name, cell.core) for cell in cells}) == len(cells)
    assert {problem.task for problem in OWN} >= {"TMaze-v0", "CartPole-v1"}
    assert all(min(cell.seeds) == 1000 for cell in cells)
    for problem in (*OWN, *OTHERS):
        point = Cell(problem, "gru", [0]).hyperparameters()
        assert (point.task, point.core) == (problem.task, "gru")


def test_rows_that_were_made_enter_the_table_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, page = tmp_path / "defaults.csv", tmp_path / "defaults.md"
    page.write_text("<!-- guard: by_core -->\n<!-- end -->\n")
    monkeypatch.setattr(guard_table, "TABLE", table)
    monkeypatch.setattr(guard_table, "PAGE", page)
    monkeypatch.setattr(guard_table, "MADE", tmp_path)
    assert guard_table.gather() == []
    cells = [cell for cell in all_cells() if cell.problem.task == "GoNogo-v0"]

    def made(cell: Cell, code: str) -> dict[str, object]:
        row = row_of([outcome(0, 0, 0, 1, 1, 1)], 0.95, 0.5, [])
        head = {"task": cell.problem.name, "core": cell.core, "code": code}
        return {**head, **row, "budget": 60, "learner": "pqn", "cell_seconds": 3.0}

    monkeypatch.setattr(guard_table, "make_row", made)
    for place in (1, 0):
        guard_table.make([(cell, "abc") for cell in cells], place)
    rows = guard_table.gather()
    assert [row["core"] for row in rows] == [cell.core for cell in cells[:2]]
    assert "| 1 of 1 | 1 of 1 | 1 of 1 | 3 |" in page.read_text()
    assert not list(tmp_path.glob("*.json"))
    assert guard_table.gather() == rows
    monkeypatch.setattr(Cell, "code", lambda cell: "abc" if cell == cells[0] else "changed")
    assert guard_table.stale(cells[:2]) == [(cells[1], "changed")]


def test_the_page_is_what_the_table_says() -> None:
    text = PAGE.read_text("utf-8")
    for name in TABLES:
        assert f"<!-- guard: {name} -->" in text
    if TABLE.exists():
        assert rewritten(text, rows_of(TABLE.read_text())) == text, "run `make guard`"
