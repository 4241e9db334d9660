"""Nothing is lost and nothing false after SIGKILL: the bytes of an undisturbed run.

`MPN_RL_KILLS=100 pytest tests/workflow/test_kills.py` kills a hundred times.
"""

import os
import random
import signal
from pathlib import Path

import pytest

from tests.artifact_bytes import artifacts
from tests.workflow.kills import (
    CONFIG,
    FLAGS,
    SECONDS,
    Attack,
    Tally,
    attack,
    target_of,
)
from tests.workflow.processes import running, wait_for
from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

# Of so many kills so many hit each stage; what is left hits training.
SHARES = {"cli": 0.2, "evaluate": 0.1, "collect": 0.1, "summarise": 0.1}
KILLS = [15]
KILLS += [int(os.environ["MPN_RL_KILLS"])] if "MPN_RL_KILLS" in os.environ else []
COUNTS = [pytest.param(kills, marks=pytest.mark.timeout(600 + 60 * kills)) for kills in KILLS]


def shares(count: int) -> dict[str, int]:
    """Kills per stage, in the order of the workflow."""
    kills = {stage: round(count * share) for stage, share in SHARES.items()}
    return {"train": count - sum(kills.values()), **kills}


def expected(stages: dict[str, int], folder: Path) -> Project:
    """The undisturbed run, as far as the attacked stages go."""
    project = Project.create(folder, CONFIG)
    for stage, kills in stages.items():
        if kills and stage == "cli":
            done = project.run("mpn-rl", "train", *FLAGS)
            assert done.returncode == 0, done.stderr
        elif kills:
            done = project.snakemake(target_of(project, stage))
            assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.mark.parametrize("count", COUNTS)
def test_killed_stages_end_with_the_bytes_of_an_undisturbed_run(count: int, tmp_path: Path) -> None:
    stages = shares(count)
    undisturbed = expected(stages, tmp_path / "undisturbed")
    wanted = {name: artifacts(undisturbed.folder / name) for name in ("results", "experiments")}
    project = Project.create(tmp_path / "killed", CONFIG)
    tally = Tally()

    def check() -> None:
        for name, files in wanted.items():
            made = artifacts(project.folder / name)
            assert made.keys() <= files.keys()
            assert [path for path in made if made[path] != files[path]] == []

    for stage, kills in stages.items():
        if kills:
            attack(project, stage, kills, random.Random(f"{count} {stage}"), tally, check)
    made = {name: artifacts(project.folder / name) for name in wanted}
    assert made == wanted
    assert sum(tally.killed.values()) >= count
    audit = project.run("mpn-rl", "audit", "results")
    assert " 0 false" in audit.stdout, audit.stdout
    print(f"killed {tally.killed}, compared {tally.compared} times, {len(made['results'])} files")


def test_sigterm_saves_and_ends_at_once(tmp_path: Path) -> None:
    undisturbed = expected({"train": 1, "cli": 1}, tmp_path / "undisturbed")
    project = Project.create(tmp_path / "stopped", CONFIG)
    target = target_of(project, "train")
    slow_down = ["--set-resources", "train:save_seconds=0", "--", target]
    commands = {
        "train": (["snakemake", "--cores", "1", *slow_down], 1, "results"),
        "cli": (["mpn-rl", "train", *FLAGS, "--save-seconds", "0"], 143, "experiments"),
    }
    for stage, (command, code, folder) in commands.items():
        with running(project.folder, *command) as driver:
            state = wait_for(
                lambda f=folder: list(project.folder.glob(f"{f}/.work/**/seed_0.state")),
                SECONDS,
                "the first saved state",
            )[0]
            training = Attack(project, stage, random.Random(0), Tally()).victim()
            assert training is not None
            assert training.send(signal.SIGTERM)
            lease = state.with_name("lease.json")
            wait_for(lambda f=lease: not f.exists(), 5, "the state to be saved")
            # What is left is the interpreter's own end, slow where cores are short.
            wait_for(lambda p=training: not p.alive, SECONDS, "the process to end")
            assert driver.wait(SECONDS) == code
        assert state.exists()
        assert sorted(path.name for path in state.parent.glob("lease*")) == []
    assert project.snakemake(target).returncode == 0
    assert project.run("mpn-rl", "resume", *FLAGS[-2:]).returncode == 0
    for name in ("results", "experiments"):
        assert artifacts(project.folder / name) == artifacts(undisturbed.folder / name)
