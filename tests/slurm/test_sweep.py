"""The real workflow and its faults on a real Slurm, through the profile."""

import subprocess
import sys
from pathlib import Path

import pytest

from mpn_rl.sweep.ledger.audit import audit
from tests.htcondor.pool import PROJECT
from tests.slurm.conftest import TOY, Start, finish
from tests.slurm.pool import SlurmPool

pytestmark = [pytest.mark.slurm]

CONFIG = """\
sweep:
  name: slurm
  base: {task: DelayedMatch-v0, delay: 1, encoder_dim: 4, hidden_dim: 4, num_steps: 200,
         num_envs: 4}
seeds: {count: 1, per_job: 1}
evaluation: {num_episodes: 2}
analysis: {num_episodes: 2}
decoding: {enabled: false}
lesion: {enabled: false}
generalisation: {enabled: false}
fixed_points: {enabled: false}
"""


def test_a_sweep_from_nothing_to_its_summary(pool: SlurmPool, start: Start) -> None:
    folder = pool.workspace("whole")
    (folder / "small.yaml").write_text(CONFIG)
    said = finish(start(folder, PROJECT / "Snakefile", "--configfile", "small.yaml"))
    assert said.count("has been submitted with SLURM jobid") == 9
    assert (folder / "results" / "summary.pdf").stat().st_size > 1000
    assert not audit(folder / "results").findings


ASK = """
from mpn_rl.sweep.cluster.profile import Request
from mpn_rl.sweep.cluster.slurm import *
settings = {"slurm_status_command": "squeue", "slurm_init_seconds_before_status_checks": 20,
    "slurm_requeue": False, "slurm_no_requeue": False, "slurm_qos": None, "slurm_reservation": None}
small = Request("train", 1, {"mem_mb": 4096, "runtime": 720})
large = Request("train", 1, {"mem_mb": 4096, "runtime": 720, "gres": "gpu:1"})
asked = {"small": small, "large": large}
found = {name: describe_submission(one, settings) for name, one in asked.items()}
print(found["small"]["command"], *submission_findings(found), sep="\\n")
for command in ("squeue", "sacct"):
    print(*controller_findings(settings | {"slurm_status_command": command}), sep="\\n")
"""


def test_what_doctor_asks_a_cluster(pool: SlurmPool) -> None:
    done = pool.run([sys.executable, "-c", ASK], pool.workspace("doctor"), 300)
    command, gpu, squeue, sacct = done.stdout.splitlines()
    assert "-t 720 --mem 4096 --ntasks=1 --cpus-per-task=1" in command
    assert gpu.startswith("error: large: sbatch: error: Invalid generic resource (gres)")
    assert not squeue
    assert "Slurm accounting storage is disabled: the driver would never learn" in sacct


def toy(start: Start, folder: Path, *options: str, **config: object) -> "subprocess.Popen[str]":
    settings = [f"{name}={value}" for name, value in ({"runs": 1, "steps": 8} | config).items()]
    return start(folder, TOY, *options, "--config", *settings)


def life(folder: Path, run: str) -> list[tuple[str, int]]:
    """(process, step) of each step that a run trained."""
    lines = (line.split() for line in (folder / "lives" / f"{run}.txt").read_text().splitlines())
    return [(pid, int(step)) for pid, _, step in lines]


def wait_for_step(pool: SlurmPool, folder: Path, step: int) -> None:
    state = folder / "results" / ".work" / "run0" / "state"
    pool.wait_until(lambda: state.exists() and int(state.read_text()) >= step, f"step {step}", 240)


def test_a_cancelled_training_goes_on(pool: SlurmPool, start: Start) -> None:
    folder = pool.workspace("cancelled")
    driver = toy(start, folder)
    wait_for_step(pool, folder, 3)
    [job] = pool.queue().values()
    pool.run(["scancel", job])
    assert "CANCELLED" in finish(driver)
    steps = life(folder, "run0")
    assert len({pid for pid, _ in steps}) == 2
    assert len(steps) <= 9, "at most the step since the last save is repeated"
    assert (folder / "stopped" / "run0.txt").exists(), "it was told to stop before it was killed"


def test_a_failing_job_is_reported_and_the_others_finish(pool: SlurmPool, start: Start) -> None:
    folder = pool.workspace("failing")
    said = finish(toy(start, folder, "--retries=0", runs=2, steps=1, fails="run0"), code=1)
    assert "SLURM status is: 'FAILED'" in said
    assert (folder / "results" / "run1" / "train.txt").exists()
    assert not (folder / "results" / "summary.pdf").exists()
