"""The pages of the summary: bounded, legible, and the same bytes from the same inputs."""

import io
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pypdf
import pytest

from mpn_rl.sweep.summary.data import BlockData
from mpn_rl.sweep.summary.document import heading, note, pdf_of, row, table
from mpn_rl.sweep.summary.drawings import curve_drawings
from mpn_rl.sweep.summary.pages import EpisodeFrames, MissingBlock, write_pages, write_partial
from mpn_rl.sweep.summary.texts import interval_text
from tests.fixtures.summary_by_hand import by_hand, one, tables_of
from tests.fixtures.summary_example import baselines_of, block, small_sweep


def pdf_text(pdf: bytes) -> list[str]:
    """The text of each page, its white space and places to break words made one space or none."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return [" ".join(page.extract_text().replace("\u200b", "").split()) for page in pages]


@pytest.mark.parametrize(
    "made", ["small_sweep()", pytest.param("large_sweep(4)", marks=pytest.mark.slow)]
)
def test_the_same_inputs_give_the_same_bytes_in_another_process(made: str) -> None:
    code = (
        "import sys, hashlib, numpy as np\n"
        "from tests.fixtures.summary_example import baselines_of, sweep, large_sweep, small_sweep\n"
        "from mpn_rl.sweep.summary.tables import build_tables\n"
        "from mpn_rl.sweep.summary.pages import write_pages\n"
        "from mpn_rl.sweep.summary.pages import EpisodeFrames\n"
        f"blocks = {made}\n"
        "tables = build_tables(blocks, sweep(), baselines_of(blocks))\n"
        "episode = EpisodeFrames(blocks[0].run, 'seed 0', [(0, np.zeros((36, 64, 3), np.uint8))])\n"
        "print([hashlib.sha256(made).hexdigest() for made in write_pages(tables, [episode])])\n"
        "print(hashlib.sha256(tables.long().to_csv().encode()).hexdigest())"
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
    blocks = small_sweep()
    tables = tables_of(blocks, baselines_of(blocks), messages=["eta has no effect"])
    names = [f"seed {seed}, episode 0" for seed in range(4)]
    episodes = [EpisodeFrames(blocks[0].run, name, [(0, frame), (8, frame)]) for name in names]
    pages = pdf_text(write_pages(tables, episodes).pdf)
    whole = " ".join(pages)
    asked_in_order = (
        "Plasticity helped: +0.46",
        "Notes on the config eta has no effect",
        "How sure: solved by mpn with",
        "seed 3 at step 20,000: loss is not finite",
        "Every run: the best of 3 runs is mpn with",
        "How it learned: half of the seeds",
        "Hidden activity fills",
        "4 episodes of 9 steps",
        "DelayedMatch-v0: mpn, seed 3, episode 0",
        "How it was made: config 0f3c2a9b11d2",
        "torch 2.13.0",
    )
    places = [whole.index(text) for text in asked_in_order]
    assert places == sorted(places)
    assert "Of 12 trained seeds 1 failed." in pages[0]
    score = one(tables.core_scores, core="gru", scope="chosen", metric="correct")
    assert interval_text(score["value"], score["low"], score["high"]) in pages[0]
    assert "3 of 4" in pages[0]
    for page in pypdf.PdfReader(io.BytesIO(write_pages(tables).pdf)).pages:
        size = (float(page.mediabox.width), float(page.mediabox.height))
        assert size == pytest.approx((841.9, 595.3), abs=1)


@pytest.mark.slow
def test_many_runs_are_all_there() -> None:
    blocks = [
        by_hand(core, {0: 0.5 + number / 1000, 1: 0.5}, gamma=number / 1000)
        for core in ("mpn", "mpn-frozen")
        for number in range(500)
    ]
    whole = " ".join(pdf_text(write_pages(tables_of(blocks)).pdf))
    assert "Every run: the best of 1,000 runs is mpn" in whole
    for number in range(500):
        assert f"mpn-frozen, gamma={number / 1000:g} 2 of 2" in whole


@pytest.mark.slow
def test_many_problems_are_all_there() -> None:
    blocks = [
        by_hand(core, {0: 0.5, 1: 0.75}, delay=delay)
        for delay in range(90)
        for core in ("mpn", "gru")
    ]
    whole = " ".join(pdf_text(write_pages(tables_of(blocks)).pdf))
    for delay in range(90):
        assert f"DelayedMatch-v0 (delay={delay}), fraction correct: cannot be said" in whole


HOSTILE = [
    "#panic()",
    "$ x $",
    "*bold* _emph_ `raw`",
    "= heading",
    "#[box]",
    "https://example.com",
    "\\u{48}<label>@label",
    "// comment /* */",
    '"#read("/etc/passwd")"',
    '#import "x.typ"',
    "--- ~ ...",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_text_is_data_and_never_markup(name: str) -> None:
    log = {"kind": "log", "lines": [name]}
    items = {"kind": "list", "items": [(name, True)]}
    rows = [{"title": name}, row(name, {"scale": [name, name]}, look="strong")]
    blocks = [heading(name), note(name), log, items, table({name: "cell", "b": "rest"}, rows)]
    (page,) = pdf_text(pdf_of(name, blocks))
    assert page.replace(" ", "").count(name.replace(" ", "")) >= 8


def test_hostile_tasks_make_no_markup_in_drawings() -> None:
    made = []
    for old in small_sweep():
        task = "a:$x$<b>&#[y]-v0"
        point = {**old.hyperparameters, "task": task}
        made.append(replace(old, run=f"{task}_{old.run[-8:]}", hyperparameters=point))
    tables = tables_of(made, baselines_of(made))
    assert "a:$x$<b>&#[y]-v0" in pdf_text(write_pages(tables).pdf)[0]


def test_drawings_hold_their_words_as_text() -> None:
    blocks = small_sweep()
    _, found = curve_drawings(tables_of(blocks, baselines_of(blocks)))
    assert found["svg"].startswith("<?xml")
    for text in ("environment steps", "fraction correct", "mpn-frozen", "best memoryless"):
        assert text in found["svg"]
    assert "<dc:date>" not in found["svg"]


def test_long_names_stay_on_the_page() -> None:
    task = "module.with.a.long.name:" + "Environment" * 12 + "-v0"
    made = []
    for old in small_sweep():
        point = {**old.hyperparameters, "task": task}
        run = f"{task}_{old.run[-8:]}"
        made.append(replace(old, run=run, hyperparameters=point))
    tables = tables_of(made, baselines_of(made))
    pages = pdf_text(write_pages(tables).pdf)
    assert task in "".join(pages).replace(" ", "")


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
    assert len(tables.long())
    assert "How it was made" in " ".join(pdf_text(write_pages(tables).pdf))


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
    assert whole.count("line line") <= 9 * 6
    with_rest = pdf_text(write_partial("memory", missing, 5, tables_of(small_sweep())))
    assert len(with_rest) > len(pages)
