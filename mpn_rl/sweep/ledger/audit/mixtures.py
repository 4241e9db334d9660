"""What a results folder mixes: versions, types of processor, settings within one summary."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mpn_rl.sweep.ledger.agreement import disagreement
from mpn_rl.sweep.ledger.audit.inventory import Inventory, home_of
from mpn_rl.sweep.ledger.records import origins_of


def mixed_origins(inventory: Inventory) -> Iterator[str]:
    """A line for each package, and for the processor, of which the records name several.

    Nothing is stale by it: results of different versions may differ in their last digits.
    """
    named: dict[str, Counter[str]] = {}
    for record in inventory.records.values():
        for name, value in origins_of(record).items():
            named.setdefault(name, Counter())[value] += 1
    for name, values in sorted(named.items()):
        if len(values) > 1:
            told = ", ".join(f"{value} ({_records(n)})" for value, n in values.most_common())
            yield f"note: made with {name} {told}"


def _records(count: int) -> str:
    return f"{count} record{'s' * (count > 1)}"


def mixed_settings(inventory: Inventory) -> Iterator[tuple[Path, str]]:
    """(summary, problem) for a summary of blocks that were made with different settings."""
    for path, record in inventory.records.items():
        params = record.get("params") or {}
        runs, names = params.get("runs"), params.get("blocks")
        if record["stage"] != "summarise":
            continue
        if not isinstance(runs, list) or not isinstance(names, list):
            continue
        root = home_of(path)
        wanted = {root / "runs" / str(run) / f"seeds_{block}" for run in runs for block in names}
        problem = disagreement(
            (f"{home.parent.name}, {home.name.replace('_', ' ')}", other)
            for place, other in sorted(inventory.records.items())
            if (home := home_of(place)) in wanted
        )
        if problem is not None:
            yield root / "summary.csv", problem
