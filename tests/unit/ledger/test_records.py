"""Records: written when a stage succeeds, and checked before another computes on its outputs."""

import json
import platform
from datetime import datetime

import pytest

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import sha256
from mpn_rl.sweep.ledger import recording, verify_inputs
from mpn_rl.sweep.ledger.records import records_of


@pytest.fixture
def trained(tmp_path):
    """An experiment directory with one recorded output."""
    directory = tmp_path / "runs" / "a" / "seeds_0-1"
    directory.mkdir(parents=True)
    output = directory / "model.pt"
    with recording(
        directory,
        "train",
        run="a",
        code="c0de",
        params={"eta": 0.1},
        inputs=[],
        outputs=[output],
        seeds=(0, 1),
    ):
        output.write_bytes(b"weights")
    return directory


def evaluate(directory, output="evaluation.csv", fail=False):
    with recording(
        directory,
        "evaluate",
        run="a",
        code="c",
        params={},
        inputs=[directory / "model.pt"],
        outputs=[directory / output],
    ):
        if fail:
            raise ZeroDivisionError
        (directory / output).write_text("1")


def test_a_record_says_what_made_an_output(trained):
    record = json.loads((trained / "records" / "train.json").read_text())
    assert record["format"] == 1
    assert record["stage"] == "train"
    assert record["run"] == "a"
    assert record["seeds"] == [0, 1]
    assert record["code_digest"] == "c0de"
    assert record["params"] == {"eta": 0.1}
    assert record["inputs"] == {}
    assert record["outputs"] == {"model.pt": sha256(trained / "model.pt")}
    assert record["versions"]["torch"].startswith("2.")
    assert record["processor"].endswith(f"({platform.machine()})")
    assert record["wall_seconds"] >= 0
    assert record["cpu_seconds"] >= 0
    started, finished = (datetime.fromisoformat(record[key]) for key in ("started", "finished"))
    assert started <= finished
    assert started.utcoffset().total_seconds() == 0


def test_inputs_are_recorded_with_the_seeds_they_come_from(trained):
    evaluate(trained)
    record = json.loads((trained / "records" / "evaluate.json").read_text())
    assert record["inputs"] == {"model.pt": sha256(trained / "model.pt")}
    assert record["seeds"] == [0, 1]
    assert [r["stage"] for r in records_of(trained)] == ["train", "evaluate"]


def test_files_of_other_folders_are_checked_against_the_records_there(trained):
    results = trained.parents[2]
    with recording(
        results,
        "summarise",
        run=None,
        code="",
        params={},
        inputs=[trained / "model.pt"],
        outputs=[results / "summary.csv"],
    ):
        (results / "summary.csv").write_text("")
    record = json.loads((results / "records" / "summarise.json").read_text())
    assert list(record["inputs"]) == ["runs/a/seeds_0-1/model.pt"]
    (trained / "model.pt").write_bytes(b"weight")
    with pytest.raises(ArtifactError):
        verify_inputs([trained / "model.pt"])


def test_a_failed_stage_leaves_no_record(trained):
    with pytest.raises(ZeroDivisionError):
        evaluate(trained, fail=True)
    assert [path.name for path in (trained / "records").iterdir()] == ["train.json"]


def spoil_record(trained, text):
    (trained / "records" / "train.json").write_text(text)


SPOILERS = {
    "altered": (lambda d: (d / "model.pt").write_bytes(b"Weights"), r"model\.pt.*altered"),
    "cut short": (lambda d: (d / "model.pt").write_bytes(b"wei"), r"model\.pt.*cut short"),
    "empty": (lambda d: (d / "model.pt").write_bytes(b""), r"model\.pt.*cut short"),
    "missing": (lambda d: (d / "model.pt").unlink(), r"model\.pt: is missing"),
    "no record": (lambda d: (d / "records" / "train.json").unlink(), r"model\.pt: no record"),
    "garbage": (lambda d: spoil_record(d, "{"), r"train\.json: is damaged"),
    "a list": (lambda d: spoil_record(d, "[1]"), r"train\.json: is damaged"),
    "a newer format": (lambda d: spoil_record(d, '{"format": 2}'), r"train\.json: is not a rec"),
}


@pytest.mark.parametrize("name", SPOILERS)
def test_nothing_is_computed_on_inputs_that_are_not_what_was_recorded(trained, name):
    spoil, message = SPOILERS[name]
    spoil(trained)
    with pytest.raises(ArtifactError, match=message):
        evaluate(trained)
    assert not (trained / "evaluation.csv").exists()


def test_the_newest_record_of_a_file_counts(trained):
    old = json.loads((trained / "records" / "train.json").read_text())
    old["outputs"]["model.pt"] = "0" * 64
    old["finished"] = "2000-01-01T00:00:00.000Z"
    (trained / "records" / "zzz.json").write_text(json.dumps(old))
    assert verify_inputs([trained / "model.pt"]).keys() == {trained / "model.pt"}


@pytest.mark.parametrize("key", ["params", "versions"])
def test_a_record_of_another_form_is_refused(trained, key):
    path = trained / "records" / "train.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: ["eta"]}))
    with pytest.raises(ArtifactError, match="is not a record of format 1"):
        verify_inputs([trained / "model.pt"])


def test_several_records_of_one_stage(trained):
    for episode in (0, 1):
        video = trained / f"{episode}.gif"
        with recording(
            trained,
            "render",
            run="a",
            code="",
            params={},
            inputs=[trained / "model.pt"],
            outputs=[video],
            seeds=[0],
            name=f"render_0_{episode}",
        ):
            video.write_bytes(b"")
    assert {path.stem for path in (trained / "records").iterdir()} == {
        "train",
        "render_0_0",
        "render_0_1",
    }
