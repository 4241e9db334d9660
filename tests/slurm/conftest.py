"""Fixtures: one Slurm for the whole session, and drivers on it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.htcondor.image import PoolUnavailableError
from tests.htcondor.pool import PROJECT
from tests.slurm.pool import SlurmPool, up

TOY = PROJECT / "tests" / "htcondor" / "toy" / "Snakefile"
PROFILE = PROJECT / "profiles" / "slurm"
PLUGIN = "snakemake_executor_plugin_slurm"


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlurmPool]:
    """A running Slurm; where there can be none tests are skipped, or fail if one is required."""
    required = bool(os.environ.get("MPN_RL_REQUIRE_SLURM"))
    try:
        if find_spec(PLUGIN) is None:
            raise PoolUnavailableError(f"{PLUGIN} is not here: `make test-slurm` installs it")
        started = up(tmp_path_factory.mktemp("slurm"), install=required)
    except PoolUnavailableError as error:
        if required:
            pytest.fail(f"MPN_RL_REQUIRE_SLURM is set, and there is no Slurm: {error}")
        pytest.skip(f"no Slurm: {error}")
    yield started
    started.down()


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(pool: SlurmPool) -> Iterator[Start]:
    """Start a driver with the profile in a folder: start(folder, snakefile, *options)."""
    drivers = []

    def begin(folder: Path, snakefile: Path, *options: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile)]
        command += ["--profile", str(PROFILE), "--seconds-between-status-checks", "1"]
        # a test's jobs take seconds
        command += ["--slurm-init-seconds-before-status-checks", "1"]
        drivers.append(pool.start([*command, *options], folder))
        return drivers[-1]

    yield begin
    for driver in drivers:
        if driver.poll() is None:
            pool.kill(driver, signal.SIGKILL)
        driver.communicate(timeout=60)
    pool.run(["scancel", "--user=pooluser"], seconds=60)


def finish(driver: "subprocess.Popen[str]", code: int = 0, seconds: float = 600) -> str:
    """Wait for a driver's end with this exit code, and return what it said."""
    said, _ = driver.communicate(timeout=seconds)
    assert driver.returncode == code, said[-6000:]
    return said
