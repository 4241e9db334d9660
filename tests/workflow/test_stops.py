"""SIGTERM and Ctrl-C at random moments: every command and job ends soon, and goes on exactly.

`MPN_RL_STOPS=100 pytest tests/workflow/test_stops.py` stops a hundred commands.
"""

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.artifact_bytes import artifacts
from tests.workflow.kills import CONFIG, FLAGS, SECONDS, Attack, Tally, target_of
from tests.workflow.processes import running, wait_for
from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow, pytest.mark.timeout(3600)]

STOPS = int(os.environ.get("MPN_RL_STOPS", "30"))
# What the note promises is 5 s; a machine under tests may be this much slower.
MOST_SECONDS = 60
NAMED = FLAGS[-2:]
COMMANDS = {
    "train": ["train", *FLAGS, "--save-seconds", "1"],
    "eval": ["eval", *NAMED, "--num-eval-episodes", "4000"],
    "render": ["render", *NAMED],
    "collect": ["analyze", "collect", *NAMED, "--num-episodes", "600"],
    "plot": ["analyze", "plot", *NAMED],
    "decode": ["analyze", "decode", *NAMED],
    "fixed_points": ["analyze", "fixed-points", *NAMED],
    "lesion": ["analyze", "lesion", *NAMED],
    "generalise": ["analyze", "generalise", *NAMED],
    "memory": ["analyze", "memory", *NAMED],  # draws the tables of those above
}
CUT = [*COMMANDS["train"][:-4], "--experiment-name", "cut", "--save-seconds", "1"]
LONG = CONFIG.replace("num_steps: 4000", "num_steps: 30000")
SIGNALS = {signal.SIGTERM: "SIGTERM", signal.SIGINT: "Ctrl-C"}


def start(project: Project, arguments: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("mpn-rl")), *arguments],
        cwd=project.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def stop(process: "subprocess.Popen[str]", number: int, after: float) -> tuple[float, str] | None:
    """Seconds to the end after a signal that is sent `after` seconds, and standard error."""
    assert process.stderr is not None
    with process:
        try:
            process.wait(after)
            return None
        except subprocess.TimeoutExpired:
            began = time.monotonic()
            process.send_signal(number)
            said = process.stderr.read()
            process.wait(MOST_SECONDS)
            return time.monotonic() - began, said


def drafts(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob(".*.tmp*"))


def test_commands_obey_at_any_moment(tmp_path: Path) -> None:
    generator = random.Random(STOPS)
    whole, stopped = (Project.create(tmp_path / name, CONFIG) for name in ("whole", "stopped"))
    lasted = {}
    for name, arguments in COMMANDS.items():
        began = time.monotonic()
        assert whole.run("mpn-rl", *arguments).returncode == 0
        lasted[name] = time.monotonic() - began
    for name in ("train", "collect"):  # what the others read
        assert stopped.run("mpn-rl", *COMMANDS[name]).returncode == 0
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for name in islice(cycle(COMMANDS), STOPS):
        number = generator.choice(list(SIGNALS))
        arguments = COMMANDS[name]
        if name == "train":  # one of its own, which is cut off again and again
            arguments = CUT
        process = start(stopped, arguments)
        ended = stop(process, number, generator.uniform(0.5, max(1.0, lasted[name])))
        if ended is None:
            continue
        seconds[name].append(ended[0])
        print(f"{name}: {ended[0]:.2f} s", flush=True)
        assert ended[0] < MOST_SECONDS
        assert "Traceback" not in ended[1], ended[1]
        if process.returncode == 0:  # it was over when the signal came
            continue
        assert process.returncode in (-number, 128 + number), ended[1]
        if process.returncode > 0:
            last = ended[1].splitlines()[-1]
            assert last.startswith(f"mpn-rl: stopped by {SIGNALS[signal.Signals(number)]}; ")
        assert drafts(stopped.folder / "experiments") == []
    for name in (
        "eval",
        "render",
        "collect",
        "plot",
        "decode",
        "lesion",
        "generalise",
        "fixed_points",
        "memory",
    ):
        assert stopped.run("mpn-rl", *COMMANDS[name]).returncode == 0
    # perhaps it was cut off before there was an experiment to resume
    again = stopped.run("mpn-rl", *CUT, "--skip-finished")
    assert again.returncode == 0, again.stderr
    made = {p.folder: artifacts(p.folder / "experiments/killed") for p in (whole, stopped)}
    assert made[whole.folder] == made[stopped.folder]
    history = "training_history.json"
    assert (stopped.folder / "experiments/cut" / history).read_bytes() == (
        whole.folder / "experiments/killed" / history
    ).read_bytes()
    every = [second for listed in seconds.values() for second in listed]
    print({name: [f"{second:.2f}" for second in listed] for name, listed in seconds.items()})
    print(f"{len(every)} stopped, median {statistics.median(every):.2f} s, most {max(every):.2f} s")


def test_jobs_obey_at_any_moment(tmp_path: Path) -> None:
    generator, project = random.Random(0), Project.create(tmp_path, LONG)
    seconds = []
    for stage in ("train", "evaluate", "collect", "summarise"):
        target = target_of(project, stage)
        with running(project.folder, "snakemake", "--cores", "1", "--", target) as driver:
            look = Attack(project, stage, generator, Tally()).victim
            victim = wait_for(look, SECONDS, f"a job of {stage}")
            time.sleep(generator.uniform(0, 2))
            began = time.monotonic()
            victim.send(signal.SIGTERM)
            wait_for(lambda v=victim: not v.alive, MOST_SECONDS, "the job to end")
            seconds.append(time.monotonic() - began)
            assert driver.wait(SECONDS) in (0, 1)  # 0: it was over when the signal came
        assert drafts(project.folder / "results") == []
        assert project.snakemake(target).returncode == 0
    said = (project.folder / "said.txt").read_text()
    assert "mpn-rl: stopped by SIGTERM; the same snakemake command resumes it" in said
    assert "mpn-rl: stopped by SIGTERM; nothing is lost: the same snakemake command" in said
    audit = project.run("mpn-rl", "audit", "results")
    assert " 0 false" in audit.stdout
    print(f"jobs: {[f'{second:.2f}' for second in seconds]} s")
