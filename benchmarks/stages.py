"""Processor seconds of every job of a block, and what the workflow takes beside them.

The project is copied and asked for one run of one short seed; each process of a job tells at its
end which rule it served and how long it took, its start included.
"""

import json
import os
import statistics
import tempfile
from pathlib import Path

import yaml

from benchmarks.marks import Mark
from benchmarks.parts import Part
from benchmarks.project import copy_project, processor_seconds
from mpn_rl.sweep.layout import RULES

AFTER_TRAINING = tuple(
    name for name, rule in RULES.items() if rule.per in ("block", "animation") and name != "train"
)
SECONDS, MARK = 600, 7.0
CONFIG = {
    "sweep": {"name": "block", "base": {"num_steps": 2048}},
    "seeds": {"first": 0, "count": 1, "per_job": 1},
}
_HOOK = """
import atexit, json, os, sys, time
def tell():
    job = getattr(sys.modules.get("__main__"), "snakemake", None)
    if job is not None:
        with open(os.path.join(os.environ["TOLD"], str(os.getpid())), "w") as file:
            json.dump({"rule": job.rule, "seconds": time.process_time()}, file)
atexit.register(tell)
"""


def measure(quick: bool) -> Part:
    """Run the workflow some times from nothing; the first warms up and does not count."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        copy_project(project)
        (project / "config" / "config.yaml").write_text(yaml.safe_dump(CONFIG))
        (Path(name) / "sitecustomize.py").write_text(_HOOK)
        runs = [_run(Path(name), n) for n in range(1 if quick else 3)]
    counted = runs[-2:]
    median = {rule: statistics.median(run[rule] for run in counted) for rule in counted[0]}
    after = sum(median[rule] for rule in AFTER_TRAINING if rule in median)
    rows = [["rule", "s"], *([rule, f"{seconds:.2f}"] for rule, seconds in median.items())]
    rows.append(["those after training", f"{after:.2f}"])
    what = "processor time of the stages after training"
    return Part(
        {"stages": rows}, [Mark(what, f"{after:.2f} s", "", after, MARK, unit="s", at_most=True)]
    )


def _run(folder: Path, number: int) -> dict[str, float]:
    """Seconds by rule, the engine's last. Raises RuntimeError if the workflow fails."""
    told, project = folder / f"told{number}", folder / "project"
    told.mkdir()
    environment = {**os.environ, "PYTHONPATH": f"{folder}:{project}", "TOLD": str(told)}
    command = ["-m", "snakemake", "--cores", "1", "--forceall", "all", "results/summary.pdf"]
    total = processor_seconds(project, *command, seconds=SECONDS, environment=environment)
    found: dict[str, float] = {}
    for path in sorted(told.iterdir(), key=lambda path: path.stat().st_mtime):
        job = json.loads(path.read_text())
        found[job["rule"]] = found.get(job["rule"], 0.0) + job["seconds"]
    return found | {"the engine": total - sum(found.values())}
