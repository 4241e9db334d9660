"""docs/results.md is what the committed numbers say, and each table says them rightly."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks.contest import levels, problem_of, run_rows
from benchmarks.contest_sizes import arm_of, core_operations, state_size
from benchmarks.results import BLOCK, rewritten
from benchmarks.results_data import HARDER, MAIN, NAMES, Contest, read_contest
from benchmarks.results_figures import FIGURES, write_figures
from benchmarks.results_tables import TABLES
from mpn_rl.artifacts.evaluation import write_evaluation
from mpn_rl.artifacts.history import write_history

ROOT = Path(__file__).parents[3]
PAGE, NUMBERS = ROOT / "docs" / "results.md", ROOT / "docs" / "results"


def test_the_page_is_what_the_numbers_say() -> None:
    text = PAGE.read_text("utf-8")
    assert rewritten(text, NUMBERS) == text, "run `make results`"


def test_every_block_of_the_page_is_computed() -> None:
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    assert {name for _, kind, _, name, *_ in blocks if kind == "figure"} == set(FIGURES)
    assert all(read_contest(NUMBERS / sweep) is not None for _, _, sweep, *_ in blocks)


def test_every_figure_of_the_page_is_there() -> None:
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", PAGE.read_text("utf-8")):
        assert (PAGE.parent / path).exists(), path


SCORES = {
    ("Match", "mpn"): [1.0, 1.0, 1.0, 0.96],
    ("Match", "gru"): [0.5, 0.5, 0.5, 0.5],
    ("Pole", "mpn"): [500.0, 480.0, 490.0, 490.0],
    ("Pole", "gru"): [100.0, 100.0, 100.0, 100.0],
}
# random, memoryless, oracle; the last validation is the score, at step 10,000 of as many
LEVELS = {"Match": (0.5, 0.5, 1.0), "Pole": (20.0, 50.0, 500.0)}


def example() -> Contest:
    cells = [
        {"problem": problem, "arm": arm, "seed": seed, "score": score, "window": score / 2}
        | {"steps_to_solved": 10000.0 if score >= 0.95 * LEVELS[problem][2] else np.nan}
        for (problem, arm), scores in SCORES.items()
        for seed, score in enumerate(scores)
    ]
    sizes = {"parameters": 1234, "state": 64, "operations": 4096, "budget": 20000, "seconds": 2.0}
    arms = [{"problem": problem, "arm": arm, **sizes} for problem, arm in SCORES]
    curves = [
        {"problem": problem, "arm": arm, "step": step, "mean": np.mean(scores)}
        for (problem, arm), scores in SCORES.items()
        for step in (5000, 10000)
    ]
    names = ("random", "memoryless", "oracle")
    metric = {"Match": "correct", "Pole": "return"}
    problems = [
        {"problem": p, "metric": metric[p], **dict(zip(names, LEVELS[p], strict=True))}
        for p in LEVELS
    ]
    return Contest(*map(pd.DataFrame, (cells, arms, curves, problems)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    contest = example()
    for name in NAMES:
        getattr(contest, name).to_csv(tmp_path / "mine" / f"{name}.csv", index=False)
    return tmp_path


def lines(folder: Path, name: str) -> list[str]:
    page = f"before\n<!-- table: mine/{name} -->\nold\n<!-- end -->\nafter\n"
    found = rewritten(page, folder)
    assert rewritten(found, folder) == found
    assert found.startswith(f"before\n<!-- table: mine/{name} -->\n\n|")
    assert found.endswith("|\n\n<!-- end -->\nafter\n")
    return found.split("\n")[3:-4]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "scores",
            [
                "| problem | mpn | gru |",
                "| --- | --- | --- |",
                "| Match | 0.99 [0.96, 1.02] | 0.50 |",
                "| Pole | 490.0 [477.0, 503.0] | 100.0 |",
            ],
        ),
        (
            "solved",
            [
                "| problem | mpn | gru |",
                "| --- | --- | --- |",
                "| Match | 4 of 4 [0.40, 1.00] | 0 of 4 [0.00, 0.60] |",
                "| Pole | 4 of 4 [0.40, 1.00] | 0 of 4 [0.00, 0.60] |",
            ],
        ),
        (
            # a median at half of the budget is a second of two
            "steps",
            [
                "| problem | mpn | gru |",
                "| --- | --- | --- |",
                "| Match | 10k, 1.0 s | – (0 of 4) |",
                "| Pole | 10k, 1.0 s | – (0 of 4) |",
            ],
        ),
        (
            # two of the 70 ways to deal eight scores out are as far apart, twice that by Holm
            "differences",
            [
                "| mpn − | gru |",
                "| --- | --- |",
                "| Match | +0.49 [0.46, 0.52] |",
                "| Pole | +390.0 [377.0, 403.0] |",
            ],
        ),
        (
            "cost",
            [
                "| core | parameters | state | operations a step | seconds for 100,000 steps |",
                "| --- | --- | --- | --- | --- |",
                "| mpn | 1,234 | 64 | 4,096 | 10.0 |",
                "| gru | 1,234 | 64 | 4,096 | 10.0 |",
            ],
        ),
    ],
)
def test_tables_by_hand(folder: Path, name: str, expected: list[str]) -> None:
    assert lines(folder, name) == expected


def test_what_is_known_of_a_memory_is_shown_by_problem_and_core(folder: Path) -> None:
    rows = [
        (problem, arm, "generalisation", "intact | delay", x, 0.9, 0.8, 1.0)
        for arm, problem in (("mpn", "Pole"), ("mpn", "Match"), ("gru", "Pole"), ("gru", "Match"))
        for x in (6, 24)
    ]
    columns = ["problem", "arm", "table", "quantity", "x", "value", "low", "high"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "mine" / "mechanism.csv", index=False)
    told = " | 0.90 [0.80, 1.00] | 0.90 [0.80, 1.00] |" + "  |" * 8
    assert lines(folder, "delays") == [
        "| problem | core | 6 | 24 | 25 | 50 | 51 | 52 | 99 | 100 | 101 | 301 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| Match | mpn" + told,
        "| Match | gru" + told,
        "| Pole | mpn" + told,
        "| Pole | gru" + told,
    ]
    assert len(lines(folder, "lesions")) == 2


def test_harder_problems_are_a_family_of_their_own() -> None:
    low, high = np.zeros(5), np.arange(1.0, 6.0)
    problems = ["A", "B", HARDER[0]]
    cells = [
        {"problem": problem, "arm": arm, "score": score}
        for problem in problems
        for arm, scores in (("mpn", high), ("gru", low))
        for score in scores
    ]
    levels = pd.DataFrame({"problem": problems, "metric": "correct"})
    contest = Contest(pd.DataFrame(cells), pd.DataFrame(), pd.DataFrame(), levels)
    found = contest.compared("mpn", ["gru"], problems)
    # 2 of the 252 ways to deal ten scores out, twice that where a family has two tests
    corrected = [found[problem, "gru"].corrected * 252 for problem in problems]
    assert corrected == pytest.approx([4, 4, 2])
    assert contest.primary == ["A", "B"]


def test_every_table_has_as_many_cells_in_each_row(folder: Path) -> None:
    for name in TABLES:
        found = lines(folder, name)
        assert len({line.count("|") for line in found}) == 1, name


def test_unknown_names_are_refused_and_missing_numbers_leave_the_page(folder: Path) -> None:
    page = "<!-- table: other/scores -->\nold\n<!-- end -->\n"
    assert rewritten(page, folder) == page
    with pytest.raises(ValueError, match="no table is called 'returns': there are levels, "):
        rewritten(page.replace("scores", "returns"), folder)
    with pytest.raises(ValueError, match="no figure is called 'size'"):
        rewritten(page.replace("table: other/scores", "figure: other/size"), folder)


def test_figures_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = (
        [path.read_bytes() for path in write_figures(example(), tmp_path, "mine")] for _ in "12"
    )
    assert first == second
    assert {path.name for path in tmp_path.iterdir()} == {"mine_curves.png", "mine_cost.png"}


def test_a_block_becomes_rows(tmp_path: Path) -> None:
    entry = {"validation_step": [5, 10], "validation_correct": [0.5, 0.96], "status": "completed"}
    failed = {**entry, "validation_correct": [0.5, 0.5], "status": "failed"}
    write_history(tmp_path / "training_history.json", {3: entry, 4: failed})
    played = [(3, 0, 1.0, 9, 1.0), (3, 1, -1.0, 9, 0.0)]
    columns = ["seed", "episode", "return", "length", "correct"]
    write_evaluation(tmp_path / "evaluation.csv", pd.DataFrame(played, columns=columns))
    level = levels(pd.DataFrame({"agent": ["random", "oracle"], "correct": [0.25, 1.0]}), "correct")
    seeds, curve = run_rows(tmp_path, level, "correct")
    assert [row["score"] for row in seeds] == [0.5, 0.25]  # a seed that failed is a random agent
    assert [row["failed"] for row in seeds] == [0, 1]
    assert seeds[0]["area"] == pytest.approx(0.73)
    assert seeds[0]["steps_to_solved"] == 10
    assert np.isnan(seeds[1]["steps_to_solved"])
    assert [row["mean"] for row in curve] == pytest.approx([0.5, 0.73])


def test_names_and_sizes_of_arms() -> None:
    mpn = {"core": "mpn", "hidden_dim": 64, "encoder_dim": 32, "activation": "relu"}
    assert [arm_of({**mpn, "core": core}) for core in MAIN] == list(MAIN)
    assert arm_of({**mpn, "core": "gru", "hidden_dim": 15}) == "gru of 15"
    assert arm_of({**mpn, "lambda_decay": 0.0, "learn_lambda": False}) == "mpn, λ = 0"
    assert arm_of({**mpn, "core": "rnn", "activation": "tanh"}) == "rnn, tanh"
    frames = {**mpn, "core": "frame-stack", "num_frames": 4, "learning_rate": 0.0002}
    assert arm_of(frames) == "4 frames"
    assert arm_of({**frames, "learning_rate": 0.001}) == "4 frames, rate 0.001"
    assert state_size(mpn) == 2048
    assert state_size({**mpn, "core": "lstm"}) == 128
    assert core_operations(mpn) == 7 * 2048
    assert core_operations({**mpn, "core": "gru"}) == 6 * 64 * 96
    assert problem_of({"task": "TMaze-v0", "corridor_length": 50}) == "TMaze, length 50"
    noisy = {"task": "DelayedMatch-v0", "delay": 24, "observation_noise": 0.3}
    assert problem_of(noisy) == "DelayedMatch, delay 24, noise 0.3"
