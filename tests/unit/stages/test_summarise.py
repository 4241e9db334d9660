"""The summary of real, tiny agents: equal artifacts, equal bytes, whatever the records say."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pypdf
import pytest

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters import points
from mpn_rl.parameters.first_defaults import FIRST_DEFAULTS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved, run_id
from mpn_rl.sweep.layout import RULES
from mpn_rl.sweep.stages.summarise import comparable, runs_table
from mpn_rl.sweep.summary.data import BlockData
from tests.fixtures.stages import run_rule, train

SMALL: dict[str, Any] = {
    "delay": 1,
    "encoder_dim": 4,
    "hidden_dim": 4,
    "num_steps": 200,
    "num_envs": 4,
    "batch_size": 4,
    "learning_starts": 50,
    "validation_period": 100,
    "validation_episodes": 4,
}
RUNS = [run_id(Hyperparameters(**SMALL, core=core)) for core in ("mpn", "mpn-frozen")]
SETTING = "DelayedMatch-v0_00000000"
OUTPUTS = tuple(RULES["summarise"].outputs.values())
PARAMS: dict[str, Any] = {
    "name": "tiny",
    "runs": RUNS,
    "blocks": ["0-1"],
    "rendered_seeds": [],
    "baselines": dict.fromkeys(RUNS, SETTING),
    "sections": {"evaluation": {}, "render": {"num_episodes": 0}, "analysis": {}},
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("trained") / "results"
    for run in RUNS:
        block = results / "runs" / run / "seeds_0-1"
        point = resolved(Hyperparameters(**{**SMALL, "core": run.split("_")[1]}))
        train(block, run, point, seeds=(0, 1))
        run_rule(block, "evaluate", run, num_episodes=5, checkpoint="final")
        run_rule(block, "collect", run, num_episodes=3, checkpoint="final", max_recorded_mb=1.0)
        run_rule(block, "analyse", run, checkpoint="final")
    task_setting = {"task": "DelayedMatch-v0", "delay": 1}
    about = {"first_seed": 0, "task_setting": task_setting}
    run_rule(results, "baselines", None, setting=SETTING, **about)
    return results


def summary_of(trained: Path, folder: Path, **changes: Any) -> dict[str, bytes]:
    """The bytes of a summary whose blocks' records are changed; of two parts, `run: {...}`."""
    results = folder / "results"
    shutil.copytree(trained, results)
    for path in results.glob("runs/*/*/records/*.json"):
        record = json.loads(path.read_text())
        of_run = changes if "everywhere" in changes else changes.get(record["run"], {})
        path.write_text(json.dumps({**record, **of_run.get("everywhere", of_run)}))
    run_rule(results, "summarise", None, **PARAMS)
    return {name: (results / name).read_bytes() for name in OUTPUTS}


def test_a_parameter_that_one_run_leaves_out_tells_runs_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`gamma` as one that was added later, at its first default in one of two runs."""
    rest = {name: value for name, value in FIRST_DEFAULTS.items() if name != "gamma"}
    monkeypatch.setattr(points, "FIRST_DEFAULTS", rest)
    found = [resolved(Hyperparameters(gamma=gamma)) for gamma in (0.99, 0.5)]
    blocks = [
        BlockData(run, (0,), point, {}, pd.DataFrame())
        for run, point in zip("ab", found, strict=True)
    ]
    assert "gamma" not in blocks[0].hyperparameters
    assert runs_table(comparable(blocks))["gamma"].tolist() == [0.99, 0.5]
    assert "gamma" not in runs_table(comparable(blocks[:1])).columns


def said(folder: Path) -> str:
    pages = pypdf.PdfReader(folder / "results" / "summary.pdf").pages
    text = " ".join(page.extract_text() for page in pages)
    return " ".join(text.replace("\u200b", "").split())


def test_equal_artifacts_give_equal_bytes_whenever_and_wherever_made(
    trained: Path, tmp_path: Path
) -> None:
    elsewhere = {
        "host": "another",
        "commit": "0" * 40 + "-dirty",
        "processor": "another processor",
        "started": "2031-01-01T00:00:00.000Z",
        "finished": "2031-01-02T00:00:00.000Z",
        "wall_seconds": 4321.0,
        "cpu_seconds": 1234.0,
    }
    first = summary_of(trained, tmp_path / "a")
    second = summary_of(trained, tmp_path / "b", everywhere=elsewhere)
    differing = {name for name in OUTPUTS if first[name] != second[name]}
    assert differing == {"provenance.csv"}
    for volatile in ("another processor", "2031-01-02", "4321", "-dirty"):
        assert volatile in second["provenance.csv"].decode()
    assert "Mixed versions" not in said(tmp_path / "a")


def test_parts_made_under_different_versions_are_said(trained: Path, tmp_path: Path) -> None:
    parts = {
        RUNS[0]: {"versions": {"torch": "2.13.0", "numpy": "2.4.6"}, "processor": "EPYC 9"},
        RUNS[1]: {"versions": {"torch": "2.14.0", "numpy": "2.4.6"}, "processor": "Xeon"},
    }
    summary_of(trained, tmp_path, **parts)
    text = said(tmp_path)
    assert "parts were made under different versions of torch" in text
    assert "2.13.0, 2.14.0" in text
    assert "Parts were made on EPYC 9; Xeon" in text


def test_blocks_that_were_evaluated_differently_are_refused(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "results")
    block = tmp_path / "results" / "runs" / RUNS[1] / "seeds_0-1"
    run_rule(block, "evaluate", RUNS[1], num_episodes=2, checkpoint="final")
    with pytest.raises(ArtifactError, match=r"evaluation\.num_episodes was 5 for .* and 2 for "):
        run_rule(tmp_path / "results", "summarise", None, **PARAMS)
    assert not (tmp_path / "results" / "summary.csv").exists()


def test_what_the_config_says_without_effect_is_in_the_summary(
    trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained, tmp_path / "results")
    messages = [f"eta is no parameter of core number {number}: dropped" for number in range(7)]
    run_rule(tmp_path / "results", "summarise", None, **PARAMS, messages=messages)
    text = said(tmp_path)
    assert f"Notes on the config {' '.join(messages)}" in text
    table = (tmp_path / "results" / "summary.csv").read_text()
    assert all(message in table for message in messages)
