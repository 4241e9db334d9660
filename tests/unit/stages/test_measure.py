"""An analysis of the user's own as a stage: its table, its figure, its record, what it raises."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import write_config
from mpn_rl.artifacts.measured import read_measured, texts_told, write_measured
from mpn_rl.errors import PluginError
from mpn_rl.networks.build import build_network
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import resolved, run_id
from mpn_rl.sweep.layout import file_in
from mpn_rl.sweep.ledger import recording
from mpn_rl.sweep.ledger.records import read_record
from mpn_rl.sweep.results.experiment import Experiment
from mpn_rl.sweep.stages.runner import given_at, run_stage
from tests.fixtures.courses import Course
from tests.fixtures.stages import run_rule

POINT = Hyperparameters(task="DelayedMatch-v0", hidden_dim=4, encoder_dim=4, delay=1)
RUN = run_id(POINT)


class Fails(Course):
    def measure(self, recorded):
        return {"step": recorded.variables["absent"]}


class Exits(Course):
    def measure(self, recorded):
        raise SystemExit(0)


def recorded_block(home: Path, seeds: list[int]) -> None:
    """What training and collecting leave of agents with random weights."""
    weights = {
        seed: build_network(POINT, 4, 2, torch.Generator().manual_seed(seed)).state_dict()
        for seed in seeds
    }
    checkpoint = file_in(home, "final")
    told = {"run": RUN, "code": "c", "params": {}, "inputs": [], "seeds": seeds}
    with recording(home, "train", outputs=[checkpoint], **told):
        write_checkpoint(checkpoint, Checkpoint(resolved(POINT), 4, 2, weights))
    run_rule(home, "collect", RUN, num_episodes=3, checkpoint="final", max_recorded_mb=1.0)


def measure(home: Path, cls: type) -> None:
    settings = {"analysis": f"{cls.__module__}:{cls.__name__}", "checkpoint": "final"}
    run_stage(given_at(home, "measure", RUN, settings, {"analysis": "course"}), "c")


@pytest.fixture(scope="module")
def block(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("block")
    recorded_block(home, [0, 1])
    measure(home, Course)
    return home


def test_its_table_its_figure_and_its_record_are_there(block: Path) -> None:
    table = read_measured(block / "analyses" / "course.csv")
    assert list(table) == ["seed", "step", "M", "h", "drawn"]
    assert table["seed"].tolist() == [0] * 4 + [1] * 4
    assert table["M"].gt(0).all()
    assert (block / "analyses" / "course.png").read_bytes().startswith(b"\x89PNG")
    assert (block / "analyses" / "course.svg").read_text().startswith("<?xml")
    record = read_record(block / "records" / "measure_course.json")
    assert record is not None
    about = "How large M and h are at each step. More is said here."
    assert record["facts"] == {"about": about, "texts": []}
    assert record["params"]["analysis"] == f"{Course.__module__}:Course"


def test_a_seeds_rows_are_the_same_in_another_block(block: Path, tmp_path: Path) -> None:
    recorded_block(tmp_path, [1])
    measure(tmp_path, Course)
    ours, theirs = (read_measured(home / "analyses" / "course.csv") for home in (tmp_path, block))
    alone = theirs[theirs["seed"] == 1].reset_index(drop=True)
    assert ours.equals(alone)


def test_what_it_raises_is_one_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    recorded_block(tmp_path, [0])
    for cls, said in ((Fails, "KeyError: 'absent'"), (Exits, "SystemExit: 0")):
        match = rf"{cls.__name__}': {said}, in .*test_measure.py"
        with pytest.raises(PluginError, match=match):
            measure(tmp_path, cls)
    assert not (tmp_path / "analyses").exists()


def test_an_experiment_has_the_table_by_its_name(block: Path) -> None:
    about = {"hyperparameters": resolved(POINT), "seeds": [0, 1]}
    write_config(file_in(block, "config"), run=RUN, **about)
    experiment = Experiment(block)
    assert len(experiment.analysis("course")) == 8
    with pytest.raises(ArtifactError, match=r"corse.csv: is missing; .*; did you mean course"):
        experiment.analysis("corse")


def test_a_table_that_is_none_of_an_analysis_is_told(tmp_path: Path) -> None:
    (path := tmp_path / "own.csv").write_text("step,M\n1,2\n")
    with pytest.raises(ArtifactError, match="its columns are step, M"):
        read_measured(path)
    path.write_text("seed,M\n0," + "1" * 200_000)
    with pytest.raises(ArtifactError, match="is damaged: field larger than"):
        read_measured(path)


def test_columns_keep_their_kinds(tmp_path: Path) -> None:
    (path := tmp_path / "own.csv").write_text("seed,phase,unit,M\n0,cue,1,\n1,None,2,2.0\n")
    table = read_measured(path)
    assert [table[name].dtype.kind for name in ("seed", "unit", "M")] == ["i", "i", "f"]
    assert table["M"].isna().tolist() == [True, False]
    assert table["phase"].iloc[0] == "cue"
    path.write_text("seed,phase\n")
    assert read_measured(path).empty


@pytest.mark.parametrize(
    "texts", [["0", "1"], ["1_0", "2_0"], ["NA", "None"], ["nan", "inf"], ["", ""]]
)
def test_texts_that_look_like_numbers_or_like_nothing_stay_texts(
    texts: list[str], tmp_path: Path
) -> None:
    kind = [("seed", "i8"), ("context", "U64"), ("M", "f8")]
    rows = np.array([(0, text, 0.5) for text in texts], kind)
    write_measured(tmp_path / "own.csv", rows)
    told = texts_told({"facts": {"about": "", "texts": ["context"]}})
    assert read_measured(tmp_path / "own.csv", told)["context"].tolist() == texts


@pytest.mark.parametrize("record", [None, {}, {"facts": None}, {"facts": {"texts": 3}}])
def test_a_record_that_names_no_texts_is_taken_as_it_is(record: dict[str, Any] | None) -> None:
    assert texts_told(record) == []
