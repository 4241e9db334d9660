"""What lies in a results folder: experiment directories, their records and artefacts."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import sha256
from mpn_rl.errors import UserError
from mpn_rl.sweep.layout import rule_of
from mpn_rl.sweep.ledger.records import read_record

_NO_RESULTS = {"logs", "benchmarks", "records"}


@dataclass
class Inventory:
    """Records and artefacts below `root`.

    records:  path of a record -> its content
    damaged:  path of a record -> what is wrong with it
    makers:   path of an output -> path of the newest record that lists it
    artefacts: files that a rule makes, recorded or not
    """

    root: Path
    records: dict[Path, dict[str, Any]] = field(default_factory=dict)
    damaged: dict[Path, str] = field(default_factory=dict)
    makers: dict[Path, Path] = field(default_factory=dict)
    artefacts: list[Path] = field(default_factory=list)
    _digests: dict[Path, str] = field(default_factory=dict, repr=False)

    def digest(self, path: Path) -> str:
        """SHA-256 of a file, read once; ArtifactError if it cannot be read."""
        if path not in self._digests:
            self._digests[path] = sha256(path)
        return self._digests[path]

    def recorded(self, path: Path) -> str | None:
        """The SHA-256 that the newest record gives for a file, or None if none lists it."""
        maker = self.makers.get(path)
        if maker is None:
            return None
        return self.records[maker]["outputs"][relative(path, home_of(maker))]


def take_inventory(root: Path) -> Inventory:
    """Read all records below `root`, a results folder, an experiment directory or a block's.

    Raises UserError where there is no such folder.
    """
    if not root.is_dir():
        raise UserError(f"{root}: there is no such folder")
    found = Inventory(root)
    for home in sorted(_homes(root)):
        for path in sorted((home / "records").glob("*.json")):
            _take_record(found, path)
        found.artefacts += sorted(_artefacts(home))
    for path, record in sorted(found.records.items(), key=lambda item: item[1]["finished"]):
        home = home_of(path)
        found.makers.update({inside(home, name): path for name in record["outputs"]})
    return found


def home_of(record: Path) -> Path:
    """The folder that a record's names are relative to."""
    return record.parents[1]


def relative(path: Path, home: Path) -> str:
    """A file's name as records write it."""
    return Path(os.path.relpath(path, home)).as_posix()


def inside(home: Path, name: str) -> Path:
    """The file that a record in `home` calls `name`."""
    return Path(os.path.normpath(home / name))


def outputs_of(inventory: Inventory, record: Path) -> list[Path]:
    """The outputs that exist and of which `record` is the newest."""
    names = inventory.records[record]["outputs"]
    paths = [inside(home_of(record), name) for name in names]
    return [path for path in paths if inventory.makers.get(path) == record and path.exists()]


def _take_record(found: Inventory, path: Path) -> None:
    try:
        record = read_record(path)
    except ArtifactError as error:
        found.damaged[path] = str(error).partition(": ")[2]
        return
    if record is None:
        return
    strangers = [name for name in record["outputs"] if not _is_inside(name)]
    if strangers:
        found.damaged[path] = f"lists an output outside its folder, {strangers[0]!r}"
    else:
        found.records[path] = record


def _is_inside(name: str) -> bool:
    return not Path(name).is_absolute() and ".." not in Path(name).parts


def _homes(root: Path) -> Iterator[Path]:
    """Folders that have records, or files that only rules make."""
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = sorted(name for name in names if name[0] != "." and name not in _NO_RESULTS)
        marked = (here / "records").is_dir() or {"config.json", "training_history.json"} & {*files}
        if marked:
            yield here


def _artefacts(home: Path) -> Iterator[Path]:
    """The files of `home` itself that a rule makes; those of blocks below it are theirs."""
    for folder in (home, home / "checkpoints", home / "analysis", home / "videos"):
        if folder.is_dir():
            yield from (
                path
                for path in folder.iterdir()
                if path.is_file() and rule_of(relative(path, home)) is not None
            )
