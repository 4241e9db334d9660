"""The audit: every artefact against its record, every record against what it was made from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.points import resolved, run_id
from mpn_rl.sweep.ledger.aliases import Aliases, read_aliases
from mpn_rl.sweep.ledger.audit.inventory import (
    Inventory,
    home_of,
    inside,
    outputs_of,
    take_inventory,
)
from mpn_rl.sweep.ledger.audit.mixtures import mixed_origins, mixed_settings
from mpn_rl.sweep.ledger.code.digests import stage_digest
from mpn_rl.sweep.ledger.listing import code_stage, hyperparameters_in, listings_of

DAMAGED, NO_RECORD, OUTDATED, MISPLACED = "damaged", "no record", "outdated", "misplaced"
MISSING, OLD_CODE, UNFINISHED = "missing", "old code", "unfinished"
ACCEPTED = "accepted"
MIXED = "mixed settings"
FALSE = (DAMAGED, NO_RECORD, OUTDATED, MISPLACED, MIXED)
_LENGTH = ("num_steps", "num_episodes")  # what `mpn-rl resume` may raise
_BLOCK = re.compile(r"seeds_\d+-\d+")


@dataclass(frozen=True)
class Finding:
    """One artefact that is not what it says, or that something is to be said about.

    kind: damaged, no record, outdated (made from an input that has changed since), misplaced (of
    another run than its folder's); or, as mere information: missing, old code, unfinished.
    """

    path: Path
    kind: str
    reason: str

    @property
    def is_false(self) -> bool:
        """Whether the artefact does not come from what it says."""
        return self.kind in FALSE

    def __str__(self) -> str:
        return f"{self.path}: {self.kind}: {self.reason}"


@dataclass(frozen=True)
class Audit:
    """What an audit looked at (`checked` artefacts), found (by path), and notes beside."""

    checked: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def false(self) -> tuple[Finding, ...]:
        """The findings that make results false."""
        return tuple(finding for finding in self.findings if finding.is_false)


def audit(root: Path) -> Audit:
    """Recompute and compare every artefact below `root` (results/, or an experiment directory)."""
    inventory = take_inventory(root)
    findings = [
        Finding(path, DAMAGED, reason.partition("; ")[0])
        for path, reason in inventory.damaged.items()
    ]
    for path in sorted({*inventory.artefacts, *inventory.makers}):
        findings += _of_artefact(inventory, path)
    aliases: dict[Path, Aliases] = {}
    for path, record in inventory.records.items():
        findings += _of_inputs(inventory, path, record)
        findings += _of_origin(inventory, path, record, aliases)
    findings += [Finding(path, MIXED, problem) for path, problem in mixed_settings(inventory)]
    kinds = (*FALSE, UNFINISHED, MISSING, OLD_CODE, ACCEPTED)
    order = {kind: number for number, kind in enumerate(kinds)}
    findings.sort(key=lambda finding: (finding.path, order[finding.kind]))
    checked = len({*inventory.artefacts, *inventory.makers})
    notes = tuple(mixed_origins(inventory))
    return Audit(checked, tuple(_first_of_each(findings)), notes)


def _of_artefact(inventory: Inventory, path: Path) -> Iterator[Finding]:
    recorded = inventory.recorded(path)
    if _awaits_training(inventory, path, recorded):
        yield Finding(path, UNFINISHED, "its training has not come to its end; `mpn-rl resume`")
        return
    if recorded is None:
        yield Finding(path, NO_RECORD, "no record says how it was made")
        return
    if not path.exists():
        yield Finding(path, MISSING, f"{_maker(inventory, path)} made it; the next run does again")
        return
    try:
        found = inventory.digest(path)
    except ArtifactError as error:
        yield Finding(path, DAMAGED, str(error).partition(": ")[2])
        return
    if found != recorded:
        yield Finding(
            path,
            DAMAGED,
            f"its SHA-256 begins with {found[:12]}, that of what {_maker(inventory, path)} made "
            f"with {recorded[:12]}; it was cut short or altered",
        )


def _awaits_training(inventory: Inventory, path: Path, recorded: str | None) -> bool:
    """Whether this is the config of an experiment of the command line, written before training."""
    if path.name != "config.json" or _in_sweep(path.parent) or not path.exists():
        return False
    if recorded is None:
        return path.parent / "training_history.json" not in inventory.artefacts
    hyperparameters = hyperparameters_in(path.parent)
    if hyperparameters is None or inventory.digest(path) == recorded:
        return False
    had = inventory.records[inventory.makers[path]].get("params")
    return isinstance(had, dict) and {*_different(resolved(hyperparameters), had)} <= {*_LENGTH}


def _of_inputs(inventory: Inventory, path: Path, record: dict[str, Any]) -> Iterator[Finding]:
    """What was made from an input that is no more what it was; damaged ones are told themselves."""
    home = home_of(path)
    changed = []
    for name, used in record["inputs"].items():
        now = inventory.recorded(inside(home, name))
        if now is not None and now != used:
            changed.append(f"{name} was {used[:12]} and is {now[:12]}")
    if changed:
        for output in outputs_of(inventory, path):
            yield Finding(output, OUTDATED, f"made from {'; '.join(changed)}")


def _of_origin(
    inventory: Inventory, path: Path, record: dict[str, Any], known: dict[Path, Aliases]
) -> Iterator[Finding]:
    """What the record says of run and code, against config.json and the code in force."""
    home = home_of(path)
    outputs = outputs_of(inventory, path)
    hyperparameters = hyperparameters_in(home)
    if hyperparameters is None and record["stage"] != "summarise":
        return
    problem = None if hyperparameters is None else _foreign(home, record, hyperparameters)
    if problem is not None:
        yield from (Finding(output, MISPLACED, problem) for output in outputs)
    try:
        code = stage_digest(code_stage(record["stage"]), hyperparameters)
    except ValueError:
        return
    had = str(record.get("code_digest"))
    if code == had:
        return
    root = listings_of(home)
    if root not in known:
        known[root] = read_aliases(root)
    evidence = known[root].evidence(had, code, hyperparameters)
    if evidence is None:
        reason = f"the code of {record['stage']} has changed since; `mpn-rl explain` names where"
        yield from (Finding(output, OLD_CODE, reason) for output in outputs)
        return
    reason = f"made by code {had}, which was found to give the same bytes as {code}"
    yield from (Finding(output, ACCEPTED, reason) for output in outputs)


def _foreign(home: Path, record: dict[str, Any], hyperparameters: Hyperparameters) -> str | None:
    """Why a record does not belong to the config beside it, or None."""
    if _in_sweep(home):
        if run_id(hyperparameters) != home.parent.name:
            return f"its config is that of run {run_id(hyperparameters)}"
        if record.get("run") != home.parent.name:
            return f"its record is of run {record.get('run')}"
    if record["stage"] != "train":
        return None
    asked, given = resolved(hyperparameters), record.get("params")
    if not isinstance(given, dict):
        return "the record of train has no params"
    different = _different(asked, given)
    if different and (_in_sweep(home) or not {*different} <= {*_LENGTH}):
        return f"config.json and the record of train differ in {', '.join(different)}"
    return None


def _different(asked: dict[str, Any], given: dict[str, Any]) -> list[str]:
    """Names of the hyper-parameters that differ, among those that `given` has and are known."""
    missing = object()
    return sorted(n for n in given if n in FIELDS and asked.get(n, missing) != given[n])


def _in_sweep(home: Path) -> bool:
    return _BLOCK.fullmatch(home.name) is not None and home.parent.parent.name == "runs"


def _maker(inventory: Inventory, path: Path) -> str:
    record = inventory.records[inventory.makers[path]]
    return f"stage {record['stage']} at {record['finished']}"


def _first_of_each(findings: list[Finding]) -> Iterator[Finding]:
    """The gravest finding of each artefact, and what is merely told only where nothing is grave."""
    seen: set[Path] = set()
    for finding in findings:
        if finding.path not in seen:
            seen.add(finding.path)
            yield finding
