"""A core and a task of the user's own package, from config to summary, and what goes stale."""

import shutil

import pytest

from tests.workflow.project import CONFIG, ROOT, Project
from tests.workflow.test_staleness import GRU

pytestmark = [pytest.mark.workflow]

CORE, TASK = "leaky_memory.core:Leaky", "leaky_memory.task:DelayedReport(delay=1)"
ASKED = CONFIG.replace("delay: 1, ", "").replace("[mpn, gru]", f"[mpn, {CORE}]")
PLUGGED = ASKED.replace("DelayedMatch-v0", f'"{TASK}"')


@pytest.fixture
def own(tmp_path):
    """A project with the example package in its folder."""
    project = Project.create(tmp_path / "project", config=PLUGGED)
    package = ROOT / "examples" / "leaky_memory" / "leaky_memory"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, project.folder / "leaky_memory", ignore=ignored)
    return project


@pytest.mark.slow
def test_what_breaks_the_interface_is_refused_in_a_dry_run(own):
    done = own.snakemake("-n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"looking at {TASK}, {CORE}: their code is run" in done.stdout + done.stderr
    own.edit("leaky_memory/core.py", "return h, h", "return h[:, 1:], h")
    done = own.snakemake("-n")
    assert done.returncode == 1
    assert f"core '{CORE}' breaks the interface: step gives h (4, 9)" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
def test_they_run_and_an_edit_makes_exactly_their_runs_stale(own):
    own.build()
    assert own.stale() == {}
    runs = {path.name.rsplit("_", 1)[0] for path in own.files("runs/*")}
    task = "leaky-memory.task-DelayedReport"
    assert runs == {f"{task}_mpn", f"{task}_leaky-memory.core-Leaky"}
    assert own.files(f"baselines/{task}_*.csv")
    core = own.read("leaky_memory/core.py")
    own.append("leaky_memory/core.py", "# a comment\n")
    assert own.stale() == {}
    own.edit("leaky_memory/core.py", "parameter(0.2,", "parameter(0.3,")
    assert own.stale() == GRU
    own.write("leaky_memory/core.py", core)
    own.edit("leaky_memory/task.py", "seen[:, 0] +=", "seen[:, 0] -=")
    stale = own.stale()
    assert stale["train"] == 4
    assert stale["baselines"] == 1
