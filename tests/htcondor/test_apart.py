"""A pool whose machines share no files but Python and mpn-rl: as docs/cluster.md says."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.htcondor.conftest import a_pool
from tests.htcondor.image import UID
from tests.htcondor.pool import PROJECT, Pool
from tests.htcondor.test_workflow import BREAKS, LONG_CONFIG, digests

pytestmark = [pytest.mark.htcondor, pytest.mark.timeout(3600)]

TEST_CONFIG = (PROJECT / "config" / "test.yaml").read_text()
SECONDS = 1500  # each job brings all that it needs
COMMAND = ["snakemake", "--profile", "profiles/htcondor", "--seconds-between-status-checks", "1"]


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """A pool whose jobs see neither the folder nor the home that they were submitted from."""
    yield from a_pool(tmp_path_factory.mktemp("apart"), apart=True)


def project(pool: Pool, name: str, config: str) -> Path:
    """A project as the docs want it, with this as its config/config.yaml."""
    folder = pool.workspace(name)
    for part in ("Snakefile", "workflow", "config", "profiles"):
        source = PROJECT / part
        shutil.copytree(source, folder / part) if source.is_dir() else shutil.copy(source, folder)
    (folder / "config" / "config.yaml").write_text(config)
    profile = folder / "profiles" / "htcondor" / "config.yaml"
    text = profile.read_text()
    profile.write_text(text.replace("shared_files: ?True", "shared_files: ?False"))
    subprocess.run(["chown", "-R", str(UID), str(folder)], check=True)
    return folder


def test_everything_from_nothing_to_the_summary(apart: Pool) -> None:
    """The same bytes as on one machine; what told of missing parts goes."""
    folder, local = (project(apart, name, TEST_CONFIG) for name in ("pool", "local"))
    (folder / "results").mkdir()
    (folder / "results" / "summary_partial.pdf").touch()
    os.chown(folder / "results", UID, UID)
    result = apart.run(COMMAND, folder, SECONDS)
    assert result.returncode == 0, result.stdout[-6000:]
    assert "does not exist" not in result.stdout
    assert not (folder / "results" / "summary_partial.pdf").exists()
    again = apart.run([*COMMAND, "--dry-run"], folder)
    assert "Nothing to be done" in again.stdout
    result = apart.run(["snakemake", "--cores", "2"], local, SECONDS)
    assert result.returncode == 0, result.stdout[-6000:]
    assert digests(folder) == digests(local)
    assert list(folder.glob("results/records/code/*.json"))


def test_a_failed_job_is_failed_and_not_held(apart: Pool) -> None:
    config = LONG_CONFIG.replace("task: DelayedMatch-v0, delay: 2,", 'task: "own_tasks:Breaks-v0",')
    folder = project(apart, "breaks", config)
    own = folder / "own"
    own.mkdir()
    (own / "own_tasks.py").write_text(BREAKS)
    result = apart.run([*COMMAND, "--retries", "0"], folder, SECONDS, PYTHONPATH=str(own))
    assert result.returncode == 1
    assert "was held" not in "".join(p.read_text() for p in folder.glob(".condor_logs/*/*.log"))
    logs = [path.read_text() for path in folder.glob("results/logs/train/*.log")]
    assert "the lamp went out" in "".join(logs), result.stdout[-6000:]
    assert (folder / "results" / "summary_partial.pdf").stat().st_size > 1000


def test_a_training_goes_on_from_its_state(apart: Pool) -> None:
    """When it is vacated, to the next machine; when it is killed, to the engine's next attempt."""
    config = LONG_CONFIG.replace("12000", "60000")
    folder, calm = (project(apart, name, config) for name in ("disturbed", "calm"))
    until = ["--until", "train"]
    scratch = apart.folder / "condor_execute" / "execute"

    def saved() -> bool:
        return any(scratch.glob("dir_*/results/.work/*/*/seed_*.state"))

    def going_on() -> bool:
        logs = [path.read_text() for path in scratch.glob("dir_*/results/logs/train/*.log")]
        return any("continues from step" in log for log in logs)

    options = [*COMMAND, *until, "--set-resources", "train:save_seconds=1"]
    driver = apart.start(options, folder)
    try:
        apart.wait_until(saved, "a saved state", 360)
        apart.run(["condor_vacate_job", "-constraint", f'Iwd == "{folder}"'])
        apart.wait_until(going_on, "the training to go on", 360)
        for pid in apart.all_processes("stage.py"):
            os.kill(pid, signal.SIGKILL)
        out, _ = driver.communicate(timeout=SECONDS)
        assert driver.returncode == 0, out[-6000:]
    finally:
        if driver.poll() is None:
            apart.kill(driver, signal.SIGKILL)
            driver.communicate(timeout=20)
    (log,) = folder.glob("results/logs/train/*.log")
    assert "continues from step" in log.read_text()
    result = apart.run(["snakemake", "--cores", "1", *until], calm, SECONDS)
    assert result.returncode == 0, result.stdout[-6000:]
    assert digests(folder) == digests(calm)
