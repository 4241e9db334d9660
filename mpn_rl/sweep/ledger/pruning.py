"""What no config asks for: runs, blocks, animations, logs, benchmarks and work states."""

import re
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import BLOCK, RULES, WILDCARDS, job_of
from mpn_rl.sweep.ledger.lease import NAME as LEASE
from mpn_rl.sweep.plan import jobs

_RUN = r"[A-Za-z0-9.-]+_[A-Za-z0-9.-]+_[0-9a-f]{8}"
_OF_RESULTS = ("runs", "baselines", "summary.pdf", "records", "logs", "benchmarks")
_BLOCK = re.compile(rf"{_RUN}/seeds_\d+-\d+")
_LOG = re.compile(
    rf"(({_RUN})_seeds_\d+-\d+(_\d+_\d+|_{WILDCARDS['analysis']})?|[A-Za-z0-9.-]+_[0-9a-f]{{8}})\.(log|tsv|metrics\.jsonl)"
)
_DRAFT = re.compile(r"\..+\.[0-9a-f]{12}\.tmp(\.\w+)?")
_STATE_ASIDE = re.compile(r".+\.rejected-.+|\.lapsed\..+")


def prunable(root: Path, sweeps: Sequence[Sweep]) -> list[Path]:
    """Files and folders of the results folder `root` that none of the sweeps asks for, sorted.

    Only what the workflow itself writes is named: anything else is the user's. UserError where
    `root` is no results folder, or no sweep is given.
    """
    if not sweeps:
        raise UserError("prune needs the config of every sweep whose results are to stay")
    if not root.is_dir():
        raise UserError(f"{root}: there is no such folder")
    if not any((root / name).exists() for name in _OF_RESULTS) and not any(_states(root)):
        raise UserError(f"{root}: is no results folder: has none of {', '.join(_OF_RESULTS)}")
    asked = [job for sweep in sweeps for job in jobs(sweep)]
    found = {*_blocks(root, {BLOCK.format(**job.wildcards) for job in asked if job.run})}
    single = [
        *_outputs(root, {file for job in asked for file in job.outputs}),
        *_logs(root, {job.log_name for job in asked}),
        *_left_over(root),
    ]
    return sorted(found | {path for path in single if not found & {*path.parents}})


def prune(root: Path, paths: Iterable[Path]) -> None:
    """Delete what `prunable` gave.

    Raises ArtifactError, before anything is deleted, where a process works on one of them.
    """
    paths = list(paths)
    for path in paths:
        if (path / LEASE).exists():
            raise ArtifactError(
                f"{path}: a process works here, or did when it died; end it or "
                f"delete {path / LEASE}"
            )
    for path in paths:
        try:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        except OSError as error:
            raise ArtifactError(f"{path}: cannot be deleted: {error.strerror or error}") from error
        with suppress(OSError):  # the first folder that is not empty
            for folder in takewhile(lambda folder: folder != root, path.parents):
                folder.rmdir()


def size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if not file.is_dir())


def _states(root: Path) -> Iterator[Path]:
    return root.glob(".work/*/seeds_*")


def _blocks(root: Path, asked: set[str]) -> Iterator[Path]:
    for path in (*root.glob("runs/*/seeds_*"), *_states(root)):
        name = f"{path.parent.name}/{path.name}"
        linked = path.is_symlink() or path.parent.is_symlink()
        if path.is_dir() and not linked and _BLOCK.fullmatch(name) and f"runs/{name}" not in asked:
            yield path


def _outputs(root: Path, asked: set[str]) -> Iterator[Path]:
    """Outputs that nobody asks for, and their records where these are of nothing else."""
    for path in (*root.glob("baselines/*"), *root.glob("runs/*/seeds_*/*/*")):
        job = job_of(name := path.relative_to(root).as_posix())
        if job is not None and name not in asked and not path.parents[2].is_symlink():
            yield path
            if RULES[job.rule].record and (root / job.record).exists():
                yield root / job.record


def _logs(root: Path, asked: set[str]) -> Iterator[Path]:
    for path in (*root.glob("logs/*/*"), *root.glob("benchmarks/*/*")):
        found = _LOG.fullmatch(path.name)
        if found is not None and found[1] not in asked and path.is_file():
            yield path


def _left_over(root: Path) -> Iterator[Path]:
    """Work states that were refused, and temporary files of writers that were killed.

    Those of the last hour may be at work.
    """
    for path in root.glob(".work/*/seeds_*/*"):
        if _STATE_ASIDE.fullmatch(path.name):
            yield path
    for path in root.rglob(".*.tmp*"):
        if _DRAFT.fullmatch(path.name) and path.stat().st_mtime < time.time() - 3600:
            yield path
