"""Settings that the blocks of one sweep must share, by their records."""

from collections.abc import Iterable, Mapping
from typing import Any

from mpn_rl.sweep.layout import recorded_settings

# The stages whose records hold settings that all blocks share, and the config's section of each.
SECTIONS = {
    "evaluate": "evaluation",
    "render": "render",
    "collect": "analysis",
    "plot": "analysis",
    "plot_plasticity": "analysis",
}


def disagreement(records: Iterable[tuple[str, Mapping[str, Any]]]) -> str | None:
    """The first setting in which records of blocks differ, or None; `records`: (block, record)."""
    seen: dict[tuple[str, str], tuple[object, str]] = {}
    for name, record in records:
        section = SECTIONS.get(str(record["stage"]))
        for key, value in recorded_settings(record.get("params")).items() if section else ():
            first, where = seen.setdefault((record["stage"], key), (value, name))
            if value != first:
                return (
                    f"{section}.{key} was {first!r} for {where} and {value!r} for {name}, by "
                    f"their records of {record['stage']}: blocks of one sweep must share it"
                )
    return None
