"""Whether results come from what they say: audit, prune and explain."""

from mpn_rl.sweep.ledger.audit.check import Finding, audit
from mpn_rl.sweep.ledger.audit.explanation import Explanation, explain
from mpn_rl.sweep.ledger.audit.pruning import prunable, prune
from mpn_rl.sweep.ledger.audit.repair import set_aside

__all__ = ["Explanation", "Finding", "audit", "explain", "prunable", "prune", "set_aside"]
