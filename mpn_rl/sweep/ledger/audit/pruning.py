"""What no config asks for: runs, blocks, animations, logs, benchmarks and work states."""

import re
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.layout import asks_for, blocks, rendered_seeds
from mpn_rl.sweep.ledger.lease import NAME as LEASE

_RUN = r"[A-Za-z0-9.-]+_[A-Za-z0-9.-]+_[0-9a-f]{8}"
_FOLDER = re.compile(_RUN)
_BLOCK = re.compile(r"seeds_(\d+-\d+)")
_LOG = re.compile(rf"({_RUN})_seeds_(\d+-\d+)(?:_(\d+)_(\d+))?\.(?:log|tsv)")
_DRAFT = re.compile(r"\..+\.[0-9a-f]{12}\.tmp(\.\w+)?")
_STATE_ASIDE = re.compile(r".+\.rejected-.+|\.lapsed\..+")


@dataclass(frozen=True)
class _Wanted:
    """The blocks and animations of several sweeps."""

    sweeps: tuple[Sweep, ...]

    def block(self, run: str, block: str) -> bool:
        return any(run in sweep.runs and block in blocks(sweep) for sweep in self.sweeps)

    def video(self, run: str, seed: str, episode: str) -> bool:
        return any(
            run in sweep.runs
            and int(seed) in rendered_seeds(sweep)
            and int(episode) < sweep.render.num_episodes
            for sweep in self.sweeps
        )

    def file(self, path: str) -> bool:
        return any(asks_for(sweep, path) for sweep in self.sweeps)


def prunable(root: Path, sweeps: Sequence[Sweep]) -> list[Path]:
    """Files and folders of the results folder `root` that none of the sweeps asks for, sorted.

    Only what the workflow itself writes is named: anything else is the user's. UserError where
    `root` is no folder, or no sweep is given.
    """
    if not sweeps:
        raise UserError("prune needs the config of every sweep whose results are to stay")
    if not root.is_dir():
        raise UserError(f"{root}: there is no such folder")
    wanted = _Wanted(tuple(sweeps))
    found = [*_blocks(root, wanted), *_videos(root, wanted), *_logs(root, wanted)]
    whole = set(found)
    left = [*_states_aside(root), *_drafts(root)]
    found += [path for path in left if not whole & {*path.parents}]
    return sorted(set(found))


def prune(root: Path, paths: Iterable[Path]) -> int:
    """Delete what `prunable` gave; bytes that became free.

    Raises ArtifactError, before anything is deleted, where a process works on one of them.
    """
    paths = list(paths)
    for path in paths:
        if (path / LEASE).exists():
            raise ArtifactError(
                f"{path}: a process works here, or did when it died; end it or "
                f"delete {path / LEASE}"
            )
    freed = 0
    for path in paths:
        freed += size(path)
        try:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        except OSError as error:
            raise ArtifactError(f"{path}: cannot be deleted: {error.strerror or error}") from error
        _remove_empty(path.parent, root)
    return freed


def size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if not file.is_dir())


def _blocks(root: Path, wanted: _Wanted) -> Iterator[Path]:
    for parent in ("runs", ".work"):
        for folder in _folders(root / parent, _FOLDER):
            for path in _folders(folder, _BLOCK):
                if not wanted.block(folder.name, path.name.removeprefix("seeds_")):
                    yield path


def _videos(root: Path, wanted: _Wanted) -> Iterator[Path]:
    for video in root.glob("runs/*/seeds_*/videos/episode_*.gif"):
        block = video.parents[1]
        name = video.relative_to(root).as_posix()
        if wanted.block(block.parent.name, block.name.removeprefix("seeds_")):
            if wanted.file(name):
                continue
            yield video
            record = block / "records" / f"{video.stem.replace('episode', 'render')}.json"
            if record.exists():
                yield record


def _logs(root: Path, wanted: _Wanted) -> Iterator[Path]:
    for parent in ("logs", "benchmarks"):
        for path in root.glob(f"{parent}/*/*"):
            named = _LOG.fullmatch(path.name)
            if named is None or not path.is_file():
                continue
            run, block, seed, episode = named.groups()
            asked = wanted.block(run, block)
            if seed is not None:
                asked = asked and wanted.video(run, seed, episode)
            if not asked:
                yield path


def _states_aside(root: Path) -> Iterator[Path]:
    """Work states that were refused, and kept only to be looked at."""
    for path in root.glob(".work/*/seeds_*/*"):
        if _STATE_ASIDE.fullmatch(path.name):
            yield path


def _drafts(root: Path) -> Iterator[Path]:
    """Temporary files of writers that were killed; those of the last hour may be at work."""
    for path in root.rglob(".*.tmp*"):
        if _DRAFT.fullmatch(path.name) and path.stat().st_mtime < time.time() - 3600:
            yield path


def _folders(parent: Path, pattern: re.Pattern[str]) -> Iterator[Path]:
    if parent.is_dir():
        yield from (
            path
            for path in sorted(parent.iterdir())
            if path.is_dir() and not path.is_symlink() and pattern.fullmatch(path.name)
        )


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
