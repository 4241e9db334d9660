"""One file that holds the results of a sweep, and what it takes to check them and to go on.

Equal results give equal bytes: names are sorted, owners and times left out. All files have one
time, so that the engine, which knows nothing of them yet, takes none for newer than another.
"""

import gzip
import hashlib
import json
import tarfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_path, opened
from mpn_rl.errors import UserError
from mpn_rl.parameters.plugins import module_of
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.ledger.code.own_modules import own_modules
from mpn_rl.sweep.ledger.inventory import take_inventory
from mpn_rl.sweep.ledger.named import modules_of
from mpn_rl.sweep.ledger.origins import COMMIT_FILE, commit
from mpn_rl.sweep.ledger.records import relative
from mpn_rl.tree import ROOT, SOURCES, source_files

SUMS, NOTE = "SHA256SUMS", "ARCHIVE.md"
# Beside the sources: what installs the project, and what its installation names.
_INSTALLING = (
    *("profiles", "snakemake_executor_plugin_htcondor_steady", "config/schema.json"),
    *("pyproject.toml", "hatch_build.py", "requirements.lock", "Makefile"),
    *("README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE"),
)
_TIME = 946_684_800  # 2000-01-01

_TOLD = """\
# {name}

Results of a sweep, with its config, the code of mpn-rl, and the versions of all packages
(`requirements.lock`). Each result has a record of how it was made, in a folder `records` beside it.

Compare every file with its sum, with nothing installed:

    sha256sum --check --quiet {sums}

Install, compare every result with its record, and go on where the results end:

    make venv
    .venv/bin/mpn-rl audit results/
    .venv/bin/snakemake --configfile {configs}

Logs, run times and saved states of unfinished trainings are not here.
"""


@dataclass(frozen=True)
class Member:
    """A file of the archive, or its bytes; `recorded`: the SHA-256 that a record gives for it."""

    file: Path | bytes
    recorded: str | None = None


def members(results: Path, configs: Mapping[Path, Sweep]) -> dict[str, Member]:
    """Name -> member, sorted: results and their records, configs, the user's own modules, code.

    No code where the project is installed as a package, which its version names. UserError where
    there are no results, or where two configs have one name.
    """
    inventory, paths = take_inventory(results)
    found = {**_code(), **_own(configs.values())}
    for path in configs:
        if (name := f"config/{path.name}") in found:
            raise UserError(f"{path}: {name} is in the archive already; rename the config")
        found[name] = Member(path)
    for path in [*paths, *inventory.records, *results.glob("records/code/*")]:
        if path.is_file():
            recorded = inventory.recorded(path) if path in inventory.makers else None
            found[f"results/{relative(path, results)}"] = Member(path, recorded)
    told = " or ".join(f"config/{path.name}" for path in configs)
    name = next(iter(configs.values())).name
    found[NOTE] = Member(_TOLD.format(name=name, sums=SUMS, configs=told).encode())
    return dict(sorted(found.items()))


def write(target: Path, name: str, files: Mapping[str, Member]) -> None:
    """Write a .tar.gz of `files` below the folder `name`, and the SHA-256 of each at its end.

    Raises ArtifactError, and leaves no archive, where a file cannot be read or is no longer what
    its record says, or where the archive cannot be written.
    """
    with atomic_path(target) as draft, draft.open("wb") as raw:
        packed = gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0)
        with packed, tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
            _fill(archive, name, files)


def _fill(archive: tarfile.TarFile, name: str, files: Mapping[str, Member]) -> None:
    sums = []
    for path, member in files.items():
        digest = _add(archive, f"{name}/{path}", member.file)
        if member.recorded not in (None, digest):
            raise _changed(member.file)
        sums.append(f"{digest}  {path}\n")
    _add(archive, f"{name}/{SUMS}", "".join(sums).encode())


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _add(archive: tarfile.TarFile, name: str, file: Path | bytes) -> str:
    """Add one file; its SHA-256."""
    if isinstance(file, bytes):
        return _add_open(archive, name, BytesIO(file))
    with opened(file) as source:
        try:
            return _add_open(archive, name, source)
        except tarfile.ReadError:
            raise _changed(file) from None


def _add_open(archive: tarfile.TarFile, name: str, source: IO[bytes]) -> str:
    about = tarfile.TarInfo(name)
    about.size, about.mtime, about.mode = source.seek(0, 2), _TIME, 0o644
    source.seek(0)
    hashed = _Hashed(source)
    archive.addfile(about, hashed)  # type: ignore[arg-type]
    return hashed.digest.hexdigest()


def _changed(file: object) -> ArtifactError:
    return ArtifactError(f"{file}: has changed meanwhile; export once no job works on the results")


def _code() -> dict[str, Member]:
    if not (ROOT / "Snakefile").is_file():
        return {}
    parts = [part for part in (*SOURCES, *_INSTALLING) if (ROOT / part).exists()]
    found = {p.relative_to(ROOT).as_posix(): Member(p) for p in source_files(ROOT, parts)}
    found[COMMIT_FILE] = Member(json.dumps({"commit": commit()}).encode() + b"\n")
    return found


def _own(sweeps: Collection[Sweep]) -> dict[str, Member]:
    """The modules that configs name and that lie beside the project, with the files they name."""
    named = {
        name for sweep in sweeps for point in sweep.runs.values() for name in modules_of(point)
    }
    named |= {module_of(text) for sweep in sweeps for text in sweep.analyses.values()}
    found = {}
    for name in named:
        for module in own_modules(f"{name}:").values():
            folder = module.path.parents[module.name.count(".") + module.is_package]
            for path in (module.path, *module.data):
                found[path.relative_to(folder).as_posix()] = Member(path)
    return found
