"""The summary of a sweep: a PDF, a table of every number in it, an index, how it was made."""

import ctypes
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import pandas as pd

from mpn_rl.artifacts.baselines import read_baselines
from mpn_rl.artifacts.decoding import read_decoding
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.evaluation import read_evaluation
from mpn_rl.artifacts.experiment import read_config
from mpn_rl.artifacts.files import atomic_write_bytes, atomic_write_text
from mpn_rl.artifacts.fixed_points import read_fixed_points, read_timescales
from mpn_rl.artifacts.generalisation import read_generalisation
from mpn_rl.artifacts.history import read_history
from mpn_rl.artifacts.lesions import read_lesions
from mpn_rl.artifacts.measured import read_measured, texts_told
from mpn_rl.artifacts.paths import read_paths
from mpn_rl.artifacts.pca import read_pca
from mpn_rl.parameters.catalogue import FOREIGN, TASKS
from mpn_rl.parameters.hyperparameters import FIELDS
from mpn_rl.parameters.points import with_later
from mpn_rl.sweep.config.sweep import block_seeds
from mpn_rl.sweep.layout import BLOCK, RULES, Job, file_in
from mpn_rl.sweep.ledger.agreement import disagreement
from mpn_rl.sweep.ledger.records import read_record
from mpn_rl.sweep.plan import block_jobs, chosen_rules, measured_jobs, shown_animations, told_rules
from mpn_rl.sweep.stages.runner import Given
from mpn_rl.sweep.summary.curves import COMPONENTS, SPECTRA
from mpn_rl.sweep.summary.data import BlockData, SummaryTables, SweepData
from mpn_rl.sweep.summary.histories import without_episodes
from mpn_rl.sweep.summary.made import made_table
from mpn_rl.sweep.summary.measured import MeasuredFigure, measured_table
from mpn_rl.sweep.summary.memory_tables import memory_tables
from mpn_rl.sweep.summary.pages import EpisodeFrames, write_pages
from mpn_rl.sweep.summary.tables import build_tables

MEMORY_READERS: Mapping[str, Callable[[Path], pd.DataFrame]] = {
    "paths": read_paths,
    "decoding": read_decoding,
    "fixed_points": read_fixed_points,
    "timescales": read_timescales,
    "lesions": read_lesions,
    "generalisation": read_generalisation,
}
_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h


@dataclass(frozen=True)
class SweepFiles:
    """Where a sweep's results lie, and which of them the summary is about.

    `sections` are the config's settings of every stage, `messages` what it says without effect:
    parameters dropped, combinations merged.
    """

    results: Path
    name: str
    runs: Sequence[str]
    blocks: Sequence[str]
    rendered_seeds: Sequence[int]
    sections: dict[str, dict[str, Any]]
    messages: Sequence[str] = ()
    baselines: Mapping[str, str] = field(default_factory=dict)

    def all_blocks(self) -> list[tuple[str, str]]:
        """(run, block) in the order of the config."""
        return list(product(self.runs, self.blocks))

    def jobs_of(self, run: str, block: str) -> Iterator[Job]:
        """The jobs that make what lies in a block."""
        return block_jobs(run, block, self.rendered_seeds, self.sections)

    @property
    def config_hash(self) -> str:
        """What was asked for, as a short hash: runs, seeds and settings of every stage."""
        asked = [list(self.runs), list(self.blocks), list(self.rendered_seeds), self.sections]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]


def summarise(given: Given) -> None:
    """Write the pages and tables of a sweep; settings: fields of `SweepFiles`.

    Equal artifacts give equal bytes, but of provenance.csv. Raises ArtifactError where blocks were
    made with different settings.
    """
    _give_freed_memory_back()
    files = SweepFiles(given.home, **given.settings)
    blocks = comparable(read_block(files, run, block) for run, block in files.all_blocks())
    require_equal_settings(blocks)
    tables = with_measured(files, with_memory(files, make_tables(files, blocks)))
    found = {"runs": runs_table(blocks), "made": made_table(blocks), "table": tables.long()}
    for name, table in found.items():
        atomic_write_text(given.outputs[name], table.to_csv(index=False, lineterminator="\n"))
    del blocks, found  # of a thousand runs half of what is held; Typst needs as much
    episodes = [read_frames(given.home / path) for path in shown_animations(given.settings)]
    figures = read_measured_figures(files, tables)
    for name, content in write_pages(tables, episodes, figures)._asdict().items():
        atomic_write_bytes(given.outputs[name], content)


def require_equal_settings(blocks: Iterable[BlockData]) -> None:
    """Raise ArtifactError where blocks' records differ in a setting of the config's sections."""
    found = disagreement(
        (f"{block.run}, seeds {block.seeds[0]}-{block.seeds[-1]}", record)
        for block in blocks
        for record in block.records
    )
    if found is not None:
        raise ArtifactError(f"{found}; delete the records that do not fit and run snakemake again")


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
        frozenset({"max_episode_steps"}.union(*(e.parameters for e in (*TASKS.values(), FOREIGN)))),
        files.messages,
    )
    names = {block.run: files.baselines[block.run] for block in blocks}
    paths = {n: file_in(files.results, "baselines", setting=n) for n in set(names.values())}
    # of an unfinished sweep some may be missing
    known = {name: read_baselines(path) for name, path in paths.items() if path.exists()}
    found = {run: known[name] for run, name in names.items() if name in known}
    return build_tables(blocks, sweep, found)


def with_memory(files: SweepFiles, tables: SummaryTables) -> SummaryTables:
    """The tables with those of how the memories of the chosen runs work: no others are read."""
    made = {name for rule in chosen_rules(files.sections) for name in RULES[rule].makes}
    made |= {"paths"}
    chosen = set(tables.runs.loc[tables.runs["chosen"], "run"])
    found: dict[str, list[pd.DataFrame]] = {}
    for (run, block), name in product(files.all_blocks(), MEMORY_READERS):
        path = file_in(files.results / BLOCK.format(run=run, block=block), name)
        # of an unfinished sweep some may be missing
        if run in chosen and name in made and path.exists():
            found.setdefault(name, []).append(MEMORY_READERS[name](path).assign(run=run))
    rows = {name: pd.concat(parts, ignore_index=True) for name, parts in found.items()}
    left_out = [n for n, settings in files.sections.items() if settings.get("enabled") is False]
    sweep = replace(tables.sweep, left_out=left_out)
    return replace(tables, sweep=sweep, **memory_tables(tables.runs, rows))


def with_measured(files: SweepFiles, tables: SummaryTables) -> SummaryTables:
    """The tables with that of the user's own analyses of the chosen runs: no others are read."""
    found: dict[tuple[str, str], list[pd.DataFrame]] = {}
    about: dict[str, str] = {}
    for job, path in _measured(files, tables, files.blocks):
        name = job.wildcards["analysis"]
        record = read_record(files.results / job.record) or {}
        found.setdefault((name, job.run), []).append(read_measured(path, texts_told(record)))
        about.setdefault(name, str((record.get("facts") or {}).get("about", "")))
    rows = {key: pd.concat(parts, ignore_index=True) for key, parts in found.items()}
    sweep = replace(tables.sweep, analyses=about)
    return replace(tables, sweep=sweep, measured=measured_table(tables.runs, rows))


def read_measured_figures(files: SweepFiles, tables: SummaryTables) -> list[MeasuredFigure]:
    """The figures of the user's own analyses, of each chosen run's first block."""
    return [
        MeasuredFigure(job.wildcards["analysis"], job.run, imageio.imread(path, mode="RGB"))
        for job, path in _measured(files, tables, files.blocks[:1], output=1)
    ]


def _measured(
    files: SweepFiles, tables: SummaryTables, blocks: Sequence[str], output: int = 0
) -> Iterator[tuple[Job, Path]]:
    """The jobs of the user's own analyses of chosen runs, with an output that is there."""
    chosen = tables.runs.loc[tables.runs["chosen"], "run"].tolist()
    asked = {"runs": chosen, "blocks": blocks, "sections": files.sections}
    for job in measured_jobs(asked):
        # of an unfinished sweep some may be missing
        if (path := files.results / job.outputs[output]).exists():
            yield job, path


def read_block(files: SweepFiles, run: str, block: str) -> BlockData:
    """What a summary needs of what one block left behind, and the records of how."""
    home = files.results / BLOCK.format(run=run, block=block)
    config = read_config(file_in(home, "config"))
    told = told_rules(files.sections)
    jobs = [job for job in files.jobs_of(run, block) if job.rule in told]
    paths = [files.results / job.record for job in jobs]
    history, pca = read_history(file_in(home, "history")), read_pca(file_in(home, "pca"))
    records = [record for path in paths if (record := read_record(path)) is not None]
    records = [{k: v for k, v in r.items() if k not in ("inputs", "outputs")} for r in records]
    facts = [record.get("facts", {}) for record in records if record["stage"] == "evaluate"]
    evaluation = read_evaluation(file_in(home, "evaluation"))
    return BlockData(
        run=run,
        seeds=block_seeds(block),
        hyperparameters=config["hyperparameters"],
        history={seed: without_episodes(entry) for seed, entry in history.items()},
        evaluation=evaluation.groupby("seed", as_index=False)[["return", "correct"]].mean(),
        pca=pca.loc[pca["component"] <= COMPONENTS, list(SPECTRA)],
        records=records,
        parameters=facts[0].get("parameters", math.nan) if facts else math.nan,
        recipe=config.get("recipe", {}),
    )


def comparable(blocks: Iterable[BlockData]) -> list[BlockData]:
    """The blocks, each with every hyper-parameter that any of them writes and it has too."""
    blocks = list(blocks)
    names = sorted({name for block in blocks for name in block.hyperparameters})
    return [
        replace(block, hyperparameters=with_later(block.hyperparameters, names)) for block in blocks
    ]


def runs_table(blocks: Iterable[BlockData]) -> pd.DataFrame:
    """The index: a row per run, a column per hyper-parameter, empty for runs without it."""
    rows = {block.run: {"run": block.run, **block.hyperparameters} for block in blocks}
    columns = ["run", *(name for name in FIELDS if any(name in row for row in rows.values()))]
    return pd.DataFrame(list(rows.values())).reindex(columns=columns).convert_dtypes()


def read_frames(path: Path) -> EpisodeFrames:
    """Four frames of an animation, from the first to the last."""
    last = (imageio.improps(path).n_images or 1) - 1
    chosen = sorted({0, last // 3, 2 * last // 3, last})
    frames = [(step, imageio.imread(path, index=step, mode="RGB")) for step in chosen]
    _, seed, episode = path.stem.split("_")
    title = f"seed {seed}, episode {episode}"
    return EpisodeFrames(path.parents[2].name, title, frames)
