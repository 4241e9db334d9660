"""Real commands on file systems as they are: a library in LD_PRELOAD makes them so.

Each command succeeds or ends in one sentence, and the same command without the fault then leaves
the bytes of an undisturbed run. `filesystem.c` says what the faults are.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.artifact_bytes import artifacts
from tests.workflow.kills import CONFIG, FLAGS, target_of
from tests.workflow.processes import running, wait_for
from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow, pytest.mark.timeout(3600)]

TRAIN = ["mpn-rl", "train", *FLAGS, "--num-steps", "400", "--save-steps", "100"]
EVAL = ["mpn-rl", "eval", *FLAGS[-2:], "--num-eval-episodes", "20"]
SHORT = CONFIG.replace("num_steps: 4000", "num_steps: 400").replace(
    "num_episodes: 4000", "num_episodes: 20"
)
STATE = "experiments/.work/killed/seed_0.state"
MODEL = "experiments/killed/checkpoints/final_model.pt"
SECONDS = 300


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled library."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs Linux and a C compiler (cc): it builds a library for LD_PRELOAD")
    made = tmp_path_factory.mktemp("library") / "filesystem.so"
    source = Path(__file__).with_name("filesystem.c")
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(source), "-ldl"]
    subprocess.run(command, check=True, timeout=SECONDS)
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What training and evaluation leave undisturbed."""
    project = Project.create(tmp_path_factory.mktemp("whole"), SHORT)
    for command in (TRAIN, EVAL):
        done = project.run(*command)
        assert done.returncode == 0, done.stderr
    return artifacts(project.folder / "experiments")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path, SHORT)


Faulty = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def faulty(project: Project, library: Path) -> Faulty:
    """Run a command with a fault, and the variables that say when."""

    def run(command: list[str], fault: str, **when: str) -> "subprocess.CompletedProcess[str]":
        done = project.run(*command, LD_PRELOAD=str(library), FAULT=fault, **when)
        print(fault, when, done.returncode, *done.stderr.splitlines()[-1:])
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        assert done.returncode in (0, 1), done.stderr
        return done

    return run


def settled(project: Project, whole: dict[str, bytes]) -> None:
    """The bytes are those of an undisturbed run, nothing is false and no draft is left."""
    assert artifacts(project.folder / "experiments") == whole
    audit = project.run("mpn-rl", "audit", "experiments")
    assert " 0 false" in audit.stdout, audit.stdout
    assert [*project.folder.rglob(".*.tmp*")] == []


@pytest.mark.parametrize("fault", ["nolink", "lost"])
def test_neither_links_nor_every_answer_are_needed(
    fault: str, project: Project, faulty: Faulty, whole: dict[str, bytes]
) -> None:
    for command in (TRAIN, EVAL):
        done = faulty(command, fault)
        assert done.returncode == 0, done.stderr
    settled(project, whole)


@pytest.mark.parametrize(
    ("fault", "said"), [("full", "No space left on device"), ("readonly", "Read-only file system")]
)
def test_a_disk_that_refuses_from_a_moment_on_is_named(
    fault: str, said: str, project: Project, faulty: Faulty, whole: dict[str, bytes]
) -> None:
    for command, moment in ((TRAIN, STATE), (EVAL, MODEL)):
        done = faulty(command, fault, FAULT_WHEN=str(project.folder / moment))
        last = done.stderr.splitlines()[-1]
        assert done.returncode == 1
        assert said in last
        assert "experiments/" in last
        assert project.run(*command).returncode == 0
    settled(project, whole)


@pytest.mark.parametrize("at", [2, 7])
def test_an_act_that_is_done_and_answered_by_an_error_loses_nothing(
    at: int, project: Project, faulty: Faulty, whole: dict[str, bytes]
) -> None:
    for command in (TRAIN, EVAL):
        done = faulty(command, "error", FAULT_AT=str(at))
        if done.returncode:
            assert "experiments/" in done.stderr.splitlines()[-1]
            assert project.run(*command).returncode == 0
    settled(project, whole)


def test_two_hosts_whose_clocks_are_an_hour_apart_train_once(
    project: Project, library: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = project.folder / "experiments/.work/killed/lease.json"
    with ExitStack() as stack:
        with monkeypatch.context() as ahead:
            ahead.setenv("LD_PRELOAD", str(library))
            ahead.setenv("FAULT", "clock")
            other = stack.enter_context(running(project.folder, *TRAIN))
        wait_for(lease.exists, SECONDS, "the other host to train")
        done = project.run(*TRAIN, "--skip-finished")  # which the other may be before this begins
        assert other.wait(SECONDS) == 0
    assert done.returncode == 0, done.stderr
    waited = "found complete: another process has done it" in done.stderr
    assert waited or "finished already" in done.stdout
    assert project.run(*EVAL).returncode == 0
    settled(project, whole)


def test_a_sweep_on_such_file_systems_makes_what_it_would_on_others(
    project: Project, faulty: Faulty, tmp_path: Path
) -> None:
    target = target_of(project, "evaluate")
    sweep = ["snakemake", "--cores", "1", "--", target]
    undisturbed = Project.create(tmp_path / "undisturbed", SHORT)
    assert undisturbed.snakemake(target).returncode == 0
    model = (project.folder / target).with_name("checkpoints") / "final_model.pt"
    # where it is read-only the engine itself ends in a traceback: it cannot delete outputs
    done = faulty(sweep, "full", FAULT_WHEN=str(model))
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    done = faulty(sweep, "nolink lost clock")
    assert done.returncode == 0, done.stderr
    wanted = artifacts(undisturbed.folder / "results")
    assert artifacts(project.folder / "results") == wanted
    audit = project.run("mpn-rl", "audit", "results")
    assert " 0 false" in audit.stdout, audit.stdout
