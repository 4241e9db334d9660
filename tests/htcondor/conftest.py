"""Fixtures: one pool for the whole session, and drivers on it."""

import contextlib
import itertools
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.htcondor.image import PoolUnavailableError
from tests.htcondor.pool import PROJECT, Pool, up

TOY = PROJECT / "tests" / "htcondor" / "toy" / "Snakefile"
PROFILE = PROJECT / "profiles" / "htcondor"


def a_pool(folder: Path, apart: bool = False) -> Iterator[Pool]:
    """A running pool; where there can be none the test is skipped, or fails if one is required."""
    required = bool(os.environ.get("MPN_RL_REQUIRE_HTCONDOR"))
    try:
        started = up(folder, install=required, apart=apart)
    except PoolUnavailableError as error:
        if required:
            pytest.fail(f"MPN_RL_REQUIRE_HTCONDOR is set, and there is no pool: {error}")
        pytest.skip(f"no HTCondor pool: {error}")
    yield started
    started.down()


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """The pool of all tests of a session."""
    yield from a_pool(tmp_path_factory.mktemp("pool"))


@dataclass
class Sweep:
    """A folder with the toy workflow's results, and the drivers that ran in it."""

    pool: Pool
    folder: Path
    runs: int
    steps: int
    drivers: list["subprocess.Popen[str]"] = field(default_factory=list)

    def start(self, *options: str, **config: object) -> "subprocess.Popen[str]":
        """Start a driver and return at once."""
        settings = {"runs": self.runs, "steps": self.steps} | config
        command = ["snakemake", "--snakefile", str(TOY), "--profile", str(PROFILE)]
        command += ["--seconds-between-status-checks", "1", *options]
        command += ["--config", *(f"{name}={value}" for name, value in settings.items())]
        self.drivers.append(self.pool.start(command, self.folder))
        return self.drivers[-1]

    def finish(self, driver: "subprocess.Popen[str]", seconds: float = 480) -> str:
        """Wait for a driver's end and return what it said."""
        try:
            return driver.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            self.pool.kill(driver, signal.SIGKILL)
            out, _ = driver.communicate(timeout=60)
            raise AssertionError(f"the driver took over {seconds} s:\n{out[-4000:]}") from None

    def lose(self, driver: "subprocess.Popen[str]") -> None:
        """Kill a driver, as a power failure would; its lock stays."""
        self.pool.kill(driver, signal.SIGKILL)
        driver.communicate(timeout=60)

    def wait_for_step(self, step: int, seconds: float = 240) -> None:
        """Wait until every training has saved this step."""
        self.pool.wait_until(
            lambda: len(self.saved()) == self.runs and min(self.saved()) >= step,
            f"step {step} of {self.runs} runs",
            seconds,
        )

    def pause_at(self, step: int) -> None:
        """Let trainings wait at this step until `go_on`, however slow the machine is."""
        pause = self.folder / "pause"
        draft = pause.with_name("pause.draft")
        draft.write_text(str(step))
        draft.rename(pause)

    def go_on(self) -> None:
        """End the wait of `pause_at`."""
        (self.folder / "pause").unlink()

    def wait_until_said(self, text: str, count: int = 1, seconds: float = 360) -> None:
        """Wait until the newest driver has said `text` so often."""
        logs = self.folder / ".snakemake" / "log"

        def said() -> bool:
            newest = max(logs.glob("*.log"), key=lambda path: path.stat().st_mtime)
            return newest.read_text().count(text) >= count

        self.pool.wait_until(said, f"{text!r} from the driver", seconds)

    def saved(self) -> list[int]:
        """Return the steps saved so far, a number per run."""
        return [int(path.read_text()) for path in self.folder.glob("results/.work/*/state")]

    def lives(self) -> dict[str, list[tuple[str, float, int]]]:
        """Return, for each run, its log of (process, time, step)."""
        found = {}
        for path in sorted(self.folder.glob("lives/*.txt")):
            lines = [line.split() for line in path.read_text().splitlines()]
            found[path.stem] = [(pid, float(when), int(step)) for pid, when, step in lines]
        return found

    def processes(self) -> int:
        """Return how many processes ever trained."""
        return sum(len({pid for pid, _, _ in life}) for life in self.lives().values())

    def assert_whole(self, repeated: int = 0) -> None:
        """Every run is complete and summarised, no two processes of a run lived at one time,
        and no run did more than `repeated` steps twice."""
        expected = [f"run{i} {self.steps} steps" for i in range(self.runs)]
        summary = (self.folder / "results" / "summary.pdf").read_text().splitlines()
        assert [line.split(",")[0] for line in summary] == expected
        for run, life in self.lives().items():
            assert len(life) <= self.steps + repeated, f"{run} trained {len(life)} steps"
            order = [pid for pid, _, _ in life]
            changes = sum(a != b for a, b in itertools.pairwise(order))
            assert changes == len(set(order)) - 1, f"two processes of {run} at one time: {life}"
        assert not self.pool.jobs(f'Iwd == "{self.folder}"')


@pytest.fixture
def sweep(pool: Pool, request: pytest.FixtureRequest) -> Iterator[Sweep]:
    """Three trainings of twelve seconds and their summary, in a folder of their own."""
    made = Sweep(pool, pool.workspace(request.node.name), runs=3, steps=12)
    yield made
    for driver in made.drivers:
        if driver.poll() is None:
            pool.kill(driver, signal.SIGKILL)
        driver.communicate(timeout=60)
    with contextlib.suppress(AssertionError):
        pool.run(["condor_rm", "-constraint", f'Iwd == "{made.folder}"'], seconds=60)
