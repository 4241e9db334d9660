"""Measure everything side by side: python -m benchmarks [--quick] [PART …].

Writes results/benchmarks.md and, as plain numbers and texts, results/benchmarks.json: after each
part anew, so that what is measured is kept whatever comes next.
"""

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import (
    compiling,
    foreign,
    memory,
    peers,
    pqn,
    reaching,
    replay,
    sequence,
    stages,
    workflow,
)
from benchmarks.markdown import markdown
from benchmarks.marks import Missing, table
from benchmarks.parts import Part
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.sweep.ledger.origins import processor, versions

OUTPUT = Path("results/benchmarks.md")
PARTS: dict[str, tuple[str, Callable[[bool], Part]]] = {
    "pqn": ("PQN on CartPole-v1, steps per second", pqn.measure),
    "reaching": ("At equal score", reaching.measure),
    "replay": ("The replay learner, steps per second", replay.measure),
    "sequence": ("One sequence, forward and backward", sequence.measure),
    "foreign": ("Environments of others", foreign.measure),
    "compiling": ("Compiling", compiling.measure),
    "stages": ("A block, stage by stage", stages.measure),
    "workflow": ("Dry runs", workflow.measure),
    "memory": ("Peak memory", memory.measure),
}
HEAD = """\
# Benchmarks

What is compared was measured in turns within this one run, each in a process of its own that keeps
to one core and one thread; times are processor time, figures are medians [lowest–highest]. How to
read them and what was tried: docs/performance.md.

"""


def machine() -> str:
    """What all was measured on, and how busy it is."""
    told = ", ".join(f"{package} {version}" for package, version in versions().items())
    return f"{processor()}, {os.cpu_count()} cores; {told}; load {os.getloadavg()[0]:.1f}."


def write(about: str, found: dict[str, Part]) -> None:
    """Write what has been found so far."""
    marks = table(row for part in found.values() for row in part.marks)
    sections = [f"{about}\n", f"## Marks\n\n{marks}\n"]
    for name, part in found.items():
        tables = "\n".join(map(markdown, part.tables.values()))
        sections.append(f"## {PARTS[name][0]}\n\n{tables}")
    atomic_write_text(OUTPUT, HEAD + "\n".join(sections))
    plain: dict[str, Any] = {"about": about, "marks": marks}
    plain["tables"] = {key: rows for part in found.values() for key, rows in part.tables.items()}
    atomic_write_text(OUTPUT.with_suffix(".json"), json.dumps(plain, indent=1) + "\n")


def main() -> None:
    """Measure part by part, write after each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once each, to see that all runs")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    given = parser.parse_args()
    if unknown := [name for name in given.parts if name not in PARTS]:
        parser.error(f"no part {unknown[0]}; there are {', '.join(PARTS)}")
    about, found = machine(), dict[str, Part]()
    for refused in peers.install():
        print(f"not installed: {refused}", file=sys.stderr)
    for name in given.parts or PARTS:
        begin = time.monotonic()
        print(f"{name} …", file=sys.stderr, flush=True)
        title, measure = PARTS[name]
        try:
            found[name] = measure(given.quick)
        except Exception as error:  # one part must not take the others with it
            traceback.print_exc()
            found[name] = Part(marks=[Missing(title, f"{type(error).__name__}: {error}")])
        print(f"{name}: {time.monotonic() - begin:.0f} s", file=sys.stderr)
        write(about, found)
    print(OUTPUT.read_text())


if __name__ == "__main__":
    main()
