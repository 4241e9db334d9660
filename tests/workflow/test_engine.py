"""The forked engine and interpreter do what their commands do from a shell."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow import interpreter
from tests.workflow.project import Project, job_counts

pytestmark = [pytest.mark.workflow]

SCRIPTS = {
    "its surroundings": (
        "import json, os, sys, pathlib\n"
        "print(json.dumps([sys.argv, __name__, os.getcwd(), sys.path[0], os.environ['MARK']]))\n"
        "print('to stderr', file=sys.stderr)\n"
    ),
    "an exit code": "import sys\nsys.exit(3)\n",
    "a message": "raise SystemExit('it cannot be')\n",
    "what it reads": "import sys\nprint(sys.stdin.read())\n",
    "threads": "import threading\nthreading.Timer(0.1, lambda: print('late')).start()\n",
    "an exit handler": "import atexit\natexit.register(print, 'last')\n",
    "no package yet": "import sys\nprint([m for m in sys.modules if m.startswith('mpn_rl')])\n",
}


def run(executable: str | Path, script: Path, folder: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [str(executable), str(script), "one", "two"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "MARK": "x"},
        input="given",
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_run_as_by_python(name: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPTS[name])
    (tmp_path / "here").mkdir()
    forked = run(interpreter.launcher(), script, tmp_path / "here")
    assert forked == run(sys.executable, script, tmp_path / "here")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [("1 / 0\n", 1, "ZeroDivisionError"), ("import os\nos.kill(os.getpid(), 9)\n", 137, "")],
)
def test_an_end_that_is_none_of_the_script_s_own(
    text: str, code: int, said: str, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(text)
    found, _, errors = run(interpreter.launcher(), script, tmp_path)
    assert found == code
    assert said in errors


def test_a_dry_run_is_that_of_the_command(project: Project) -> None:
    project.edit("mpn_rl/networks/gru.py", "class GRU", "OWN = 1\n\n\nclass GRU")
    forked, command = project.snakemake("-n"), project.run("snakemake", "--cores", "2", "-n")
    assert forked.returncode == command.returncode == 0
    assert job_counts(forked) == job_counts(command) != {}


def test_a_mistake_is_that_of_the_command(project: Project) -> None:
    project.edit("config/config.yaml", "delay: 1", "delai: 1")
    forked, command = project.snakemake("-n"), project.run("snakemake", "--cores", "2", "-n")
    assert (forked.returncode, forked.stderr) == (command.returncode, command.stderr)
    assert forked.returncode != 0
