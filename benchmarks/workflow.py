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
from mpn_rl.sweep.layout import BLOCK, RULES, WILDCARDS, Rule
from mpn_rl.sweep.plan import DRAWN, SUMMARISED

_DRY_RUN, _NOTHING = ("-m", "snakemake", "--dry-run"), "Nothing to be done"
_FINISHED = str(Path(__file__).with_name("finished.py"))
RUNS, FEW_RUNS, ROUNDS, SECONDS = 1000, 50, 2, 300

# As many jobs in the same order, one file each; and with the very files of ours, all of them asked
# for, but no params, logs, benchmarks and reports.
BARE = """\
FILES = {files}
BEFORE = {before}
END = {end}
EVERY = {every}
RUNS = [f"DelayedMatch-v0_mpn_{{n:08x}}" for n in range({runs})]

def of_runs(patterns):
    where = {{"block": "0-9", "seed": "0", "episode": "0"}}
    return [pattern.format(run=run, **where) for run in RUNS for pattern in patterns]

wildcard_constraints:
    **{constraints}

rule all:
    input: of_runs(EVERY), "results/summary"

for name, outputs in FILES.items():
    rule:
        name: name
        input: BEFORE.get(name, [])
        output: outputs
        shell: "touch {{output}}"

rule summarise:
    input: of_runs(END)
    output: "results/summary"
    shell: "touch {{output}}"
"""
BLOCKS = {name: rule for name, rule in RULES.items() if rule.per in ("block", "animation")}
_IN_BLOCK = f"results/{BLOCK}/%s"
_PATHS = {key: _IN_BLOCK % path for rule in BLOCKS.values() for key, path in rule.outputs.items()}
_PATHS["checkpoint"] = _PATHS["final"]
_RECORDS = {name: _IN_BLOCK % f"records/{r.record or name}.json" for name, r in BLOCKS.items()}
_MAKER = {key: name for name, rule in BLOCKS.items() for key in rule.outputs}
_MAKER["checkpoint"] = "train"
FILES = {
    name: [*(_PATHS[key] for key in rule.outputs), _RECORDS[name]] for name, rule in BLOCKS.items()
}


def _before(rule: Rule) -> list[str]:
    """The inputs of a rule and the records of those that make them."""
    makers = dict.fromkeys(_MAKER[name] for name in rule.inputs)
    return [*(_PATHS[name] for name in rule.inputs), *(_RECORDS[name] for name in makers)]


SAME = {
    "files": FILES,
    "before": {name: _before(rule) for name, rule in BLOCKS.items() if name != "train"},
    "end": [
        *(_PATHS[key] for key in SUMMARISED),
        *(_RECORDS[name] for name in ("train", "evaluate", "collect", "analyse", "plot")),
        *(_PATHS[key] for name in DRAWN for key in BLOCKS[name].outputs),
    ],
    "every": [_PATHS[key] for rule in BLOCKS.values() for key in rule.outputs],
}
ONE = {
    "files": {name: [f"results/{{run}}/{name}"] for name in BLOCKS},
    "before": {
        name: [f"results/{{run}}/{_MAKER[rule.reads[-1]]}"]
        for name, rule in BLOCKS.items()
        if rule.reads
    },
    "end": [f"results/{{run}}/{name}" for name in BLOCKS],
    "every": [],
}


def measure(quick: bool) -> Part:
    """Plan the three workflows, finish them, and time their dry runs."""
    runs = FEW_RUNS if quick else RUNS
    what = f"dry run of {runs:,} runs × 10 seeds, {len(BLOCKS) * runs + 2:,} jobs"
    with tempfile.TemporaryDirectory() as name:
        try:
            taken = dry_runs(Path(name), runs, 1 if quick else ROUNDS, SECONDS)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return Part(marks=[Missing(what, str(error))])
    median = {key: statistics.median(values) for key, values in taken.items()}
    return Part(
        marks=[
            Mark(
                f"{kind} {what}, against {text}",
                f"{median[kind, 'ours']:.1f} s",
                f"{median[kind, key]:.1f} s",
                median[kind, "ours"] / median[kind, key],
                mark,
                at_most=True,
            )
            for kind, key, text, mark in (
                ("no-op", "bare", "a bare Snakefile with one file a job", 1.25),
                ("no-op", "same files", "a bare Snakefile with the same files", 1.1),
                ("plan", "same files", "a bare Snakefile with the same files", 1.1),
            )
        ]
    )


def dry_runs(
    folder: Path, runs: int, rounds: int, seconds: float
) -> dict[tuple[str, str], list[float]]:
    """Processor seconds of a first dry run and of no-op ones, ours and the bare ones', in turns."""
    folders = {key: folder / key for key in ("ours", "bare", "same files")}
    _project(folders["ours"], runs)
    for key, values in (("bare", ONE), ("same files", SAME)):
        folders[key].mkdir()
        shutil.copytree(ROOT / "profiles", folders[key] / "profiles")
        text = BARE.format(**values, runs=runs, constraints=WILDCARDS)
        (folders[key] / "Snakefile").write_text(text)
    taken: dict[tuple[str, str], list[float]] = {}
    for key, each in folders.items():
        plan = processor_seconds(each, *_DRY_RUN, "--quiet", "all", seconds=seconds)
        taken["plan", key] = [plan]
        processor_seconds(each, _FINISHED, seconds=seconds)
    for _ in range(rounds):
        for key, each in folders.items():
            found = processor_seconds(each, *_DRY_RUN, seconds=seconds, said=_NOTHING)
            taken.setdefault(("no-op", key), []).append(found)
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
