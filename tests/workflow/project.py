"""A copy of the project, with its own sources and results, on which real snakemake runs."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.workflow import engine, interpreter

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "workflow", "mpn_rl", "profiles", "config")
SECONDS = 600

CONFIG = """\
sweep:
  name: staleness
  base: {task: DelayedMatch-v0, delay: 1, encoder_dim: 4, hidden_dim: 4, num_steps: 200,
         num_envs: 4, batch_size: 4, buffer_size: 400, learning_starts: 50, replay_start: episode,
         epsilon_decay: 100, validation_period: 100, validation_episodes: 4}
  grid: {core: [mpn, gru]}
seeds: {first: 0, count: 2, per_job: 1}
evaluation: {num_episodes: 3}
render: {num_episodes: 1, fps: 10}
analysis: {num_episodes: 3}
"""


@dataclass(frozen=True)
class Project:
    """The copy in `folder`; jobs import the package from there."""

    folder: Path

    @classmethod
    def create(cls, folder: Path, config: str = CONFIG, origin: Path = ROOT) -> "Project":
        """Copy the sources of the project under test and write a small config."""
        for part in PARTS:
            source, target = origin / part, folder / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        project = cls(folder)
        project.write("config/config.yaml", config)
        return project

    def copy(self, folder: Path) -> "Project":
        """A copy of everything, file times included."""
        shutil.copytree(self.folder, folder)
        return Project(folder)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment in the project's folder, in bounded time."""
        executable = Path(sys.executable).with_name(command[0])
        return subprocess.run(
            [str(executable), *command[1:]],
            cwd=self.folder,
            env={**self.environment(), **environment},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the workflow."""
        command = ("--cores", "2", *arguments)
        return engine.call(self.folder, command, self.environment(), SECONDS)

    def environment(self) -> dict[str, str]:
        """The variables of a command; this project's package is imported."""
        return {**interpreter.environment(), "PYTHONPATH": str(self.folder)}

    def build(self) -> None:
        """Make everything; an error shows what the engine said."""
        done = self.snakemake()
        assert done.returncode == 0, done.stdout + done.stderr

    def stale(self) -> dict[str, int]:
        """Rule -> number of jobs that would run, without `all`."""
        done = self.snakemake("-n")
        assert done.returncode == 0, done.stdout + done.stderr
        return job_counts(done)

    def read(self, path: str) -> str:
        """A file's text."""
        return (self.folder / path).read_text()

    def write(self, path: str, text: str) -> None:
        """Write a file, its folder too."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the one occurrence of `old`."""
        text = self.read(path)
        assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
        self.write(path, text.replace(old, new))

    def append(self, path: str, text: str) -> None:
        """Add text at a file's end."""
        self.write(path, self.read(path) + text)

    def files(self, pattern: str) -> list[Path]:
        """Files of the results, sorted."""
        return sorted(self.folder.glob(f"results/{pattern}"))


def job_counts(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Rule -> number of jobs that a dry run names, without `all`."""
    text = done.stdout + done.stderr
    table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\ntotal", text, re.DOTALL)
    if table is None:
        assert "Nothing to be done" in text, text
        return {}
    rows = (line.split() for line in table[1].splitlines())
    return {rule: int(count) for rule, count in rows if rule != "all"}
