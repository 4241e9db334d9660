"""Multi-Plasticity Networks as the memory of deep Q-networks.

Names are loaded when first used (PEP 562), so that `import mpn_rl` costs nothing: the workflow
parses its files again in every cluster job, and `import torch` alone takes seconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mpn_rl import tree as _tree  # noqa: F401  (first: it notes what this process begins with)

if TYPE_CHECKING:
    from mpn_rl.networks.q_network import MPNDQN as MPNDQN
    from mpn_rl.sweep.results.experiment import Experiment as Experiment
    from mpn_rl.sweep.results.sweep import Sweep as Sweep
    from mpn_rl.sweep.results.sweep import load as load
    from mpn_rl.sweep.results.training import train as train

__version__ = "0.2.0"
__all__ = ["MPNDQN", "Experiment", "Sweep", "__version__", "load", "train"]

_LAZY = {
    "Experiment": "mpn_rl.sweep.results.experiment",
    "MPNDQN": "mpn_rl.networks.q_network",
    "Sweep": "mpn_rl.sweep.results.sweep",
    "load": "mpn_rl.sweep.results.sweep",
    "train": "mpn_rl.sweep.results.training",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
