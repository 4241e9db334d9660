"""SIGKILL at random moments of a stage, until the stage has come to its end all the same."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.workflow.processes import Process, find, running, wait_for
from tests.workflow.project import Project

SECONDS = 240
IN_VAIN = 10
# Kills come up to so long after the moment from which they count; what comes too late shortens it.
TRAINING_SECONDS, STAGE_SECONDS = 2.0, 12.0
CONFIG = """\
sweep:
  name: kills
  base: {task: DelayedMatch-v0, delay: 1, encoder_dim: 4, hidden_dim: 4, num_steps: 4000,
         num_envs: 4, batch_size: 4, buffer_size: 400, learning_starts: 50, replay_start: episode,
         epsilon_decay: 100, validation_period: 500, validation_episodes: 4}
seeds: {first: 0, count: 2, per_job: 2}
evaluation: {num_episodes: 4000}
render: {num_episodes: 1, fps: 10}
analysis: {num_episodes: 600}
"""
FLAGS = [
    *("--task", "DelayedMatch-v0", "--delay", "1", "--encoder-dim", "4", "--hidden-dim", "4"),
    *("--num-steps", "4000", "--num-envs", "4", "--batch-size", "4", "--buffer-size", "400"),
    *(
        "--replay-start",
        "episode",
        "--learning-starts",
        "50",
        "--epsilon-decay",
        "100",
        "--validation-period",
        "500",
    ),
    *("--validation-episodes", "4", "--seed", "0", "--experiment-name", "killed"),
]

# The output whose making each stage is about; `cli` is training by the command line.
TARGETS = {
    "train": "runs/*/seeds_0-1/checkpoints/final_model.pt",
    "evaluate": "runs/*/seeds_0-1/evaluation.csv",
    "collect": "runs/*/seeds_0-1/analysis/activity.npz",
    "summarise": "summary.pdf",
}


@dataclass
class Tally:
    """What was killed: stage -> number, and how often the end was compared byte by byte."""

    killed: dict[str, int] = field(default_factory=dict)
    compared: int = 0

    def count(self, stage: str) -> None:
        self.killed[stage] = self.killed.get(stage, 0) + 1


@dataclass
class Attack:
    """Kills of one stage of a project, with random moments from `generator`."""

    project: Project
    stage: str
    generator: random.Random
    tally: Tally
    longest: float = field(init=False)

    def __post_init__(self) -> None:
        self.longest = TRAINING_SECONDS if self._trains else STAGE_SECONDS

    @property
    def _trains(self) -> bool:
        return self.stage in ("train", "cli")

    def go_on_until(self, kills: int, target: str) -> int:
        """Start the stage again and again, killing it up to `kills` times; how often it was."""
        done = 0
        while True:
            whole_group = self.generator.random() < 0.5
            with running(self.project.folder, *self._command(target)) as driver:
                if done < kills:
                    done += self._kill_one(driver, whole_group)
                    if not whole_group or driver.poll() is not None:
                        while done < kills and driver.poll() is None:
                            done += self._kill_one(driver, False)
                if done >= kills or not whole_group:
                    driver.wait(SECONDS)
                    if driver.returncode == 0:
                        return done
                elif driver.poll() == 0:
                    return done
            if self.stage == "cli" and self._published():  # which the command refuses to do again
                return done

    def _command(self, target: str) -> list[str]:
        if self.stage == "cli":
            how = self.generator.choice(["train", "resume"])
            begun = (self.project.folder / "experiments/killed/config.json").exists()
            flags = FLAGS if how == "train" or not begun else FLAGS[-2:]
            return [
                "mpn-rl",
                "resume" if flags is not FLAGS else "train",
                *flags,
                "--save-seconds",
                "0",
            ]
        seconds = self.generator.choice([0, 0, 1])
        return [
            "snakemake",
            "--cores",
            "1",
            "--nolock",
            "--retries",
            "1000",
            "--set-resources",
            f"train:save_seconds={seconds}",
            "--",
            target,
        ]

    def _kill_one(self, driver: "subprocess.Popen[bytes]", whole_group: bool) -> int:
        """Kill the stage's process once at a random moment, or with it all that runs it."""
        victim = self._wait(self.victim, driver)
        if victim is None:
            return 0
        if self._trains:
            before = self._saved()
            moved = self._wait(lambda: self._saved() != before or not victim.alive, driver)
            if moved is None or not victim.alive:
                return 0
        time.sleep(self.generator.uniform(0, self.longest))
        # Stopped first: nothing changes between the look and the kill.
        unfinished = victim.send(signal.SIGSTOP) and not self._published()
        self.longest *= 1.25 if unfinished else 0.75
        if not victim.alive:
            return 0
        if whole_group:
            os.killpg(driver.pid, signal.SIGKILL)
            driver.wait(SECONDS)
        victim.send(signal.SIGKILL)
        wait_for(lambda: not victim.alive, SECONDS, "the killed process to be gone")
        if unfinished:
            self.tally.count(self.stage)
        return int(unfinished)

    def _wait(
        self, look: Callable[[], object], driver: "subprocess.Popen[bytes]"
    ) -> "Process | None":
        found = wait_for(
            lambda: look() or driver.poll() is not None, SECONDS, f"a process of {self.stage}"
        )
        return found if driver.poll() is None else None  # type: ignore[return-value]

    def victim(self) -> "Process | None":
        """The live process that computes the stage."""
        if not self._trains:
            scripts = self.project.folder.glob(".snakemake/scripts/*.stage.py")
            own = (path for path in scripts if self._is_of_stage(path))
            return next((found for path in own if (found := find(str(path)))), None)
        for lease in self.project.folder.glob("*/.work/**/lease.json"):
            try:
                return Process.of(int(lease.read_text().partition("pid=")[2].split()[0]))
            except (OSError, ValueError, IndexError):
                continue
        return None

    def _is_of_stage(self, script: Path) -> bool:
        """Whether the engine wrote this script for a job of the stage: it names the job's log."""
        try:
            return f"logs/{self.stage}/".encode() in script.read_bytes()
        except FileNotFoundError:
            return False

    def _saved(self) -> set[tuple[str, int]]:
        found = set()
        for path in self.project.folder.glob("*/.work/**/seed_*"):
            try:
                found.add((path.name, path.stat().st_mtime_ns))
            except FileNotFoundError:
                continue
        return found

    def _published(self) -> bool:
        """Whether the stage has already come to its end: its record is written last."""
        names = {"summarise": "records/summarise.json", "cli": "experiments/*/records/train.json"}
        pattern = names.get(self.stage, f"runs/*/seeds_*/records/{self.stage}.json")
        folder = self.project.folder / ("" if self.stage == "cli" else "results")
        return any(folder.glob(pattern))


def attack(
    project: Project,
    stage: str,
    kills: int,
    generator: random.Random,
    tally: Tally,
    check: Callable[[], None],
) -> None:
    """Kill `stage` `kills` times; each time that it ends in between, check and make it again."""
    target = "" if stage == "cli" else target_of(project, stage)
    left, in_vain = kills, 0
    attacker = Attack(project, stage, generator, tally)
    while left > 0:
        killed = attacker.go_on_until(left, target)
        left -= killed
        in_vain = 0 if killed else in_vain + 1
        assert in_vain < IN_VAIN, f"{stage} came to its end {IN_VAIN} times and was never killed"
        check()
        tally.compared += 1
        print(f"{stage}: killed {tally.killed}, equal {tally.compared} times", flush=True)
        if left > 0:
            forget(project, stage)


def target_of(project: Project, stage: str) -> str:
    """The file to ask snakemake for."""
    from mpn_rl.sweep.config.sweep import load_sweep

    [run] = load_sweep(project.folder / "config" / "config.yaml").runs
    return "results/" + TARGETS[stage].replace("*", run)


def forget(project: Project, stage: str) -> None:
    """Delete what a stage made, its resumable state too."""
    if stage == "cli":
        shutil.rmtree(project.folder / "experiments")
        return
    record = {"summarise": "records/summarise.json"}.get(stage, f"runs/*/*/records/{stage}.json")
    for path in [*project.files(TARGETS[stage]), *project.files(record)]:
        path.unlink()
    if stage == "train":
        shutil.rmtree(project.folder / "results" / ".work")
