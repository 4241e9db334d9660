"""Blocks of one sweep that were made with different settings cannot be compared."""

from collections.abc import Iterable

from mpn_rl.analysis.summary_data import BlockData
from mpn_rl.artifacts.errors import ArtifactError

# The stages whose records hold settings that all blocks share, and the config's section of each.
SECTIONS = {
    "evaluate": "evaluation",
    "render": "render",
    "collect": "analysis",
    "plot": "analysis",
    "plot_plasticity": "analysis",
}


def require_equal_settings(blocks: Iterable[BlockData]) -> None:
    """Raise ArtifactError where blocks' records differ in a setting of the config's sections."""
    seen: dict[tuple[str, str], tuple[object, str]] = {}
    for block in blocks:
        name = f"{block.run}, seeds {block.seeds[0]}-{block.seeds[-1]}"
        for record in block.records:
            section = SECTIONS.get(str(record["stage"]))
            for key, value in record.get("params", {}).items() if section else ():
                first, where = seen.setdefault((record["stage"], key), (value, name))
                if value != first:
                    raise ArtifactError(
                        f"{section}.{key} was {first!r} for {where} and {value!r} for {name}, by "
                        f"their records of {record['stage']}: blocks of one sweep must share it; "
                        f"delete the records of {record['stage']} that do not fit and run "
                        "snakemake again"
                    )
