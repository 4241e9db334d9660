"""`mpn-rl status` beside a sweep that runs."""

import json
from pathlib import Path

import pytest

from mpn_rl.sweep.cli.status import _watcher
from mpn_rl.sweep.status.overview import Overview
from tests.workflow.interpreter import ROOT
from tests.workflow.processes import running, wait_for

CONFIG = {
    "sweep": {"name": "long", "base": {"num_steps": 50_000_000, "hidden_dim": 8}},
    "seeds": {"first": 0, "count": 1, "per_job": 1},
}


@pytest.mark.slow
@pytest.mark.workflow
def test_a_training_is_seen_while_it_runs_and_waits_once_it_is_stopped(tmp_path: Path) -> None:
    config = tmp_path / "long.yaml"
    config.write_text(json.dumps(CONFIG))
    results = tmp_path / "results"

    def trains() -> Overview | None:
        if not (tmp_path / ".snakemake" / "mpn-rl" / "asked").exists():
            return None
        overview = _watcher(results, config).overview()
        training = overview.blocks[0].training
        return overview if training is not None and training.rate > 0 else None

    command = ("snakemake", "--snakefile", str(ROOT / "Snakefile"), "--configfile", str(config))
    with running(tmp_path, *command, "--cores", "1", "--until", "train"):
        overview = wait_for(trains, 600, "a training that is told of")
    block = overview.blocks[0]
    assert overview.driven
    assert (block.kind, block.done) == ("running", 0)
    assert [state.job.rule for state in block.at_work] == ["train"]
    assert "process " in block.host
    assert block.training is not None
    assert block.training.planned == 50_000_000
    assert overview.left is not None
    # the driver was killed with its jobs, or these have saved and ended
    wait_for(
        lambda: _watcher(results, config).overview().blocks[0].kind != "running" or None,
        120,
        "the end of the training",
    )
