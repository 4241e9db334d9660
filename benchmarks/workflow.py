"""A dry run of a finished sweep that finds nothing to do, beside bare Snakefiles of as many jobs.

Times are seconds of processor time of the whole process, engine and its start included; the rounds
alternate between the candidates, and the figures are medians.
"""

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks.marks import Mark, Missing
from mpn_rl.sweep.layout import RULES, Rule

ROOT = Path(__file__).parents[1]
PARTS = ("Snakefile", "workflow", "mpn_rl", "profiles", "config")
RUNS, ROUNDS, SECONDS = 1000, 3, 900

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


def marks() -> list[Mark | Missing]:
    """Build the three finished workflows and time their dry runs."""
    what = f"no-op dry run of {RUNS:,} runs × 10 seeds, {7 * RUNS + 2:,} jobs"
    with tempfile.TemporaryDirectory() as name:
        folders = {key: Path(name) / key for key in ("ours", "bare", "same files")}
        _project(folders["ours"])
        bare = {"files": ONE, "before": ONE_BEFORE, "end": list(ONE), "runs": RUNS}
        same = {"files": FILES, "before": BEFORE, "end": END, "runs": RUNS}
        for key, values in (("bare", bare), ("same files", same)):
            folders[key].mkdir()
            shutil.copytree(ROOT / "profiles", folders[key] / "profiles")
            (folders[key] / "Snakefile").write_text(BARE.format(**values))
        try:
            for folder in folders.values():
                _seconds(folder, str(Path(__file__).with_name("finished.py")))
            taken: dict[str, list[float]] = {key: [] for key in folders}
            for _ in range(ROUNDS):
                for key, folder in folders.items():
                    taken[key].append(_seconds(folder, "-m", "snakemake", "--dry-run"))
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return [Missing(what, str(error))]
    median = {key: statistics.median(values) for key, values in taken.items()}
    return [
        Mark(
            f"{what}, against {text}",
            f"{median['ours']:.1f} s",
            f"{median[key]:.1f} s",
            median["ours"] / median[key],
            1.25,
            at_most=True,
        )
        for key, text in (
            ("bare", "a bare Snakefile with one file a job"),
            ("same files", "a bare Snakefile with the same files"),
        )
    ]


def _project(folder: Path) -> None:
    """A copy of the project whose config asks for RUNS runs."""
    folder.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, folder / part)
    grid = {
        "eta": [round(0.001 * (n + 1), 4) for n in range(100)],
        "learning_rate": [round(1e-4 * (n + 1), 6) for n in range(RUNS // 100)],
    }
    config = {
        "sweep": {"name": "benchmark", "base": {"task": "DelayedMatch-v0"}, "grid": grid},
        "seeds": {"first": 0, "count": 10, "per_job": 10},
    }
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config))


def _seconds(folder: Path, *command: str) -> float:
    """Processor seconds of a Python command in `folder`; RuntimeError if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        cwd=folder,
        text=True,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = done.stdout + done.stderr
    if done.returncode or ("-m" in command and "Nothing to be done" not in said):
        raise RuntimeError(f"{folder.name}: {(said.strip() or 'failed').splitlines()[-1]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
