"""Tasks that others wrote are looked at before anything runs, also in a dry run; once."""

import pytest

from tests.workflow import engine
from tests.workflow.project import SECONDS, Project

pytestmark = pytest.mark.workflow

CONFIG = """\
sweep:
  name: foreign
  base: {num_steps: 200, hidden_dim: 4}
  grid: {task: [TASK]}
seeds: {first: 0, count: 1, per_job: 1}
"""
MAZE = """\
import gymnasium
from gymnasium import spaces
import numpy as np
class Maze(gymnasium.Env):
    observation_space, action_space = spaces.Box(0, 1, (3,)), spaces.Discrete(2)
    def reset(self, *, seed=None, options=None):
        return np.full(3, 2, np.float32), {}
    def step(self, action):
        return np.zeros(3), 1.0, False, False, {}
gymnasium.register("Maze-v0", entry_point=Maze)
"""


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "project")


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        ("Pendulum-v1", "task 'Pendulum-v1' cannot be used: its action space is Box"),
        ('"mazes:Maze-v0"', "task 'mazes:Maze-v0': its module 'mazes' cannot be imported"),
        ('"maze:Maze-v0"', "task 'maze:Maze-v0' gave an array of shape (3,) as the result of"),
    ],
)
def test_dry_run_refuses_what_cannot_be_trained_on(project, task, sentence):
    project.write("maze.py", MAZE.replace("np.full(3, 2, np.float32), {}", "np.zeros(3)"))
    project.write("config/config.yaml", CONFIG.replace("TASK", task))
    done = project.snakemake("-n")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert sentence in said
    assert "Traceback" not in said
    assert not (project.folder / "results").exists()


def test_a_sound_task_is_looked_at_once_until_it_changes(project):
    looking = "looking at maze:Maze-v0: their code is run"
    advice = "entry 0 of its observation was 2, beyond the bounds 0 to 1 of its space"
    project.write("config/config.yaml", CONFIG.replace("TASK", '"maze:Maze-v0", DelayedMatch-v0'))
    for source, looked in [(MAZE, 1), (f"# a comment\n{MAZE}", 0), (f"{MAZE}1\n", 1)]:
        project.write("maze.py", source)
        done = project.snakemake("-n")
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert said.count(looking) == looked
        assert said.count(advice) == looked


@pytest.mark.parametrize("elsewhere", [(), ("--directory", "results of mazes")])
def test_a_module_in_the_current_folder_is_found(project, tmp_path, elsewhere):
    here = tmp_path / "my mazes"
    here.mkdir()
    (here / "maze.py").write_text(MAZE)
    (here / "sweep.yaml").write_text(CONFIG.replace("TASK", '"maze:Maze-v0"'))
    command = ("-n", "--snakefile", f"{project.folder}/Snakefile", "--configfile", "sweep.yaml")
    # as a shell has it; the module's folder is on no path
    environment = {**project.environment(), "PWD": str(here)}
    done = engine.call(here, (*command, *elsewhere), environment, SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "looking at maze:Maze-v0" in done.stdout + done.stderr
