"""What a results folder mixes: versions, types of processor, settings within one summary."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mpn_rl.audit.inventory import Inventory, home_of
from mpn_rl.provenance.agreement import disagreement


def mixed_origins(inventory: Inventory) -> Iterator[str]:
    """A line for each package, and for the processor, of which the records name several.

    Nothing is stale by it: results of different versions may differ in their last digits.
    """
    named: dict[str, Counter[str]] = {}
    for record in inventory.records.values():
        versions = record.get("versions")
        for name, value in versions.items() if isinstance(versions, dict) else ():
            named.setdefault(name, Counter())[str(value)] += 1
        processor = record.get("processor") or "unknown"
        named.setdefault("processor", Counter())[str(processor)] += 1
    for name, values in sorted(named.items()):
        if len(values) > 1:
            told = ", ".join(f"{value} ({count} records)" for value, count in values.most_common())
            yield f"note: made with {name} {told}"


def mixed_settings(inventory: Inventory) -> Iterator[tuple[Path, str]]:
    """(summary, problem) for a summary of blocks that were made with different settings."""
    for path, record in inventory.records.items():
        params = record.get("params") or {}
        if record["stage"] != "summarise" or not isinstance(params.get("runs"), list):
            continue
        root = home_of(path)
        wanted = {
            root / "runs" / str(run) / f"seeds_{block}"
            for run in params["runs"]
            for block in params.get("blocks") or []
        }
        problem = disagreement(
            (f"{home.parent.name}, {home.name.replace('_', ' ')}", other)
            for place, other in sorted(inventory.records.items())
            if (home := home_of(place)) in wanted
        )
        if problem is not None:
            yield root / "summary.csv", problem
