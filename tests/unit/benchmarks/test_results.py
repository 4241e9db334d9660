"""docs/results.md is what the committed numbers say, and each table says them rightly."""

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks.results import TABLES, read_results, rewritten
from benchmarks.results_figures import FIGURES, write_figures
from mpn_rl.sweep.summary.data import BlockData, SweepData
from mpn_rl.sweep.summary.made import made_table
from mpn_rl.sweep.summary.tables import build_tables

ROOT = Path(__file__).parents[3]
PAGE, NUMBERS = ROOT / "docs" / "results.md", ROOT / "docs" / "results"
BLOCK = re.compile(r"<!-- (table|figure): (\w+)/(\w+) -->\n(.*?)<!-- end -->", re.DOTALL)
OLD = ("*From the first version, not recomputed.*", "*Not computed yet.*")


def test_the_page_is_what_the_numbers_say() -> None:
    text = PAGE.read_text("utf-8")
    assert rewritten(text, NUMBERS) == text, "run `make results`"


def test_what_no_number_stands_behind_says_so() -> None:
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    assert {name for kind, _, name, _ in blocks if kind == "table"} == set(TABLES)
    assert {name for kind, _, name, _ in blocks if kind == "figure"} == set(FIGURES)
    for _, sweep, name, content in blocks:
        computed = read_results(NUMBERS / sweep) is not None
        assert computed != content.strip().startswith(OLD), (sweep, name)


def test_every_figure_of_the_page_is_there() -> None:
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", PAGE.read_text("utf-8")):
        assert (PAGE.parent / path).exists(), path


def block(task: str, core: str, scores: tuple[float, ...], **settings: Any) -> BlockData:
    """A block of seeds with these scores."""
    cartpole = task == "CartPole-v1"
    history: dict[int, dict[str, Any]] = {
        seed: {
            "status": "completed",
            "validation_step": [5000, 10000],
            "validation_return": [0.0, score],
            "validation_correct": None if cartpole else [0.0, score],
        }
        for seed, score in enumerate(scores)
    }
    rows = [(s, 0, v, 5, np.nan if cartpole else v) for s, v in enumerate(scores)]
    record = {
        "stage": "train",
        "wall_seconds": 60.0,
        "cpu_seconds": 30.0,
        "commit": "4f07de7c450d3bc2",
        "started": "a",
        "finished": "b",
        "versions": {"torch": "2.13.0"},
        "host": "node",
    }
    return BlockData(
        run=f"{task}_{core}_{''.join(map(str, settings.values()))}",
        seeds=tuple(range(len(scores))),
        hyperparameters={"task": task, "core": core, **settings},
        history=history,
        evaluation=pd.DataFrame(rows, columns=["seed", "episode", "return", "length", "correct"]),
        parameters=1234.0,
        records=[record],
    )


BLOCKS = [
    block("Match-v0", "mpn", (1.0, 0.96, 1.0), delay=6),
    block("Match-v0", "gru", (0.5, 0.5, 0.5), delay=6),
    block("Match-v0", "mpn", (0.0, 0.5, 1.0), delay=24),
    block("CartPole-v1", "mpn", (500.0, 480.0)),
    block("CartPole-v1", "gru", (100.0, 100.0)),
]


def baselines(task: str) -> pd.DataFrame:
    """Random 0 and oracle 1, or CartPole's 20 and 500."""
    cartpole = task == "CartPole-v1"
    levels = ((20.0, np.nan), (500.0, np.nan)) if cartpole else ((0.0, 0.0), (1.0, 1.0))
    agents = [(name, *pair, 100) for name, pair in zip(("random", "oracle"), levels, strict=True)]
    return pd.DataFrame(agents, columns=["agent", "return", "correct", "num_episodes"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("numbers")
    (folder / "mine").mkdir()
    levels = {block.run: baselines(block.hyperparameters["task"]) for block in BLOCKS}
    tables = build_tables(BLOCKS, SweepData("mine", "hash", frozenset({"delay"})), levels)
    tables.long().to_csv(folder / "mine" / "summary.csv", index=False)
    made_table(BLOCKS).to_csv(folder / "mine" / "provenance.csv", index=False)
    return folder


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
            "returns",
            [
                "| task | random | memoryless | oracle | mpn | gru |",
                "| --- | --- | --- | --- | --- | --- |",
                "| Match (delay=6) | 0.00 | – | 1.00 | 0.99 [0.93, 1.04] | 0.50 |",
                "| Match (delay=24) | 0.00 | – | 1.00 | 0.50 [−0.74, 1.74] | – |",
                "| CartPole | 20.00 | – | 500.0 | 490.0 [362.9, 617.1] | 100.0 |",
            ],
        ),
        (
            "solved",
            [
                "| task | mpn | gru |",
                "| --- | --- | --- |",
                "| Match (delay=6) | 3 of 3 [0.29, 1.00] | 0 of 3 [0.00, 0.71] |",
                "| Match (delay=24) | 1 of 3 [0.01, 0.91] | – |",
                "| CartPole | 2 of 2 [0.16, 1.00] | 0 of 2 [0.00, 0.84] |",
            ],
        ),
        (
            "steps",
            [
                "| task | mpn | gru |",
                "| --- | --- | --- |",
                "| Match (delay=6) | 10k (3 of 3) | not in 10k (0 of 3) |",
                "| Match (delay=24) | not in 10k (1 of 3) | – |",
                "| CartPole | 10k (2 of 2) | not in 10k (0 of 2) |",
            ],
        ),
        (
            "size",
            [
                "| core | parameters, Match (delay=6) | CPU seconds per seed |",
                "| --- | --- | --- |",
                "| mpn | 1,234 | 10.0 |",
                "| gru | 1,234 | 10.0 |",
            ],
        ),
    ],
)
def test_tables_by_hand(folder: Path, name: str, expected: list[str]) -> None:
    assert lines(folder, name) == expected


def test_every_table_has_the_rows_of_its_sweep(folder: Path) -> None:
    for name in TABLES:
        found = lines(folder, name)
        assert len({line.count("|") for line in found}) == 1
        assert len(found) >= 3
    assert any("4f07de7c450d" in line for line in lines(folder, "status"))
    # m = n = 2: (1 − θ) = z² θ (1 + (1 − θ) / (2 − θ) + θ / (1 + θ)) / 4 at θ = 0.39
    assert "| CartPole | 1.00 [0.39, 1.00] |" in lines(folder, "improvement")
    # half of a rising line between 0 and the last score
    assert "| Match (delay=6) | 0.49 [0.46, 0.52] | 0.25 |" in lines(folder, "area")


def test_unknown_names_are_refused_and_missing_numbers_leave_the_page(folder: Path) -> None:
    page = "<!-- table: other/returns -->\nold\n<!-- end -->\n"
    assert rewritten(page, folder) == page
    with pytest.raises(ValueError, match="no table is called 'scores': there are status, returns"):
        rewritten(page.replace("returns", "scores"), folder)
    with pytest.raises(ValueError, match="no figure is called 'size'"):
        rewritten(page.replace("table: other/returns", "figure: other/size"), folder)


def test_figures_are_the_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    results = read_results(folder / "mine")
    assert results is not None
    first = [path.read_bytes() for path in write_figures(results.summary, tmp_path, "mine")]
    second = [path.read_bytes() for path in write_figures(results.summary, tmp_path, "mine")]
    assert first == second
    assert {path.name for path in tmp_path.iterdir()} == {"mine_returns.png", "mine_curves.png"}
    found = rewritten("<!-- figure: mine/curves -->\n<!-- end -->", folder)
    assert "(figures/mine_curves.png)" in found
