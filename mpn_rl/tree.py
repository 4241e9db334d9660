"""The sources that a process has begun with, known by one hash and kept.

The package imports this module before any other of its own. What it loads later comes from the
sources as they were then, so that an edit while a process works changes nothing in it.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).parents[1]
# Where Snakefile, workflow, config and profiles lie: in a checkout, or in a package from a wheel.
PROJECT = ROOT if (ROOT / "Snakefile").is_file() else ROOT / "mpn_rl" / "project"
SOURCES = ("Snakefile", "mpn_rl", "workflow") if PROJECT == ROOT else ("mpn_rl",)


def tree_hash(root: Path, parts: Iterable[str] = SOURCES) -> str:
    """One hash for the content of all files of `root` in `parts`, by relative path."""
    return _hashed(root, {path: path.read_bytes() for path in source_files(root, parts)})


def _hashed(root: Path, contents: Mapping[Path, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in contents.items():
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:32]


def source_files(root: Path, parts: Iterable[str] = SOURCES) -> list[Path]:
    """The files of `root` in `parts` (files, or folders with all below them), sorted."""
    found = []
    for part in parts:
        place = root / part
        found += [str(place)] if place.is_file() else _below(str(place))
    return [Path(path) for path in sorted(found)]


def _below(folder: str) -> list[str]:
    """All files below a folder, but byte code; by names alone, as each job looks for them."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                found += _below(entry.path) if entry.name != "__pycache__" else []
            elif entry.is_file():
                found.append(entry.path)
    return found


class _AsBegun(SourceFileLoader):
    """Loads a module's source as the process found it; byte code only where it is that source's."""

    def get_code(self, fullname: str) -> CodeType | None:
        kept = CONTENTS[Path(self.path)]
        try:
            edited = Path(self.path).read_bytes() != kept
        except OSError:
            edited = True
        if edited:
            return compile(kept, self.path, "exec", dont_inherit=True)
        return super().get_code(fullname)


class _Finder:
    """Finds the package's modules among the sources that are kept."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's spec, as Python's import system asks for it; None for other packages'."""
        del path, target
        place = ROOT.joinpath(*fullname.split("."))
        for file, below in (
            (place / "__init__.py", [str(place)]),
            (place.with_suffix(".py"), None),
        ):
            if file in CONTENTS:
                loader = _AsBegun(fullname, str(file))
                return spec_from_file_location(
                    fullname, file, loader=loader, submodule_search_locations=below
                )
        return None


CONTENTS = {path: path.read_bytes() for path in source_files(ROOT)}
BEGUN_WITH = _hashed(ROOT, CONTENTS)
sys.meta_path.insert(0, _Finder)
