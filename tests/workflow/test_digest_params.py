"""The `code` param of every job is the digest of its own run's code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.mixed_sweep import MIXED, OWN_TASK
from tests.workflow.project import ROOT

pytestmark = [pytest.mark.workflow]

PROGRAM = """
import json, sys
from pathlib import Path
from snakemake.api import SnakemakeApi
from snakemake.settings.types import (
    ConfigSettings, DAGSettings, OutputSettings, Quietness, ResourceSettings, StorageSettings,
)
from mpn_rl.sweep.config.sweep import load_sweep
from mpn_rl.sweep.plan import points
from mpn_rl.sweep.ledger.code.digests import stage_digest
from mpn_rl.sweep.ledger.listing import code_stage

snakefile, config = map(Path, sys.argv[1:])
quiet = OutputSettings(quiet={Quietness.ALL})
known = points(load_sweep(config))
with SnakemakeApi(quiet) as api:
    flow = api.workflow(ResourceSettings(cores=1), ConfigSettings(configfiles=[config]),
                        StorageSettings(), snakefile=snakefile)
    dag = flow.dag(DAGSettings())
    dag.execute_workflow(executor="dryrun")
    jobs = [job for job in flow._workflow.dag.jobs if job.rule.name != "all"]
wrong = []
for job in jobs:
    wildcards = dict(job.wildcards.items())
    point = known.get(wildcards.get("run") or wildcards.get("setting"))
    if job.params.code != stage_digest(code_stage(job.rule.name), point):
        wrong.append(str(job))
print(json.dumps([len(jobs), wrong]))
"""


def judged(config: Path, folder: Path) -> tuple[int, list[str]]:
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(ROOT / "Snakefile"), str(config)]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    count, wrong = json.loads(done.stdout.splitlines()[-1])
    return count, wrong


@pytest.mark.parametrize("name", ["test"])
def test_shipped_configs(name: str, tmp_path: Path) -> None:
    count, wrong = judged(ROOT / "config" / f"{name}.yaml", tmp_path)
    assert count > 10
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["config", "mechanism"])
def test_large_shipped_configs(name: str, tmp_path: Path) -> None:
    assert judged(ROOT / "config" / f"{name}.yaml", tmp_path)[1] == []


def test_a_config_that_mixes_learners_and_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mixed.yaml").write_text(MIXED)
    (tmp_path / "own_tasks.py").write_text(OWN_TASK)
    (tmp_path / "own_numbers.py").write_text("REWARD = 1.0\n")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{tmp_path}")
    count, wrong = judged(tmp_path / "mixed.yaml", tmp_path)
    assert count == 3 * 10 + 3 + 2 + 1
    assert wrong == []
