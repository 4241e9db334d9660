"""What starts often loads little: no torch, gymnasium, numba or scikit-learn."""

import subprocess
import sys

HEAVY = ("torch", "gymnasium", "numba", "sklearn")
LIGHT = (
    "mpn_rl",
    "mpn_rl.sweep.config.sweep",
    "mpn_rl.sweep.layout",
    "mpn_rl.sweep.ledger",
    "mpn_rl.sweep.stages.plot",
    "mpn_rl.sweep.stages.summarise",
    "mpn_rl.sweep.stages.partial",
)
SCRIPT = f"""
import importlib, sys
for module in sys.argv[1:]:
    importlib.import_module(module)
    print(module, *sorted({set(HEAVY)} & set(sys.modules)))
"""


def test_heavy_libraries_stay_out() -> None:
    """One module after the other in one process; the last shows that the check would notice."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *LIGHT, "mpn_rl.networks.q_network"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    *light, heavy = done.stdout.splitlines()
    assert light == [*LIGHT]
    assert "torch" in heavy.split()
