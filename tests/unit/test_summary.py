"""The summary: numbers by hand, every number in the table, the same bytes from the same inputs."""

import io
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdf
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

sys.path.insert(0, str(Path(__file__).parent))
from summary_example import TASK_PARAMETERS, block, large_sweep, records, small_sweep, sweep

from mpn_rl.analysis.summary import build_tables
from mpn_rl.analysis.summary_curves import KEPT_POINTS, _pooled_curve, without_episodes
from mpn_rl.analysis.summary_data import BlockData, SummaryTables, SweepData
from mpn_rl.analysis.summary_long import LONG_COLUMNS, long_table
from mpn_rl.figures import summary_pages
from mpn_rl.figures.page import PAGES_PER_SECTION, new_page
from mpn_rl.figures.page_text import (
    fitted,
    interval_text,
    number_text,
    text_width,
    wrapped,
)
from mpn_rl.figures.style import applied
from mpn_rl.figures.summary_pages import (
    EpisodeFrames,
    MissingBlock,
    write_pages,
    write_partial,
)
from mpn_rl.figures.summary_problems import verdict


def tables_of(blocks: list[BlockData], **changes: Any) -> SummaryTables:
    return build_tables(blocks, replace(sweep(), **changes))


def by_hand(
    core: str, correct: dict[int, float], failed: tuple[int, ...] = (), **settings: Any
) -> BlockData:
    """A block whose seeds have these fractions correct, of four episodes each."""
    seeds = tuple(sorted([*correct, *failed]))
    point = {"task": "DelayedMatch-v0", "core": core, **settings}
    history = {
        seed: {"status": "failed" if seed in failed else "completed", "steps": 10, "failure": "nan"}
        for seed in seeds
    }
    rows = [
        (seed, episode, 2.0 * (episode < 4 * share) - 1, 9, float(episode < 4 * share))
        for seed, share in correct.items()
        for episode in range(4)
    ]
    columns = ["seed", "episode", "return", "length", "correct"]
    run = f"DelayedMatch-v0_{core}_{len(settings):08x}{''.join(map(str, settings.values()))}"
    evaluation = pd.DataFrame(rows, columns=columns).astype({"return": float, "correct": float})
    return BlockData(run, seeds, point, history, evaluation, None, records(run, seeds))


THREE = {0: 1.0, 1: 1.0, 2: 1.0}


def pdf_text(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def numbers_in(table: pd.DataFrame) -> set[float]:
    return set(table.astype(float).round(12).to_numpy().flat)


def one(table: pd.DataFrame, **values: Any) -> pd.Series:
    for name, value in values.items():
        table = table[table[name] == value]
    assert len(table) == 1, table
    return table.iloc[0]


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


@pytest.mark.parametrize("blocks", [small_sweep(), large_sweep(6)], ids=["small", "large"])
def test_a_history_without_its_episodes_gives_the_same_tables(blocks: list[BlockData]) -> None:
    thinned = [
        replace(b, history={seed: without_episodes(entry) for seed, entry in b.history.items()})
        for b in blocks
    ]
    whole, bounded = tables_of(blocks), tables_of(thinned)
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


@pytest.mark.parametrize("blocks", [small_sweep(), large_sweep(6)], ids=["small", "large"])
def test_summary_csv_holds_every_number_of_every_table(blocks: list[BlockData]) -> None:
    tables = tables_of(blocks)
    table = long_table(tables)
    assert tuple(table.columns) == LONG_COLUMNS
    for item in fields(tables):
        content = getattr(tables, item.name)
        if not isinstance(content, pd.DataFrame):
            continue
        section = table[table["section"] == item.name]
        held = set(
            section[["value", "low", "high", "x", "n"]].astype(float).round(12).to_numpy().flat
        )
        numbers = content.select_dtypes(include=["number"])
        shown = set(
            numbers.drop(columns="seed", errors="ignore").astype(float).round(12).to_numpy().flat
        )
        lacking = {value for value in shown if np.isfinite(value)} - held
        assert not lacking, (item.name, lacking)
    assert table["statistic"].notna().all()


def test_the_same_inputs_give_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys, hashlib, numpy as np\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from summary_example import large_sweep, sweep\n"
        "from mpn_rl.analysis.summary import build_tables\n"
        "from mpn_rl.analysis.summary_long import long_table\n"
        "from mpn_rl.figures.summary_pages import write_pages\n"
        "tables = build_tables(large_sweep(4), sweep())\n"
        "print(hashlib.sha256(write_pages(tables)).hexdigest())\n"
        "print(hashlib.sha256(long_table(tables).to_csv().encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_pages_of_a_sweep() -> None:
    frame = np.zeros((36, 64, 3), np.uint8)
    episodes = [EpisodeFrames(f"{core}, seed 0", [(0, frame), (8, frame)]) for core in "abcd"]
    tables = tables_of(small_sweep())
    pages = pdf_text(write_pages(tables, episodes))
    whole = "\n".join(pages)
    assert "plasticity helped" in pages[0]
    for heading in ("Did plasticity help?", "Final evaluation", "Learning curves", "Dimensions"):
        assert heading in whole
    for fact in ("0f3c2a9b11d2", "2.13.0", "seed 3 at step 20,000", "provenance.csv"):
        assert fact in pages[0]
    score = one(tables.core_scores, core="gru", scope="all", metric="correct")
    assert interval_text(score["value"], score["low"], score["high"]) in pages[1]
    assert "3 of 4" in pages[1]
    assert "environment steps" in whole
    assert "fraction correct" in whole
    assert sum("Episodes" in page for page in pages) == 2
    for page in pypdf.PdfReader(io.BytesIO(write_pages(tables))).pages:
        size = (float(page.mediabox.width), float(page.mediabox.height))
        assert size == pytest.approx((841.9, 595.3), abs=1)


def test_many_runs_stay_bounded_and_say_so() -> None:
    blocks = [
        by_hand(core, {0: 0.5 + number / 1000, 1: 0.5}, gamma=number / 1000)
        for core in ("mpn", "mpn-frozen")
        for number in range(165)
    ]
    pages = pdf_text(write_pages(tables_of(blocks)))
    evaluation = [page for page in pages if "Final evaluation of" in page]
    assert "of 330 runs" in evaluation[0]
    assert "summary.csv" in evaluation[0]
    assert len(evaluation) <= PAGES_PER_SECTION
    assert len(pages) < 30


def test_many_problems_stay_bounded_and_say_so() -> None:
    blocks = [
        by_hand(core, {0: 0.5, 1: 0.75}, delay=delay)
        for delay in range(90)
        for core in ("mpn", "gru")
    ]
    pages = pdf_text(write_pages(tables_of(blocks)))
    answer = [page for page in pages if page.startswith("Did plasticity help")]
    assert len(answer) <= PAGES_PER_SECTION
    assert sum("more pages would follow" in page for page in pages) >= 1


def long_names() -> list[BlockData]:
    task = "module.with.a.long.name:" + "Environment" * 12 + "-v0"
    made = []
    for block_, core in ((b, b.hyperparameters["core"]) for b in small_sweep()):
        point = {**block_.hyperparameters, "task": task, "core": f"{core}-with-quite-a-name" * 3}
        run = f"{task}_{point['core']}_{block_.run[-8:]}"
        made.append(replace(block_, run=run, hyperparameters=point))
    return made


def texts_on(page: Figure) -> Iterator[Text]:
    """The texts that are drawn; slanted names stand in parallel, in boxes larger than they are."""
    found = [*page.texts]
    for legend in (*page.legends, *(ax.legend_ for ax in page.axes if ax.legend_)):
        found += legend.get_texts()
    for ax in page.axes:
        found += [*ax.texts, ax.title, ax._left_title, ax._right_title]
        for axis in (ax.xaxis, ax.yaxis) if ax.axison else ():
            found.append(axis.label)
            found += [
                label for tick in axis._update_ticks() for label in (tick.label1, tick.label2)
            ]
    return (
        t for t in found if t.get_visible() and t.get_text().strip() and not t.get_rotation() % 90
    )


def overlaps(page: Figure) -> list[tuple[str, str]]:
    """Pairs of texts on a page that cover each other by more than a point in both directions."""
    page.draw_without_rendering()
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts_on(page)]
    slack = page.dpi / 72
    return [
        (a, b)
        for (a, first), (b, second) in itertools.combinations(boxes, 2)
        if first.x1 - second.x0 > slack
        and second.x1 - first.x0 > slack
        and first.y1 - second.y0 > slack
        and second.y1 - first.y0 > slack
    ]


@pytest.mark.parametrize(
    "blocks",
    [small_sweep(), large_sweep(10), long_names()],
    ids=["small", "large", "long names"],
)
def test_no_text_covers_another(blocks: list[BlockData]) -> None:
    tables = tables_of(blocks)
    frame = np.zeros((36, 64, 3), np.uint8)
    episodes = [EpisodeFrames(run, [(0, frame), (8, frame)]) for run in tables.runs["run"][:4]]
    with applied():
        for number, page in enumerate(summary_pages.pages(tables, episodes), start=1):
            summary_pages.stamp(page, tables.sweep.name, number)
            assert overlaps(page) == [], number


def test_covered_text_would_be_noticed() -> None:
    page = new_page("Heading")
    page.text(0.5, 0.5, "one")
    page.text(0.505, 0.5, "two")
    assert overlaps(page) == [("one", "two")]


def test_long_names_are_shortened() -> None:
    blocks = long_names()
    whole = "".join(pdf_text(write_pages(tables_of(blocks))))
    assert "…" in whole
    assert blocks[0].hyperparameters["task"] not in whole
    assert blocks[0].hyperparameters["core"] not in whole


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param([by_hand("mpn", {0: 1.0})], id="one seed"),
        pytest.param([by_hand("mpn", {}, failed=(0, 1))], id="all failed"),
        pytest.param(
            [by_hand("mpn", {}, failed=(0,)), by_hand("mpn-frozen", {0: 0.5})], id="no mpn seed"
        ),
        pytest.param([by_hand("gru", {0: 0.5, 1: 0.5})], id="no mpn"),
        pytest.param([replace(by_hand("mpn", {0: 0.5}), records=())], id="no records"),
        pytest.param([block("mpn", (0,), task="CartPole-v1")], id="no right answer"),
        pytest.param([block("zebra", (0, 1)), block("mpn", (0, 1))], id="an unknown core"),
    ],
)
def test_sparse_sweeps_survive(blocks: list[BlockData]) -> None:
    tables = tables_of(blocks)
    assert len(long_table(tables))
    assert len(pdf_text(write_pages(tables))) >= 3


@pytest.mark.parametrize(
    ("mpn", "frozen", "said"),
    [
        (
            {0: 1.0, 1: 1.0},
            {0: 0.5, 1: 0.5},
            "above mpn-frozen by 0.50 in fraction correct on each",
        ),
        (
            {0: 0.5, 1: 0.5},
            {0: 1.0, 1: 1.0},
            "below mpn-frozen by 0.50 in fraction correct on each",
        ),
        (THREE, {0: 0.25, 1: 0.25, 2: 0.0}, "plasticity helped: +0.83 [0.47, 1.19]"),
        ({0: 0.25, 1: 0.25, 2: 0.0}, THREE, "plasticity hurt: −0.83"),
        ({0: 0.5, 1: 1.0}, {0: 1.0, 1: 0.5}, "no clear difference"),
        ({0: 0.5, 1: 0.5}, {0: 0.5, 1: 0.5}, "level with mpn-frozen on each of 2 common seeds"),
        ({0: 1.0}, {0: 0.5}, "too few seeds to tell"),
        ({0: 1.0}, {1: 0.5}, "no seed completed with both"),
        ({0: 1.0}, None, "cannot be said without mpn-frozen"),
    ],
)
def test_the_verdict(mpn: dict, frozen: dict | None, said: str) -> None:
    blocks = [by_hand("mpn", mpn)] + ([] if frozen is None else [by_hand("mpn-frozen", frozen)])
    tables = tables_of(blocks)
    assert said in verdict(tables, tables.problems()[0])


def test_partial_summary_names_what_is_missing() -> None:
    missing = [
        MissingBlock(
            "run_a", "0-3", "train", "logs/a.log", ["\x1b[31mOut of memory\x1b[0m", "", "$x"]
        ),
        MissingBlock("run_b", "4-7", "evaluate"),
        *[MissingBlock(f"run_{n}", "0", "train", "log", ["line"] * 50) for n in range(9)],
    ]
    pages = pdf_text(write_partial("memory", missing, 5))
    whole = "\n".join(pages)
    assert "11 of 16 blocks are missing" in whole
    assert "run_a, seeds 0-3: train has not finished" in whole
    assert "Out of memory" in whole
    assert "$x" in whole
    assert "the job never started" in whole
    assert whole.count("line\n") <= 9 * 12 + 9
    with_rest = pdf_text(write_partial("memory", missing, 5, tables_of(small_sweep())))
    assert len(with_rest) > len(pages)


def test_no_blocks_no_summary() -> None:
    with pytest.raises(ValueError, match="block"):
        build_tables([], SweepData("x", "y", TASK_PARAMETERS))


def test_text_fits_its_place() -> None:
    long = "a long name " * 20
    for size in (6.5, 8.0, 14.0):
        assert text_width(fitted(long, 2.0, size), size) <= 2.0
    assert fitted("short", 2.0, 8) == "short"
    lines = wrapped(long, 2.0, 8, lines=3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(text_width(line, 8) <= 2.0 for line in lines)
    assert wrapped("", 2.0, 8, lines=2) == []


def test_numbers_as_text() -> None:
    assert [number_text(v) for v in (0.984, -0.004, -3.2, 123.45, 54321.0, np.nan)] == [
        "0.98",
        "0.00",
        "−3.20",
        "123.5",
        "54,321",
        "–",
    ]
    assert interval_text(0.5, 0.25, 0.75) == "0.50 [0.25, 0.75]"
    assert interval_text(0.5, np.nan, np.nan, signed=True) == "+0.50"


def test_a_curve_ends_where_most_seeds_do():
    ends = [(100.0, 1.0), (100.0, 2.0), (150.0, 50.0)]
    curves = [(np.linspace(0, end, 50), np.full(50, level)) for end, level in ends]
    table = _pooled_curve([curves])
    assert table["x"].max() <= 100
    assert table["value"].max() < 50
