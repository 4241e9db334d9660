"""The audit: every artifact against its record, every record against what it was made from."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import printable
from mpn_rl.sweep.layout import BLOCK
from mpn_rl.sweep.ledger.agreement import disagreement
from mpn_rl.sweep.ledger.inventory import Inventory, take_inventory
from mpn_rl.sweep.ledger.origins import origins_of
from mpn_rl.sweep.ledger.records import relative
from mpn_rl.sweep.ledger.states import DAMAGED, FRESH, MIXED, State, States

FOLDER = ".set_aside"


@dataclass(frozen=True)
class Audit:
    """What an audit looked at (`checked` artifacts), found (by path), and notes beside."""

    checked: int
    findings: tuple[State, ...]
    notes: tuple[str, ...] = ()

    @property
    def false(self) -> tuple[State, ...]:
        """The findings that make results false."""
        return tuple(finding for finding in self.findings if finding.is_false)


def audit(root: Path) -> Audit:
    """Recompute and compare every artifact below `root` (results/, or an experiment directory).

    UserError where nothing is to be looked at.
    """
    inventory, paths = take_inventory(root)
    states = States(inventory)
    found = {path: states.of(path)[0] for path in paths}
    found = {path: state for path, state in found.items() if state.kind != FRESH}
    for path, reason in inventory.damaged.items():
        found[path] = State(path, DAMAGED, reason.partition("; ")[0])
    for path, problem in mixed_settings(inventory):
        if path not in found or not found[path].is_false:
            found[path] = State(path, MIXED, problem)
    return Audit(
        len(paths), tuple(found[p] for p in sorted(found)), tuple(mixed_origins(inventory))
    )


def mixed_origins(inventory: Inventory) -> Iterator[str]:
    """A line for each package, and for the processor, of which the records name several.

    Nothing is stale by it: results of different versions may differ in their last digits.
    """
    named: dict[str, Counter[str]] = {}
    for made in inventory.records.values():
        for name, value in origins_of(made.record).items():
            named.setdefault(name, Counter())[value] += 1
    for name, values in sorted(named.items()):
        if len(values) > 1:
            counts = ((value, n, "s" * (n > 1)) for value, n in values.most_common())
            told = ", ".join(f"{value} ({n} record{s})" for value, n, s in counts)
            yield printable(f"note: made with {name} {told}")


def mixed_settings(inventory: Inventory) -> Iterator[tuple[Path, str]]:
    """(summary, problem) for a summary of blocks that were made with different settings."""
    for made in inventory.records.values():
        params = made.record.get("params") or {}
        runs, names = params.get("runs"), params.get("blocks")
        if made.rule != "summarise" or not (isinstance(runs, list) and isinstance(names, list)):
            continue
        homes = {made.home / BLOCK.format(run=r, block=b) for r in runs for b in names}
        others = [other for _, other in sorted(inventory.records.items()) if other.home in homes]
        problem = disagreement((other.block, other.record) for other in others)
        if problem is not None:
            yield made.home / "summary.csv", problem


def set_aside(root: Path, findings: Iterable[State]) -> dict[Path, Path]:
    """Move each false artifact to `.set_aside/` of `root`, under a name that says why.

    It then counts as deleted, and is regenerated. Returns old path -> new path. Raises
    ArtifactError where the system refuses.
    """
    moved = {}
    for finding in findings:
        if finding.is_false:
            place = root / FOLDER / relative(finding.path, root)
            name = f"{place.name}.{finding.kind.replace(' ', '-')}"
            targets = (place.with_name(f"{name}-{number}") for number in count())
            target = next(path for path in targets if not path.exists())
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                finding.path.rename(target)
            except OSError as error:
                reason = error.strerror or error
                raise ArtifactError(f"{finding.path}: cannot be set aside: {reason}") from error
            moved[finding.path] = target
    return moved
