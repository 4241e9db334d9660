"""Experiments that are begun, and begun again."""

import json
from pathlib import Path

import pytest

from mpn_rl.artifacts.experiment import write_config
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved
from mpn_rl.sweep.results.beginning import begin


def test_a_job_that_starts_again_after_its_end_succeeds(tmp_path: Path) -> None:
    """As when the machine is taken away before the exit is told; another config is refused."""
    config = Hyperparameters(task="DelayedMatch-v0")
    write_config(tmp_path / "config.json", run="a", hyperparameters=resolved(config), seeds=[0])
    record = {"params": resolved(config), "seeds": [0]}
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "train.json").write_text(json.dumps(record))
    assert begin(tmp_path, config, [0], refuse_finished=False)
    with pytest.raises(ConfigError, match="is finished"):
        begin(tmp_path, config, [0])
    with pytest.raises(ConfigError, match="exists with"):
        begin(tmp_path, config, [1], refuse_finished=False)
