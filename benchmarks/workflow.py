"""A dry run of a finished sweep that finds nothing to do, beside bare Snakefiles of as many jobs.

Times are seconds of processor time of the whole process, engine and its start included; the rounds
alternate between the candidates, and the figures are medians.
"""

import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

import yaml

from benchmarks.marks import Mark, Missing
from benchmarks.parts import Part
from benchmarks.project import copy_project, processor_seconds
from benchmarks.turns import ROOT
from mpn_rl.sweep.layout import RULES, Rule

_DRY_RUN, _NOTHING = ("-m", "snakemake", "--dry-run"), "Nothing to be done"
_FINISHED = str(Path(__file__).with_name("finished.py"))
RUNS, FEW_RUNS, ROUNDS, SECONDS = 1000, 50, 2, 300

# As many jobs in the same order, one file each; and with the same files, but no params, logs,
# benchmarks and reports.
BARE = """\
FILES = {files}
BEFORE = {before}
END = {end}
RUNS = range({runs})

rule all:
    input: "results/summary"

for name, outputs in FILES.items():
    rule:
        name: name
        input: [f"results/{{{{run}}}}/{{file}}" for file in BEFORE.get(name, [])]
        output: [f"results/{{{{run}}}}/{{file}}" for file in outputs]
        shell: "touch {{output}}"

rule summarise:
    input: [f"results/{{run}}/{{file}}" for run in RUNS for file in END]
    output: "results/summary"
    shell: "touch {{output}}"
"""
MADE_ONCE = [name for name, rule in RULES.items() if rule.per in ("task setting", "sweep")]
FILES = {
    name: [*rule.outputs, f"{name}.json"] for name, rule in RULES.items() if name not in MADE_ONCE
}
_MAKER = {file: name for name, files in FILES.items() for file in files}
_MAKER["checkpoint"] = "train"


def _before(rule: Rule) -> list[str]:
    """The inputs of a rule and the records of those that make them."""
    files = ["final" if name == "checkpoint" else name for name in rule.inputs]
    return [*files, *dict.fromkeys(f"{_MAKER[name]}.json" for name in rule.inputs)]


BEFORE = {name: _before(RULES[name]) for name in FILES if name != "train"}
END = [file for name, files in FILES.items() for file in files if name != "render"] + ["video"]
ONE = {name: [name] for name in FILES}
ONE_BEFORE = {
    **{key: ["train"] for key in ("evaluate", "render", "collect")},
    "analyse": ["collect"],
    "plot": ["analyse"],
    "plot_plasticity": ["analyse"],
}


def measure(quick: bool) -> Part:
    """Build the three finished workflows and time their dry runs."""
    runs = FEW_RUNS if quick else RUNS
    what = f"no-op dry run of {runs:,} runs × 10 seeds, {7 * runs + 2:,} jobs"
    with tempfile.TemporaryDirectory() as name:
        try:
            taken = _no_ops(Path(name), runs, 1 if quick else ROUNDS)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return Part(marks=[Missing(what, str(error))])
    median = {key: statistics.median(values) for key, values in taken.items()}
    return Part(
        marks=[
            Mark(
                f"{what}, against {text}",
                f"{median['ours']:.1f} s",
                f"{median[key]:.1f} s",
                median["ours"] / median[key],
                mark,
                at_most=True,
            )
            for key, text, mark in (
                ("bare", "a bare Snakefile with one file a job", 1.25),
                ("same files", "a bare Snakefile with the same files", 1.1),
            )
        ]
    )


def _no_ops(folder: Path, runs: int, rounds: int) -> dict[str, list[float]]:
    """Processor seconds of no-op dry runs of ours and the bare ones, in turns."""
    folders = {key: folder / key for key in ("ours", "bare", "same files")}
    _project(folders["ours"], runs)
    bare = {"files": ONE, "before": ONE_BEFORE, "end": list(ONE), "runs": runs}
    same = {"files": FILES, "before": BEFORE, "end": END, "runs": runs}
    for key, values in (("bare", bare), ("same files", same)):
        folders[key].mkdir()
        shutil.copytree(ROOT / "profiles", folders[key] / "profiles")
        (folders[key] / "Snakefile").write_text(BARE.format(**values))
    for each in folders.values():
        processor_seconds(each, _FINISHED, seconds=SECONDS)
    taken: dict[str, list[float]] = {key: [] for key in folders}
    for _ in range(rounds):
        for key, each in folders.items():
            taken[key].append(processor_seconds(each, *_DRY_RUN, seconds=SECONDS, said=_NOTHING))
    return taken


def _project(folder: Path, runs: int) -> None:
    """A copy of the project whose config asks for so many runs, fifty or hundreds."""
    copy_project(folder)
    grid = {
        "eta": [round(0.001 * (n + 1), 4) for n in range(min(runs, 100))],
        "learning_rate": [round(1e-4 * (n + 1), 6) for n in range(max(1, runs // 100))],
    }
    config = {
        "sweep": {"name": "benchmark", "base": {"task": "DelayedMatch-v0"}, "grid": grid},
        "seeds": {"first": 0, "count": 10, "per_job": 10},
    }
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config))
