"""A sweep that grows keeps what is trained: seeds of a short last block, and steps on request."""

from pathlib import Path

import pytest

from tests.artifact_bytes import artifacts
from tests.workflow.project import CONFIG, Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

SMALL = (
    CONFIG.replace("core: [mpn, gru]", "core: [gru]")
    .replace("count: 2, per_job: 1", "count: 3, per_job: 2")
    .replace("replay_start", "learning_rate_decay: null, replay_start")
)
KEEPING = ("--set-resources", "train:keep_state=1", "--until", "train")


def trained(folder: Path, config: str) -> Project:
    project = Project.create(folder, config)
    train(project)
    return project


def train(project: Project) -> None:
    done = project.snakemake(*KEEPING)
    assert done.returncode == 0, done.stdout + done.stderr


def logs(project: Project) -> str:
    return "".join(path.read_text() for path in project.files("logs/train/*"))


def test_more_seeds_and_more_steps_take_up_what_is_there(tmp_path: Path) -> None:
    project = trained(tmp_path / "grown", SMALL)
    assert [path.name for path in project.files("runs/*/*")] == ["seeds_0-1", "seeds_2-2"]
    project.edit("config/config.yaml", "count: 3", "count: 4")
    train(project)
    assert logs(project).count("seed 2: already complete") == 1
    project.edit("config/config.yaml", "num_steps: 200", "num_steps: 300")
    train(project)
    assert logs(project).count("continues from step 200") == 4
    config = SMALL.replace("count: 3", "count: 4")
    for steps in (200, 300):
        alone = trained(tmp_path / f"alone{steps}", config.replace(": 200", f": {steps}"))
        (run,) = {path.parent.name for path in alone.files("runs/*/seeds_2-3")}
        made = [
            artifacts(each.folder / "results/runs" / run / "seeds_2-3") for each in (project, alone)
        ]
        assert made[0] == made[1]
        assert made[0]
