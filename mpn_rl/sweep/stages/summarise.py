"""The summary of a sweep: a PDF, a table of every number in it, an index, how it was made."""

import ctypes
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import pandas as pd

from mpn_rl.artifacts.baselines import read_baselines
from mpn_rl.artifacts.evaluation import read_evaluation
from mpn_rl.artifacts.experiment import Experiment, read_config
from mpn_rl.artifacts.files import atomic_write_bytes, atomic_write_text
from mpn_rl.artifacts.history import read_history
from mpn_rl.artifacts.pca import read_pca
from mpn_rl.parameters.catalogue import CORES, TASKS
from mpn_rl.parameters.hyperparameters import FIELDS, SPECS
from mpn_rl.parameters.points import read_run_id, with_later
from mpn_rl.sweep.config.sweep import block_seeds
from mpn_rl.sweep.ledger.records import read_record
from mpn_rl.sweep.stages.agreement import require_equal_settings
from mpn_rl.sweep.stages.runner import Given
from mpn_rl.sweep.summary.curves import COMPONENTS, without_episodes
from mpn_rl.sweep.summary.data import BlockData, SummaryTables, SweepData
from mpn_rl.sweep.summary.long import long_table
from mpn_rl.sweep.summary.made import made_table
from mpn_rl.sweep.summary.pages import EpisodeFrames, write_pages
from mpn_rl.sweep.summary.tables import build_tables

STAGES = ("train", "evaluate", "collect", "analyse", "plot")
_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h


@dataclass(frozen=True)
class SweepFiles:
    """Where a sweep's results lie, and which of them the summary is about.

    `sections` are the config's settings of evaluation, render and analysis, `messages` what it
    says without effect: parameters dropped, combinations merged.
    """

    results: Path
    name: str
    runs: Sequence[str]
    blocks: Sequence[str]
    rendered_seeds: Sequence[int]
    sections: dict[str, dict[str, Any]]
    messages: Sequence[str] = ()
    baselines: Mapping[str, str] = field(default_factory=dict)

    def block(self, run: str, block: str) -> Experiment:
        """The experiment directory of a block."""
        return Experiment(self.results / "runs" / run / f"seeds_{block}")

    def all_blocks(self) -> list[tuple[str, str]]:
        """(run, block) in the order of the config."""
        return list(product(self.runs, self.blocks))

    def videos_of(self, block: str) -> list[tuple[int, int]]:
        """(seed, episode) of the animations that lie in a block."""
        seeds = [seed for seed in self.rendered_seeds if seed in block_seeds(block)]
        return list(product(seeds, range(self.sections["render"]["num_episodes"])))

    @property
    def config_hash(self) -> str:
        """What was asked for, as a short hash: runs, seeds and settings of every stage."""
        asked = [list(self.runs), list(self.blocks), list(self.rendered_seeds), self.sections]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]


def summarise(given: Given) -> None:
    """Write summary.pdf, summary.csv, runs.csv, provenance.csv; settings: fields of `SweepFiles`.

    Equal artefacts give equal bytes, but of provenance.csv. Raises ArtifactError where blocks were
    made with different settings.
    """
    _give_freed_memory_back()
    files = SweepFiles(given.home, **given.settings)
    blocks = comparable(read_block(files, run, block) for run, block in files.all_blocks())
    require_equal_settings(blocks)
    tables = make_tables(files, blocks)
    episodes = [read_frames(path) for path in first_videos(files, files.all_blocks())]
    out = given.outputs
    atomic_write_bytes(out["pdf"], write_pages(tables, episodes))
    for name, table in (
        ("table", long_table(tables)),
        ("runs", runs_table(blocks)),
        ("made", made_table(blocks)),
    ):
        atomic_write_text(out[name], table.to_csv(index=False, lineterminator="\n"))


def _give_freed_memory_back() -> None:
    """Let glibc map arrays from 256 KB one by one, where it has them in its heap.

    Between a thousand runs' small objects the heap cannot shrink: 740 MB become 380 MB.
    """
    with suppress(OSError, AttributeError):  # another system's C library
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 256 * 1024)


def make_tables(files: SweepFiles, blocks: Sequence[BlockData]) -> SummaryTables:
    """Every table of the summary of these blocks."""
    sweep = SweepData(
        files.name,
        files.config_hash,
        frozenset({"max_episode_steps"}.union(*(task.parameters for task in TASKS.values()))),
        {name: spec.unit for name, spec in SPECS.items()},
        files.messages,
    )
    return build_tables(blocks, sweep)


def read_block(files: SweepFiles, run: str, block: str) -> BlockData:
    """What a summary needs of what one block left behind, and the records of how."""
    experiment = files.block(run, block)
    config = read_config(experiment.config)
    names = [*STAGES, *(["plot_plasticity"] if CORES[read_run_id(run).core].plastic else [])]
    names += [f"render_{seed}_{episode}" for seed, episode in files.videos_of(block)]
    paths = [experiment.root / "records" / f"{name}.json" for name in names]
    history, pca = read_history(experiment.history), read_pca(experiment.pca)
    evaluation = read_evaluation(experiment.evaluation)
    records = [record for path in paths if (record := read_record(path)) is not None]
    return BlockData(
        run=run,
        seeds=block_seeds(block),
        hyperparameters=config["hyperparameters"],
        history={seed: without_episodes(entry) for seed, entry in history.items()},
        evaluation=evaluation,
        references=_references(files, run, config["hyperparameters"]["core"], evaluation, records),
        pca=pca[pca["component"] <= COMPONENTS],
        records=records,
    )


def _references(files, run, core, evaluation, records):
    table = read_baselines(files.results / "baselines" / f"{files.baselines[run]}.csv")
    facts = next(r.get("facts", {}) for r in records if r["stage"] == "evaluate")
    means = [
        evaluation[n].mean() if len(evaluation) else float("nan") for n in ("return", "correct")
    ]
    own = pd.DataFrame(
        [(core, *means, len(evaluation), facts.get("parameters"))],
        columns=[*table.columns, "parameters"],
    )
    return pd.concat([table.assign(parameters=pd.NA), own], ignore_index=True).astype(
        {"parameters": "Int64"}
    )


def comparable(blocks: Iterable[BlockData]) -> list[BlockData]:
    """The blocks, each with every hyper-parameter that any of them writes and it has too."""
    blocks = list(blocks)
    names = sorted({name for block in blocks for name in block.hyperparameters})
    return [
        replace(block, hyperparameters=with_later(block.hyperparameters, names)) for block in blocks
    ]


def runs_table(blocks: Iterable[BlockData]) -> pd.DataFrame:
    """The index: a row per run, a column per hyper-parameter; empty where a run has it not."""
    rows = {block.run: {"run": block.run, **block.hyperparameters} for block in blocks}
    columns = ["run", *(name for name in FIELDS if any(name in row for row in rows.values()))]
    return pd.DataFrame(list(rows.values())).reindex(columns=columns).convert_dtypes()


def first_videos(files: SweepFiles, blocks: Iterable[tuple[str, str]]) -> list[Path]:
    """The first animation of the first run of each task and core."""
    found: dict[str, Path] = {}
    for run, block in blocks:
        videos = files.videos_of(block)
        if videos:
            found.setdefault(run.rsplit("_", 1)[0], files.block(run, block).video(*videos[0]))
    return list(found.values())


def read_frames(path: Path) -> EpisodeFrames:
    """First, middle and last frame of an animation."""
    frames = imageio.imread(path, index=None, mode="RGB")
    chosen = sorted({0, (len(frames) - 1) // 2, len(frames) - 1})
    run = path.parents[2].name
    return EpisodeFrames(f"{run}, {path.stem}", [(step, frames[step]) for step in chosen])
