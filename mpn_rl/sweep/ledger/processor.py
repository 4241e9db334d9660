"""The processor's type, which decides how floating-point sums are rounded."""

import platform
import re
from functools import cache
from pathlib import Path

# What Linux calls the type on x86, on POWER and others, and on ARM, where it gives numbers alone.
_NAMES = ("model name", "cpu", "CPU part")


@cache
def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The model and, in brackets, the instruction set: `AMD EPYC 7B13 (x86_64)`."""
    return f"{_model(cpuinfo) or platform.processor() or 'unknown'} ({platform.machine()})"


def _model(cpuinfo: Path) -> str:
    try:
        text = cpuinfo.read_text("utf-8", errors="replace")
    except OSError:  # another system
        return ""
    for name in _NAMES:
        found = re.search(rf"^{name}\s*:[ \t]*(\S.*)$", text, re.MULTILINE)
        if found:
            return " ".join(found[1].split())
    return ""
