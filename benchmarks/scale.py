"""What a thousand and ten thousand runs of ten seeds cost: python -m benchmarks.scale [RUNS …].

Seconds of processor time and peak memory, each command in a process of its own; results are made
up. Ten thousand runs take most of an hour, and so it is no part of `make bench`.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.project import measured
from benchmarks.synthetic import write_results
from benchmarks.workflow import dry_runs
from mpn_rl.artifacts.files import atomic_write_text

OUTPUT = Path("results/benchmarks_scale.md")
SECONDS = 3600
_BEGIN = """
import json, sys
from pathlib import Path
folder = Path(sys.argv[1])
"""
COMMANDS = {
    "summary": """
from mpn_rl.sweep.stages.runner import given_at, run_stage
settings = json.loads((folder / "params.json").read_text())
run_stage(given_at(folder, "summarise", None, settings), "0")
""",
    "audit": """
from mpn_rl.sweep.ledger.audit import audit
audit(folder)
""",
    "prune, looking": """
from mpn_rl.sweep.config.sweep import read_sweep
from mpn_rl.sweep.ledger.pruning import prunable
prunable(folder, [read_sweep({"sweep": {"base": {"task": "DelayedMatch-v0"}}})])
""",
}


def measure(runs: int) -> Iterator[tuple[str, float, float | None]]:
    """Yield what was done with so many runs, its seconds and its peak in MB."""
    with tempfile.TemporaryDirectory() as name:
        results = Path(name)
        (results / "params.json").write_text(json.dumps(write_results(results, runs)))
        for what, command in COMMANDS.items():
            yield what, *measured(_BEGIN + command, results, SECONDS)
    with tempfile.TemporaryDirectory() as name:
        for (what, whose), taken in dry_runs(Path(name), runs, 1, SECONDS).items():
            yield f"{what}, {whose}", taken[0], None


def main() -> None:
    """Measure for each number of runs; write the table after each line."""
    lines = ["| runs | what | s | MB |", "|---|---|---|---|"]
    for runs in map(int, sys.argv[1:] or ("1000", "10000")):
        for what, seconds, peak in measure(runs):
            memory = "" if peak is None else f"{peak:,.0f}"
            lines.append(f"| {runs:,} | {what} | {seconds:.1f} | {memory} |")
            print(lines[-1], flush=True)
            atomic_write_text(OUTPUT, "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
