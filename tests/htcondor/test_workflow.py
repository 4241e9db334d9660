"""The real workflow on a real pool: through the profile, and by condor_submit."""

import hashlib
import json
import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from pypdf import PdfReader

from mpn_rl.sweep.config.sweep import load_sweep
from mpn_rl.sweep.plan import jobs
from tests.htcondor.conftest import PROFILE
from tests.htcondor.pool import PROJECT, Pool

pytestmark = [pytest.mark.htcondor]

SNAKEMAKE = ["snakemake", "--snakefile", str(PROJECT / "Snakefile")]
TEST_CONFIG = PROJECT / "config" / "test.yaml"
SECONDS = 600

# One block that trains long enough to be disturbed; figures and recordings are not asked for.
LONG_CONFIG = """\
sweep:
  name: long
  base: {task: DelayedMatch-v0, delay: 2, encoder_dim: 8, hidden_dim: 8, num_steps: 12000,
         num_envs: 4, batch_size: 8, buffer_size: 4000, learning_starts: 100,
         validation_period: 4000, validation_episodes: 4}
  grid: {core: [mpn]}
seeds: {first: 0, count: 2, per_job: 2}
"""

# A task that is sound when the driver looks at it, and breaks down where it is learned.
BREAKS = """
import gymnasium
import numpy as np
from gymnasium import spaces


class Breaks(gymnasium.Env):
    action_space = spaces.Discrete(2)
    observation_space = spaces.Box(0, 1, (2,), np.float32)
    steps = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(2, np.float32), {}

    def step(self, action):
        Breaks.steps += 1
        if Breaks.steps > 500:
            raise RuntimeError("the lamp went out")
        return np.zeros(2, np.float32), 0.0, Breaks.steps % 5 == 0, False, {}


gymnasium.register(id="Breaks-v0", entry_point=Breaks)
"""


def digests(folder: Path) -> dict[str, str]:
    """Digests of the results, without what tells when and how fast it all ran."""
    volatile = {"records", "logs", "benchmarks", ".work", "provenance.csv"}
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "results").rglob("*"))
        if path.is_file() and not volatile & set(path.relative_to(folder).parts)
    }


def snakemake(pool: Pool, folder: Path, *options: str) -> str:
    result = pool.run([*SNAKEMAKE, "--directory", str(folder), *options], folder, SECONDS)
    assert result.returncode == 0, result.stdout[-6000:]
    return result.stdout


def on_the_pool(config: Path) -> list[str]:
    return [
        "--configfile",
        str(config),
        "--profile",
        str(PROFILE),
        "--seconds-between-status-checks",
        "1",
    ]


def ads_of(pool: Pool, folder: Path, rule: str) -> list[dict[str, object]]:
    return pool.history(f'Iwd == "{folder}"', f'regexp("^{rule}( |$)", JobDescription)')


@pytest.fixture(scope="module")
def whole(pool: Pool) -> Path:
    """The folder of config/test.yaml, run through the profile."""
    folder = pool.workspace("whole")
    snakemake(pool, folder, *on_the_pool(TEST_CONFIG))
    return folder


def test_whole_workflow(whole: Path, pool: Pool) -> None:
    assert (whole / "results" / "summary.pdf").stat().st_size > 1000
    for rule, count in Counter(job.rule for job in jobs(load_sweep(TEST_CONFIG))).items():
        assert len(ads_of(pool, whole, rule)) == count, rule
    assert list(whole.glob(".condor_logs/*/train/train-*.err"))


ASKED = [("train", 4096, 4096), ("evaluate", 2048, 1024)]


@pytest.mark.parametrize(("rule", "memory", "disk"), ASKED)
def test_job_ads(rule: str, memory: int, disk: int, whole: Path, pool: Pool) -> None:
    for ad in ads_of(pool, whole, rule):
        assert ad["RequestCpus"] == 1
        assert ad["RequestMemory"] == memory
        assert ad["RequestDisk"] == disk * 1024
        assert ad["ShouldTransferFiles"] == "NO"
        assert str(ad["JobBatchName"]).startswith("mpn-rl 20")
        assert "CSCI_GrpDesktop" not in ad
        assert "RequestGPUs" not in ad
        environment = str(ad["Environment"]).split()
        assert "OMP_NUM_THREADS=1" in environment
        assert any(word.startswith("PATH=/") for word in environment)


def test_nothing_is_left_to_do(whole: Path, pool: Pool) -> None:
    out = snakemake(pool, whole, *on_the_pool(TEST_CONFIG), "--dry-run")
    assert "Nothing to be done" in out


def test_results_equal_those_of_one_machine(whole: Path, pool: Pool) -> None:
    folder = pool.workspace("local")
    snakemake(pool, folder, "--configfile", str(TEST_CONFIG), "--cores", "2")
    assert digests(folder) == digests(whole)


def test_switches_reach_the_job(pool: Pool) -> None:
    """Both switches of the profile; a pool without GPUs is told by doctor."""
    folder = pool.workspace("switched")
    profile = folder / "switched"
    profile.mkdir()
    text = (PROFILE / "config.yaml").read_text()
    (profile / "config.yaml").write_text(
        text.replace("csci_desktop: ?False", "csci_desktop: ?True")
    )
    toy = str(PROJECT / "tests" / "htcondor" / "toy" / "Snakefile")
    command = ["snakemake", "--snakefile", toy, "--profile", str(profile)]
    result = pool.run([*command, "--config", "runs=1", "steps=1"], folder, 360)
    assert result.returncode == 0, result.stdout
    ads = pool.history(f'Iwd == "{folder}"', "CSCI_GrpDesktop =?= true")
    assert len(ads) == 2
    text = text.replace("gpu: ?False", "gpu: ?True")
    (profile / "config.yaml").write_text(text)
    doctor = ["python", "-m", "mpn_rl", "doctor", "--workflow", str(PROJECT / "workflow")]
    result = pool.run([*doctor, "--profile", str(profile)], folder)
    assert result.returncode == 1
    assert "train: no machine of the pool has 2 cpus, 8192 MB, 1 GPUs" in result.stdout


def test_doctor_finds_the_profile_healthy(pool: Pool) -> None:
    folder = pool.workspace("doctor")
    doctor = ["python", "-m", "mpn_rl", "doctor", "--workflow", str(PROJECT / "workflow")]
    result = pool.run([*doctor, "--profile", str(PROFILE)], folder)
    assert result.returncode == 0, result.stdout
    assert "# train" in result.stdout
    assert "error:" not in result.stdout
    assert list(folder.iterdir()) == []


def test_doctor_finds_what_is_wrong(pool: Pool) -> None:
    folder = pool.workspace("ill")
    text = (
        "executor: htcondor-steady\njobs: 5\ndefault-resources:\n  mem_mb: 4000\n"
        "  getenv: \"'HOME'\"\n  requirements: \"'Memory >'\"\n"
    )
    doctor = ["python", "-m", "mpn_rl", "doctor", "--workflow", str(PROJECT / "workflow")]
    for executor, complaints in {
        "htcondor": ("'htcondor' is not htcondor-steady",),
        "htcondor-steady": (
            "htcondor-steady-jobdir",
            "does not grow",
            "no PATH",
            "Parse error",
            "retries: none",
        ),
    }.items():
        profile = text.replace("executor: htcondor-steady", f"executor: {executor}")
        (folder / "config.yaml").write_text(profile)
        result = pool.run([*doctor, "--profile", str(folder), "--quiet"], folder)
        assert result.returncode == 1
        for complaint in complaints:
            assert complaint in result.stdout, result.stdout


def test_disturbed_training_gives_the_same_results(pool: Pool) -> None:
    """Vacated, then its driver killed, then the job killed: the same bytes as undisturbed."""
    folders = {name: pool.workspace(f"{name}-training") for name in ("calm", "disturbed")}
    for folder in folders.values():
        # long enough to be at work still when the second driver comes
        (folder / "long.yaml").write_text(LONG_CONFIG.replace("12000", "60000"))
    calm, disturbed = folders["calm"], folders["disturbed"]
    until = ["--until", "train"]
    snakemake(pool, calm, "--configfile", str(calm / "long.yaml"), "--cores", "1", *until)
    options = [*SNAKEMAKE, "--directory", str(disturbed), *on_the_pool(disturbed / "long.yaml")]
    options += [*until, "--set-resources", "train:save_seconds=1"]

    def state() -> dict[str, int]:
        files = [path for path in disturbed.glob("results/.work/*/*/*") if path.is_file()]
        return {path.name: path.stat().st_mtime_ns for path in files}

    def saved_again() -> None:
        before = state()
        pool.wait_until(lambda: state() and state() != before, "another saved state", 360)

    def adopted() -> bool:
        logs = disturbed.glob(".snakemake/log/*.log")
        return any("not submitted again" in path.read_text() for path in logs)

    driver = pool.start(options, disturbed)
    try:
        saved_again()
        pool.run(["condor_vacate_job", "-constraint", f'Iwd == "{disturbed}"'])
        saved_again()
        pool.kill(driver, signal.SIGKILL)
        driver.communicate(timeout=20)
        pool.run([*options, "--unlock"], disturbed)
        driver = pool.start(options, disturbed)
        pool.wait_until(adopted, "the second driver to find the job", 360)
        saved_again()
        victims = pool.processes("stage.py", disturbed)
        assert victims
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        out, _ = driver.communicate(timeout=SECONDS)
        assert driver.returncode == 0, out[-6000:]
    finally:
        if driver.poll() is None:
            pool.kill(driver, signal.SIGKILL)
            driver.communicate(timeout=20)
    assert digests(disturbed) == digests(calm)


def test_status_tells_which_job_runs_where_and_which_is_held(pool: Pool) -> None:
    folder = pool.workspace("status")
    (folder / "long.yaml").write_text(LONG_CONFIG.replace("12000", "600000"))
    mine = ["-constraint", f'Iwd == "{folder}"']

    def comes_to(state: str) -> dict[str, str]:
        def found() -> dict[str, str] | None:
            said = pool.run(["python", "-m", "mpn_rl", "status", "--json"], folder).stdout
            block = json.loads(said)["blocks"][0] if said.startswith("{") else {}
            return (
                block if block.get("state") == state and (block["host"] or block["why"]) else None
            )

        return pool.wait_until(found, state)

    options = [*on_the_pool(folder / "long.yaml"), "--until", "train"]
    driver = pool.start([*SNAKEMAKE, "--directory", str(folder), *options], folder)
    try:
        assert comes_to("running")["host"].startswith("pool, process ")
        pool.run(["condor_hold", *mine])
        assert comes_to("held")["why"].startswith("held by HTCondor: via condor_hold")
    finally:
        pool.kill(driver, signal.SIGKILL)
        driver.communicate(timeout=20)
        pool.run(["condor_rm", *mine])


def submit_by_hand(pool: Pool, folder: Path, *command: str) -> list[dict[str, object]]:
    """Write and submit a sweep, wait for its end, and return the ads of what succeeded."""
    result = pool.run(["python", "-m", "mpn_rl", "condor", *command], folder)
    assert result.returncode == 0, result.stdout
    submitted = pool.run(result.stdout.split("\n")[1].split(), folder)
    assert submitted.returncode == 0, submitted.stdout
    mine = f'Iwd == "{folder}"'
    pool.wait_until(lambda: not pool.jobs(mine), "the trainings' end", SECONDS)
    return pool.history(mine, "ExitCode == 0")


def test_condor_submit(pool: Pool, whole: Path) -> None:
    """Trains by hand; the workflow takes it from there."""
    folder = pool.workspace("by-hand")
    assert len(submit_by_hand(pool, folder, str(TEST_CONFIG))) == 3
    again = pool.run(["python", "-m", "mpn_rl", "condor", str(TEST_CONFIG)], folder)
    assert again.returncode == 1
    assert "trained already" in again.stdout
    out = snakemake(pool, folder, "--configfile", str(TEST_CONFIG), "--cores", "1", "--dry-run")
    assert "evaluate" in out
    assert "Training" not in out
    assert digests(folder).items() <= digests(whole).items()


def test_condor_submit_asks_for_more_memory(pool: Pool) -> None:
    folder = pool.workspace("by-hand-small")
    (folder / "long.yaml").write_text(LONG_CONFIG)
    (ad,) = submit_by_hand(pool, folder, "long.yaml", "--memory", "100")
    assert ad["NumHolds"] >= 1
    assert ad["MemoryProvisioned"] > 300


def test_one_point_always_fails(pool: Pool) -> None:
    """The others finish, and a summary says which is missing and why."""
    folder = pool.workspace("one-fails")
    config = folder / "config.yaml"
    breaking = 'task: "own_tasks:Breaks-v0"'
    config.write_text(TEST_CONFIG.read_text().replace("core: gru", breaking))
    own = folder / "own"
    own.mkdir()
    (own / "own_tasks.py").write_text(BREAKS)
    options = ["--directory", str(folder), *on_the_pool(config), "--retries", "1"]
    result = pool.run([*SNAKEMAKE, *options], folder, SECONDS, PYTHONPATH=str(own))
    assert result.returncode == 1
    evaluated = [path.parts[-3] for path in folder.glob("results/runs/*/*/evaluation.csv")]
    assert len(evaluated) == 2, result.stdout[-3000:]
    assert all(run.startswith("DelayedMatch-v0_mpn") for run in evaluated)
    assert not (folder / "results" / "summary.pdf").exists()
    pages = PdfReader(folder / "results" / "summary_partial.pdf").pages
    text = "".join(page.extract_text() for page in pages).replace("\u200b", "")
    text = " ".join(text.split())  # lines may break anywhere
    assert "Breaks-v0" in text
    assert "the lamp went out" in text
    assert len(ads_of(pool, folder, "train")) == 4
