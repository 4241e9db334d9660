"""Measure everything side by side and write results/benchmarks.md: python -m benchmarks."""

import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import torch

from benchmarks import memory, sequence, training, workflow
from benchmarks.marks import Mark, Missing, table
from mpn_rl.artifacts.files import atomic_write_text

OUTPUT = Path("results/benchmarks.md")
PACKAGES = ("torch", "numpy", "numba", "gymnasium", "snakemake")
PARTS: dict[str, Callable[[], list[Mark | Missing]]] = {
    "training throughput on CartPole-v1": training.marks,
    "dry run": workflow.marks,
    "peak memory": memory.marks,
}
HEAD = """\
# Benchmarks

Every ratio is of two figures measured in turns within this one run, so that a busy machine slows
both; times are processor time, torch runs in one thread, figures are medians. How to read them and
what was tried: docs/performance.md.

"""


def processor() -> str:
    """The processor's name and how many cores this process may use."""
    name = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        lines = information.read_text().splitlines()
        name = next((s.split(":", 1)[1].strip() for s in lines if s.startswith("model name")), name)
    return f"{name}, {os.cpu_count()} cores"


def main() -> None:
    """Measure, print as it goes, write the table."""
    torch.set_num_threads(1)
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    sections = [f"{processor()}; Python {platform.python_version()}, {versions}.\n"]
    print("sequences …", file=sys.stderr, flush=True)
    sections.append(f"## One sequence, forward and backward, ms\n\n{sequence.table(30)}\n")
    rows: list[Mark | Missing] = []
    for name, measure in PARTS.items():
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += measure()
    sections.append(f"## Marks\n\n{table(rows)}\n")
    atomic_write_text(OUTPUT, HEAD + "\n".join(sections))
    print(OUTPUT.read_text())


if __name__ == "__main__":
    main()
