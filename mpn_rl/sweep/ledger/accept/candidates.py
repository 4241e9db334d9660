"""Outputs that are stale by code alone, in groups that one sample can speak for."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.sweep.layout import rule_of
from mpn_rl.sweep.ledger.aliases import Aliases, combination
from mpn_rl.sweep.ledger.audit.inventory import Inventory, home_of, inside
from mpn_rl.sweep.ledger.code.digests import stage_digest
from mpn_rl.sweep.ledger.listing import code_stage, hyperparameters_in


@dataclass(frozen=True)
class Made:
    """What one record in the block's directory `home` is of; `point` are the run's parameters."""

    home: Path
    path: Path
    record: dict[str, Any]
    point: Hyperparameters

    @property
    def rule(self) -> str:
        """The rule that made it."""
        return str(self.record["stage"])

    @property
    def outputs(self) -> list[Path]:
        """The files that it made, and that the rule makes still."""
        names = [name for name in self.record["outputs"] if rule_of(name) == self.rule]
        return [inside(self.home, name) for name in names]

    def __str__(self) -> str:
        return f"{self.home.parent.name}, {self.home.name.replace('_', ' ')}: {self.path.stem}"


@dataclass(frozen=True)
class Group:
    """Outputs of one rule that the same code made on the same way through it."""

    rule: str
    old: str
    new: str
    combination: str
    members: tuple[Made, ...]

    @property
    def stage(self) -> str:
        """The stage whose code it is."""
        return code_stage(self.rule)


def candidates(inventory: Inventory, aliases: Aliases) -> tuple[list[Group], list[str]]:
    """The groups, and a line for each record that is stale by code and cannot be accepted.

    A summary is in no group: it is quickly made anew.
    """
    found: dict[tuple[str, str, str, str], list[Made]] = {}
    refused = []
    for made in _by_older_code(inventory):
        old, new = str(made.record["code_digest"]), stage_digest(code_stage(made.rule), made.point)
        if old == new or aliases.evidence(old, new, made.point) is not None:
            continue
        if problem := _unsound(inventory, made):
            refused.append(f"{made.path}: is left alone: {problem}")
            continue
        key = (made.rule, old, new, json.dumps(combination(made.point)))
        found.setdefault(key, []).append(made)
    groups = [Group(*key, tuple(members)) for key, members in sorted(found.items())]
    return groups, refused


def _by_older_code(inventory: Inventory) -> Iterator[Made]:
    for path, record in sorted(inventory.records.items()):
        point = hyperparameters_in(home_of(path))
        if point is not None and isinstance(record.get("code_digest"), str):
            try:
                stage_digest(code_stage(record["stage"]), point)
            except ValueError:
                continue
            yield Made(home_of(path), path, record, point)


def _unsound(inventory: Inventory, made: Made) -> str | None:
    """Why outputs are not what their record says, or are made from what is no longer there."""
    for output in made.outputs:
        if inventory.makers.get(output) != made.path:
            return f"{output.name} has been made anew since"
        try:
            if inventory.digest(output) != inventory.recorded(output):
                return f"{output.name} is damaged"
        except ArtifactError:
            return f"{output.name} is missing"
    for name, used in made.record["inputs"].items():
        source = inside(made.home, name)
        if inventory.recorded(source) not in (None, used):
            return f"its input {name} has changed since"
        if not source.is_file() or inventory.digest(source) != used:
            return f"its input {name} is missing or damaged"
    unknown = sorted({*(made.record.get("params") or {})} - {*FIELDS})
    if made.rule == "train" and unknown:
        return f"this version has no {', '.join(unknown)}"
    return None


def seconds_of(members: Iterable[Made]) -> float:
    """Processor time that it took to make these."""
    return sum(float(made.record.get("cpu_seconds") or 0) for made in members)
