"""Blocks of one sweep that were made with different settings cannot be compared."""

from collections.abc import Iterable

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.sweep.ledger.agreement import disagreement
from mpn_rl.sweep.summary.data import BlockData


def require_equal_settings(blocks: Iterable[BlockData]) -> None:
    """Raise ArtifactError where blocks' records differ in a setting of the config's sections."""
    found = disagreement(
        (f"{block.run}, seeds {block.seeds[0]}-{block.seeds[-1]}", record)
        for block in blocks
        for record in block.records
    )
    if found is not None:
        raise ArtifactError(f"{found}; delete the records that do not fit and run snakemake again")
