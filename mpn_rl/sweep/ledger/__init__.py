"""Where results come from: digests of the code that makes them, and records of its making."""

from mpn_rl.sweep.ledger.code.digests import digest_parts, stage_digest
from mpn_rl.sweep.ledger.records import holds, recording, verify_inputs

__all__ = ["digest_parts", "holds", "recording", "stage_digest", "verify_inputs"]
