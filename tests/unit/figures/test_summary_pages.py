"""The pages of the summary: bounded, legible, and the same bytes from the same inputs."""

import io
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pypdf
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from mpn_rl.figures.style import applied
from mpn_rl.sweep.summary import pages as summary_pages
from mpn_rl.sweep.summary.data import BlockData
from mpn_rl.sweep.summary.long import long_table
from mpn_rl.sweep.summary.page import PAGES_PER_SECTION, new_page
from mpn_rl.sweep.summary.page_text import (
    interval_text,
)
from mpn_rl.sweep.summary.pages import (
    EpisodeFrames,
    MissingBlock,
    write_pages,
    write_partial,
)
from tests.fixtures.summary_by_hand import by_hand, one, tables_of
from tests.fixtures.summary_example import (
    block,
    large_sweep,
    small_sweep,
)


def pdf_text(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def test_the_same_inputs_give_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys, hashlib, numpy as np\n"
        "from tests.fixtures.summary_example import large_sweep, sweep\n"
        "from mpn_rl.sweep.summary.tables import build_tables\n"
        "from mpn_rl.sweep.summary.long import long_table\n"
        "from mpn_rl.sweep.summary.pages import write_pages\n"
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


@pytest.mark.slow
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


@pytest.mark.slow
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
