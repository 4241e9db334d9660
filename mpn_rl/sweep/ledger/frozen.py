"""Copies of code that stay as they are while people go on editing."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.errors import UserError
from mpn_rl.sweep.ledger.code.digests import EDITED
from mpn_rl.sweep.ledger.code.modules import Module, hashed
from mpn_rl.sweep.ledger.code.own_modules import own_modules
from mpn_rl.sweep.ledger.origins import COMMIT_FILE, commit
from mpn_rl.tree import BEGUN_WITH, ROOT, source_files, tree_hash

KEPT_DAYS = 30


def copy_code(folder: Path) -> Path:
    """A copy of the project's code below `folder`, named by its content; UserError if edited."""
    target = folder / "code" / BEGUN_WITH
    if not (target / COMMIT_FILE).is_file():
        with _draft(target) as draft:
            for path in source_files(ROOT):
                _copy(path, draft / path.relative_to(ROOT))
            if tree_hash(draft) != BEGUN_WITH:
                raise UserError(EDITED)
            atomic_write_text(draft / COMMIT_FILE, json.dumps({"commit": commit()}) + "\n")
    (target / COMMIT_FILE).touch()
    return target


def copy_own(folder: Path, named: Iterable[str]) -> list[Path]:
    """Folders that stand for those of the user's modules: their files copied, the rest linked.

    One for each folder that holds modules of the tasks and cores `named`; none where all are the
    project's or installed.
    """
    by_origin: dict[Path, dict[str, Module]] = {}
    for found in map(own_modules, named):
        for part, module in found.items():
            origin = module.path.parents[module.name.count(".") + module.is_package]
            by_origin.setdefault(origin, {})[part] = module
    return [_copied(folder, *one) for one in by_origin.items()]


def _copied(folder: Path, origin: Path, found: Mapping[str, Module]) -> Path:
    modules = found.values()
    files = [module.path for module in modules] + [path for m in modules for path in m.data]
    name = hashed("\n".join(f"{path} {hashed(path.read_bytes())}" for path in sorted(files)))
    target = folder / "own" / name
    if not target.is_dir():
        with _draft(target) as draft:
            for path in files:
                _copy(path, draft / path.relative_to(origin))
            _link_rest(origin, draft)
            if any((draft / p.relative_to(origin)).read_bytes() != p.read_bytes() for p in files):
                raise UserError(EDITED)
    return target


def _link_rest(origin: Path, draft: Path) -> None:
    """Links to whatever else lies beside the copied files, such as data that they read.

    Not to a folder that holds the copy itself, such as `.snakemake`: who follows links would go
    round in it for ever.
    """
    here_itself = draft.resolve()
    for copied in [draft, *(path for path in draft.rglob("*") if path.is_dir())]:
        for path in (origin / copied.relative_to(draft)).iterdir():
            here = copied / path.name
            holds_the_copy = here_itself.is_relative_to(path.resolve())
            if not (here.exists() or holds_the_copy or path.name == "__pycache__"):
                here.symlink_to(path.absolute())


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, target)


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A folder that becomes `target` if the block succeeds; another process may be faster."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
    try:
        folder.chmod(0o755)  # jobs of a pool may run as another user
        yield folder
        with suppress(OSError):
            folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not target.is_dir():
        raise UserError(f"{target}: cannot be written")


def forget_old(folder: Path) -> None:
    """Delete copies that no sweep has begun with for long."""
    for path in (folder / "code").glob(f"*/{COMMIT_FILE}"):
        if path.stat().st_mtime < time.time() - KEPT_DAYS * 86400:
            shutil.rmtree(path.parent, ignore_errors=True)
