"""What starts often loads little: no torch, gymnasium, numba or scikit-learn."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "gymnasium", "numba", "sklearn")


@pytest.mark.parametrize(
    "module",
    [
        "mpn_rl",
        "mpn_rl.sweep.config.sweep",
        "mpn_rl.sweep.layout",
        "mpn_rl.sweep.ledger",
        "mpn_rl.sweep.stages.plot",
        "mpn_rl.sweep.stages.summarise",
        "mpn_rl.sweep.stages.partial",
    ],
)
def test_heavy_libraries_stay_out(module: str) -> None:
    script = f"import sys, {module}; print(*sorted({set(HEAVY)} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == []


def test_the_check_would_notice() -> None:
    script = (
        f"import sys, mpn_rl.networks.q_network; print(*sorted({set(HEAVY)} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert "torch" in done.stdout.split()
