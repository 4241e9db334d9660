"""Choosing by one set of seeds and reporting on another."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.errors import UserError
from mpn_rl.sweep.cli import main
from mpn_rl.sweep.compare.choosing import chosen_runs, report_config, tuned
from mpn_rl.sweep.config.sweep import Sweep, load_sweep, read_sweep
from tests.fixtures.config_files import CONFIG
from tests.unit.results.conftest import SMALL

REPORT = {"first": 10, "count": 2, "per_job": 1}


def config(**changes: Any) -> Sweep:
    data = {
        "sweep": {"name": "try", "base": SMALL, "grid": {"core": ["mpn", "mpn-frozen"]}},
        "seeds": {"first": 0, "count": 2, "per_job": 1},
        "evaluation": {"num_episodes": 20},
    }
    return read_sweep(data | changes)


def test_the_report_trains_the_chosen_runs_on_other_seeds(sweep_folder: Path) -> None:
    asked = config()
    chosen = chosen_runs(tuned(asked, sweep_folder), asked)
    assert list(chosen) == list(asked.runs)  # one of each core: nothing to choose from
    report = read_sweep(yaml.safe_load(report_config(asked, list(chosen), REPORT)))
    assert report.runs == asked.runs
    assert report.blocks == [(10,), (11,)]
    assert report.evaluation.num_episodes == 20
    assert report.name == "try - chosen"


def test_the_command_writes_the_config(
    sweep_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, tuning, written = config(), tmp_path / "tuning.yaml", tmp_path / "report.yaml"
    tuning.write_text(yaml.safe_dump(dict(asked.document)))
    where = ["--directory", str(sweep_folder.parent), "--first", "20", "--output", str(written)]
    with pytest.raises(SystemExit) as ended:
        main(["choose", str(tuning), *where])
    assert not ended.value.code
    assert "mpn-frozen, DelayedMatch-v0: " in capsys.readouterr().err
    report = load_sweep(written)
    assert report.runs == asked.runs
    assert report.blocks == [(20, 21, 22, 23, 24)]


def test_seeds_that_chose_are_no_seeds_of_a_report() -> None:
    asked = config()
    with pytest.raises(UserError, match="seeds 1 to 2: some are among those that chose, 0 to 1"):
        report_config(asked, list(asked.runs), {"first": 1, "count": 2, "per_job": 2})


def test_what_is_left_out_while_tuning_is_done_in_the_report() -> None:
    asked = config(decoding={"enabled": False}, lesion={"num_episodes": 7})
    written = report_config(asked, list(asked.runs), {"first": 5, "count": 2, "per_job": 2})
    report = read_sweep(yaml.safe_load(written))
    assert report.decoding.enabled
    assert report.lesion.num_episodes == 7


def test_an_unfinished_sweep_chooses_nothing(sweep_folder: Path) -> None:
    asked = config(seeds={"first": 0, "count": 3, "per_job": 1})
    with pytest.raises(ArtifactError, match="2 blocks are not trained yet"):
        chosen_runs(tuned(asked, sweep_folder), asked)
    with pytest.raises(ArtifactError, match="no trained blocks of this config"):
        tuned(config(seeds={"first": 5, "count": 1, "per_job": 1}), sweep_folder)


def test_every_run_of_a_config_can_be_written_again() -> None:
    for name in ("choose.yaml", "report.yaml", "config.yaml"):
        asked = load_sweep(CONFIG / name)
        last = max(seed for block in asked.blocks for seed in block)
        text = report_config(asked, list(asked.runs), {"first": last + 1, "count": 1, "per_job": 1})
        assert read_sweep(yaml.safe_load(text)).runs == asked.runs


def test_the_example_draws_the_same_rates_for_each_core() -> None:
    runs = load_sweep(CONFIG / "choose.yaml").runs.values()
    rates = {core: [p.learning_rate for p in runs if p.core == core] for core in ("mpn", "gru")}
    assert rates["mpn"] == rates["gru"]
    assert len({*rates["mpn"]}) == 8
