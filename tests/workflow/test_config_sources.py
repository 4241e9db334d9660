"""`--config` and several `--configfile`s on the real engine: driver and jobs read the same."""

import json
from pathlib import Path

import pytest

from tests.workflow.project import CONFIG, Project

DROPPED = "sweep.grid: core gru does not use eta; ignored"
OVERRIDE = ("--config", "evaluation={num_episodes: 5}")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An untrained project whose sweep is one run and has a parameter to drop."""
    text = CONFIG.replace("grid: {core: [mpn, gru]}", "grid: {core: [gru], eta: [0.2]}")
    return Project.create(
        tmp_path / "project", text.replace("count: 2, per_job: 1", "count: 1, per_job: 1")
    )


@pytest.mark.workflow
def test_what_the_command_line_says_reaches_jobs_and_messages_reach_the_user_once(
    project: Project,
) -> None:
    evaluation = "results/runs/DelayedMatch-v0_gru_{}/seeds_0-0/evaluation.csv"
    planned = project.snakemake("-n", *OVERRIDE)
    assert (planned.stdout + planned.stderr).count(DROPPED) == 1
    run = planned.stdout.split("Training DelayedMatch-v0_gru_")[1].split(",")[0]
    done = project.snakemake(*OVERRIDE, "--", evaluation.format(run))
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert said.count(DROPPED) == 1  # and two jobs have read the config as well
    [path] = project.files("runs/*/seeds_0-0/records/evaluate.json")
    assert json.loads(path.read_text())["params"]["num_episodes"] == 5
    assert "evaluate" not in _stale(project, *OVERRIDE)
    assert _stale(project)["evaluate"] == 1
    project.write("over.yaml", "evaluation: {num_episodes: 5}\n")
    assert "evaluate" not in _stale(project, "--configfile", "config/config.yaml", "over.yaml")


@pytest.mark.workflow
def test_a_mistake_on_the_command_line_is_one_clear_message(project: Project) -> None:
    done = project.snakemake("-n", "--config", "evaluation={num_episodes: 010}")
    assert done.returncode == 1
    assert "--config: evaluation={num_episodes: 010}: 010 is 8 to YAML; write 10" in done.stderr
    assert "Traceback" not in done.stderr


def _stale(project: Project, *arguments: str) -> dict[str, int]:
    done = project.snakemake("-n", "--quiet", "rules", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}
