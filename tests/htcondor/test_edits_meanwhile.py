"""What a sweep began with, on a pool: people edit while its jobs wait, or take its copy away."""

import csv
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fixtures.mixed_sweep import OWN_TASK
from tests.htcondor.image import UID
from tests.htcondor.pool import PROJECT, Pool
from tests.htcondor.test_workflow import LONG_CONFIG, SECONDS, on_the_pool

pytestmark = [pytest.mark.htcondor]

CONFIG = LONG_CONFIG.replace("DelayedMatch-v0, delay: 2", "own_tasks:Cue-v0")
EVALUATED = "    table = evaluate_agents(agents, task, num_episodes)\n"


class Copied:
    """A folder with a copy of the project, a task of the user's own and one run of it.

    Jobs find neither on their path: it has the project that the pool's machines hold.
    """

    def __init__(self, pool: Pool, name: str) -> None:
        self.pool = pool
        self.folder = pool.workspace(name)
        self.project = self.folder / "project"
        self.project.mkdir()
        for part in ("workflow", "mpn_rl", "profiles"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(PROJECT / part, self.project / part, ignore=ignored)
        shutil.copy(PROJECT / "Snakefile", self.project)
        self.config = self.folder / "long.yaml"
        self.config.write_text(CONFIG + "evaluation: {num_episodes: 2}\n")
        self.stage = self.project / "mpn_rl" / "sweep" / "stages" / "evaluate.py"
        assert EVALUATED in self.stage.read_text()
        self.reward = self.folder / "own" / "own_numbers.py"
        self.reward.parent.mkdir()
        self.reward.write_text("REWARD = 1.0\n")
        self.reward.with_name("own_tasks.py").write_text(OWN_TASK)
        subprocess.run(["chown", "-R", str(UID), str(self.folder)], check=True)
        self.options = ["snakemake", "--snakefile", str(self.project / "Snakefile")]
        self.options += ["--directory", str(self.folder), *on_the_pool(self.config)]
        self.options += ["--until", "evaluate"]
        self.path = f"{self.project}:{self.reward.parent}"

    def say(self, *options: str) -> str:
        """What the driver says when called with these options."""
        command = [*self.options, *options]
        return self.pool.run(command, self.folder, SECONDS, PYTHONPATH=self.path).stdout

    @contextmanager
    def training(self, *options: str) -> "Iterator[subprocess.Popen[str]]":
        """A driver whose training has saved its state, so has loaded all that it runs."""
        command = [*self.options, *options]
        driver = self.pool.start(command, self.folder, PYTHONPATH=self.path)
        try:
            self.pool.wait_until(
                lambda: any(self.folder.glob("results/.work/*/*/*")) or driver.poll() is not None,
                "a saved state",
                360,
            )
            yield driver
        finally:
            if driver.poll() is None:
                self.pool.kill(driver, signal.SIGKILL)
                driver.communicate(timeout=20)


def test_edits_while_jobs_wait_change_nothing_of_the_sweep(pool: Pool) -> None:
    """Code, rule files, config and the user's task; all are put back in the end."""
    copied = Copied(pool, "edited")
    rules = copied.project / "workflow" / "rules" / "common.smk"
    edited = [copied.config, rules, copied.stage, copied.reward]
    before = {path: path.read_text() for path in edited}
    with copied.training() as driver:
        evaluated_otherwise = f'{EVALUATED}    table["return"] += 100\n'
        copied.stage.write_text(before[copied.stage].replace(EVALUATED, evaluated_otherwise))
        rules.write_text("this is no Python\n")
        copied.config.write_text(
            before[copied.config].replace("num_episodes: 2", "num_episodes: [")
        )
        copied.reward.write_text("REWARD = 100.0\n")
        out, _ = driver.communicate(timeout=SECONDS)
    assert driver.returncode == 0, out[-6000:]
    for path, text in before.items():
        path.write_text(text)
    (table,) = copied.folder.glob("results/runs/*/*/evaluation.csv")
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == 2 * 2  # seeds, episodes
    assert all(float(row["return"]) <= 5 for row in rows)
    again = copied.say("-n")
    assert re.search(r"^total +0$", again, re.MULTILINE), again[-3000:]
    audit = ["python", "-m", "mpn_rl", "audit", "results"]
    said = pool.run(audit, copied.folder, PYTHONPATH=copied.path).stdout
    assert said.endswith(" 0 false\n"), said


def test_a_job_with_other_code_refuses(pool: Pool) -> None:
    """The copy is gone, and the pool's machines have another version: the driver says so."""
    copied = Copied(pool, "refused")
    here = copied.stage.read_text()
    copied.stage.write_text(here.replace(EVALUATED, EVALUATED + '    table["return"] += 1\n'))
    with copied.training("--retries", "0") as driver:
        for copy in copied.folder.glob(".snakemake/mpn-rl/code/*"):
            shutil.rmtree(copy)
        out, _ = driver.communicate(timeout=SECONDS)
    assert driver.returncode == 1, out[-6000:]
    (log,) = copied.folder.glob("results/logs/evaluate/*.log")
    for said in (log.read_text(), out):
        assert "is not the code that the sweep began with" in said, said
        assert "Traceback" not in said, said
    assert not any(copied.folder.glob("results/runs/*/*/evaluation.csv"))
