"""Code and config that are edited while a sweep runs: its jobs run what it began with."""

import csv
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fixtures.mixed_sweep import OWN_TASK
from tests.workflow.project import CONFIG, Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

ONE_RUN = CONFIG.replace("core: [mpn, gru]", "core: [gru]").replace("count: 2", "count: 1")
EVALUATE = "mpn_rl/sweep/stages/evaluate.py"
WAIT_SECONDS = 120


def run_and_edit(project: Project, change: Callable[[], None]) -> None:
    """Build, and make a change once training has begun, while all other stages wait."""
    with ThreadPoolExecutor(1) as pool:
        driver = pool.submit(project.run, "snakemake", "--cores", "1")
        end = time.monotonic() + WAIT_SECONDS
        while not project.files("logs/train/*.log") and not driver.done():
            assert time.monotonic() < end
            time.sleep(0.01)
        change()
        done = driver.result()
    assert done.returncode == 0, done.stdout + done.stderr


def returns(project: Project) -> list[float]:
    (path,) = project.files("runs/*/*/evaluation.csv")
    return [float(row["return"]) for row in csv.DictReader(path.read_text().splitlines())]


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "project", ONE_RUN)


def test_code_of_a_waiting_stage(fresh: Project) -> None:
    before = fresh.read(EVALUATE)
    line = "    table = evaluate_agents(agents, task, num_episodes)\n"
    edited = before.replace(line, f'{line}    table["return"] += 100\n')
    assert edited != before
    run_and_edit(fresh, lambda: fresh.write(EVALUATE, edited))
    assert max(returns(fresh)) <= 1
    # with the edit in force the evaluation is stale, without it nothing is
    assert fresh.stale() == {"evaluate": 1, "summarise": 1}
    fresh.write(EVALUATE, before)
    assert fresh.stale() == {}
    audit = fresh.run("mpn-rl", "audit", "results")
    assert audit.stdout.endswith(" 0 false\n"), audit.stdout


def test_the_config(fresh: Project) -> None:
    before = fresh.read("config/config.yaml")
    edited = before.replace("evaluation: {num_episodes: 3}", "evaluation: {num_episodes: 7}")
    run_and_edit(fresh, lambda: fresh.write("config/config.yaml", edited))
    assert len(returns(fresh)) == 3
    assert fresh.stale() == {"evaluate": 1, "summarise": 1}
    fresh.write("config/config.yaml", before)
    assert fresh.stale() == {}


def test_a_task_of_the_users_own(tmp_path: Path) -> None:
    config = ONE_RUN.replace("DelayedMatch-v0, delay: 1", "own_tasks:Cue-v0")
    project = Project.create(tmp_path / "project", config)
    project.write("own_tasks.py", OWN_TASK)
    project.write("own_numbers.py", "REWARD = 1.0\n")
    run_and_edit(project, lambda: project.write("own_numbers.py", "REWARD = 100.0\n"))
    assert max(returns(project)) <= 5
    assert project.stale()["train"] == 1
    project.write("own_numbers.py", "REWARD = 1.0\n")
    assert project.stale() == {}


def test_rule_files_that_no_longer_parse(fresh: Project) -> None:
    def change() -> None:
        fresh.append("workflow/rules/common.smk", "\nthis is no Python\n")
        fresh.write("workflow/scripts/stage.py", "raise SystemExit(7)\n")

    run_and_edit(fresh, change)
    assert len(returns(fresh)) == 3


def test_a_training_of_the_command_line(tmp_path: Path) -> None:
    """What is edited once it is loaded changes nothing, and the record says what ran."""
    project = Project.create(tmp_path / "project", ONE_RUN)
    flags = "--task DelayedMatch-v0 --core gru --num-steps 4000 --hidden-dim 8 --encoder-dim 8"
    loss = "mpn_rl/learning/targets.py"
    records = {}
    for name, meanwhile in (("a", ""), ("b", "    loss = 0.5 * torch")):
        command = ["train", "--experiment-name", name, *flags.split()]
        with ThreadPoolExecutor(1) as pool:
            trained = pool.submit(project.run, "python", "-m", "mpn_rl", *command)
            log = project.folder / "experiments" / name / "logs" / "train.log"
            end = time.monotonic() + WAIT_SECONDS
            while meanwhile and not (log.exists() and log.stat().st_size) and not trained.done():
                assert time.monotonic() < end
                time.sleep(0.01)
            if meanwhile:
                project.edit(loss, "    loss = torch", meanwhile)
            done = trained.result()
        assert done.returncode == 0, done.stdout + done.stderr
        home = project.folder / "experiments" / name
        records[name] = json.loads((home / "records" / "train.json").read_bytes())
    assert records["a"]["code_digest"] == records["b"]["code_digest"]
    assert records["a"]["outputs"] == records["b"]["outputs"]
