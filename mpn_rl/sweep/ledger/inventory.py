"""What lies in a results folder: experiment directories, their records and artifacts."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import sha256
from mpn_rl.errors import UserError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.layout import rule_of
from mpn_rl.sweep.ledger.listing import hyperparameters_in, of_task_setting
from mpn_rl.sweep.ledger.records import home_of, inside, read_record, relative

_NO_RESULTS = {"logs", "benchmarks", "records"}


@dataclass(frozen=True)
class Made:
    """What a record in the folder `home` is of."""

    home: Path
    path: Path
    record: dict[str, Any]

    @property
    def rule(self) -> str:
        """The rule that made it."""
        return str(self.record["stage"])

    @property
    def code(self) -> str:
        """The digest of the code that made it."""
        return str(self.record.get("code_digest"))

    @property
    def outputs(self) -> list[Path]:
        """The files that it made, and that the rule makes still."""
        names = [name for name in self.record["outputs"] if rule_of(name) == self.rule]
        return [inside(self.home, name) for name in names]

    @cached_property
    def inputs(self) -> dict[Path, str]:
        """The files that it was made from, with their digests."""
        used = sorted(self.record["inputs"].items())
        return {inside(self.home, name): digest for name, digest in used}

    @cached_property
    def point(self) -> Hyperparameters | None:
        """The hyper-parameters of its run, or of its task setting; None where it has none."""
        return hyperparameters_in(self.home) or of_task_setting(self.record.get("params"))

    @property
    def block(self) -> str:
        """The run and the seeds of the folder."""
        return f"{self.home.parent.name}, {self.home.name.replace('_', ' ')}"

    def __str__(self) -> str:
        return f"{self.block}: {self.path.stem}"


@dataclass
class Inventory:
    """Records by their paths, what is wrong with damaged ones, and the newest maker of each output.

    Folders are read when they are asked for, and once.
    """

    root: Path
    records: dict[Path, Made] = field(default_factory=dict)
    damaged: dict[Path, str] = field(default_factory=dict)
    makers: dict[Path, Made] = field(default_factory=dict)
    _read: set[Path] = field(default_factory=set, repr=False)
    # SHA-256 of a file, read once; ArtifactError if it cannot be read
    digest: Callable[[Path], str] = field(default_factory=lambda: cache(sha256), repr=False)

    def maker(self, path: Path) -> Made | None:
        """What the newest record that lists a file says of its making; None if none lists it."""
        if path not in self.makers:
            self.read(home_of(path))
        return self.makers.get(path)

    def recorded(self, path: Path) -> str | None:
        """The SHA-256 that the newest record gives for a file; None if none lists it."""
        made = self.maker(path)
        return None if made is None else made.record["outputs"][relative(path, made.home)]

    def read(self, home: Path) -> None:
        """Read the records in `home`."""
        if home in self._read:
            return
        self._read.add(home)
        paths = sorted((home / "records").glob("*.json"))
        found = [made for path in paths if (made := self._made(home, path)) is not None]
        self.records |= {made.path: made for made in found}
        for made in sorted(found, key=lambda made: made.record["finished"]):
            self.makers |= {inside(home, name): made for name in made.record["outputs"]}

    def _made(self, home: Path, path: Path) -> Made | None:
        try:
            record = read_record(path)
        except ArtifactError as error:
            self.damaged[path] = str(error).partition(": ")[2]
            return None
        for name in record["outputs"] if record is not None else ():
            if not inside(home, name).is_relative_to(inside(home, ".")):
                self.damaged[path] = f"lists an output outside its folder, {name!r}"
                return None
        return Made(home, path, record) if record is not None else None


def take_inventory(root: Path) -> tuple[Inventory, list[Path]]:
    """All records below `root`, and the files that a rule makes or that a record lists, sorted.

    `root` is a results folder, an experiment directory or a block's, or holds such. UserError if
    there is none.
    """
    found, files = Inventory(root), set()
    for home in homes_in(root):
        found.read(home)
        files |= {*_artifacts(home)}
    return found, sorted(files | {*found.makers})


def homes_in(root: Path) -> list[Path]:
    """The folders below `root` that have results; UserError if there is none."""
    if not root.is_dir():
        raise UserError(f"{root}: there is no such folder")
    homes = [*_homes(root)]
    if not homes:
        raise UserError(
            f"{root}: holds no results: neither it nor a folder in it has records, or files that "
            "are named like outputs"
        )
    return homes


def _homes(root: Path) -> Iterator[Path]:
    """Folders that have records, or where rules make some file that is there."""
    seen = set()
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = sorted(name for name in names if name[0] != "." and name not in _NO_RESULTS)
        if (here / "records").is_dir() or any(rule_of(name) for name in files):
            seen.add(here)
            yield here
        elif here != root and here.parent not in seen:
            inner = [name for name in files if rule_of(f"{here.name}/{name}")]
            seen |= {here.parent} if inner else set()
            yield from [here.parent] * bool(inner)


def _artifacts(home: Path) -> Iterator[Path]:
    """The files of `home` itself that a rule makes; those of blocks below it are theirs."""
    for folder in (home, *(path for path in home.iterdir() if path.is_dir())):
        for path in folder.iterdir():
            if path.is_file() and rule_of(relative(path, home)) is not None:
                yield path
