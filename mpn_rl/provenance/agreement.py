"""Settings that the blocks of one sweep must share, by their records."""

from collections.abc import Iterable, Mapping
from typing import Any

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
        for key, value in (record.get("params") or {}).items() if section else ():
            first, where = seen.setdefault((record["stage"], key), (value, name))
            # of render, the episode is what is rendered and no setting
            if value != first and key != "episode":
                return (
                    f"{section}.{key} was {first!r} for {where} and {value!r} for {name}, by "
                    f"their records of {record['stage']}: blocks of one sweep must share it"
                )
    return None
