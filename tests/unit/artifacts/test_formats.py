"""Every format gives back what it was given, in equal bytes, and says what is wrong with a file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from mpn_rl.artifacts.activity import Activity, read_activity, write_activity
from mpn_rl.artifacts.arrays import read_arrays, write_arrays
from mpn_rl.artifacts.baselines import read_baselines, write_baselines
from mpn_rl.artifacts.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from mpn_rl.artifacts.decoding import read_decoding, write_decoding
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.evaluation import read_evaluation, write_evaluation
from mpn_rl.artifacts.experiment import read_config, write_config
from mpn_rl.artifacts.fixed_points import (
    POINTS,
    TIMESCALES,
    read_fixed_points,
    read_timescales,
    write_fixed_points,
    write_timescales,
)
from mpn_rl.artifacts.generalisation import read_generalisation, write_generalisation
from mpn_rl.artifacts.history import read_history, write_history
from mpn_rl.artifacts.lesions import read_lesions, write_lesions
from mpn_rl.artifacts.pca import (
    read_pca,
    read_projection,
    read_spectra,
    write_pca,
    write_projection,
)
from mpn_rl.observations import ObservationForm, Part, form_from
from tests.fixtures.tables_of_memory import LENGTHS, LESIONS

CHECKPOINT = Checkpoint({"core": "mpn"}, 4, 2, {0: {"W": torch.ones(2, 3)}, 5: {}}, failed=(5,))
EVALUATION = pd.DataFrame(
    {
        "seed": [0, 1],
        "episode": [0, 0],
        "return": [0.1, -2.0],
        "length": [3, 4],
        "correct": [1.0, np.nan],
    }
)
BASELINES = pd.DataFrame(
    {
        "agent": ["random", "oracle"],
        "return": [0.1, np.nan],
        "correct": [np.nan, 1.0],
        "num_episodes": [9, 0],
    }
)
PCA = pd.DataFrame(
    {
        "seed": [0],
        "variable": ["M"],
        "component": [1],
        "variance": [1 / 3],
        "variance_ratio": [1.0],
        "cumulative_ratio": [1.0],
        "participation_ratio": [1.0],
    }
)
ACTIVITY = Activity(
    seeds=np.array([3]),
    lengths=np.array([[2]]),
    h=np.ones((1, 1, 2, 4), np.float32),
    x=np.ones((1, 1, 2, 3), np.float32),
    observations=np.ones((1, 1, 2, 5), np.float32),
    actions=np.ones((1, 1, 2), np.int64),
    rewards=np.ones((1, 1, 2), np.float32),
    phases=np.zeros((1, 1, 2), np.int64),
    q_values=np.ones((1, 1, 2, 2), np.float32),
    correct=np.ones((1, 1)),
    phase_names=("sample", "delay"),
    variables={"match": np.ones((1, 1, 2))},
)
DECODING = pd.DataFrame(
    {
        "seed": [0],
        "variable": ["sample"],
        "source": ["M"],
        "train_time": [0],
        "test_time": [1],
        "score": [0.875],
        "control": [0.5],
        "chance": [0.5],
        "measure": ["accuracy"],
        "episodes": [40],
        "train_phase": ["sample"],
        "test_phase": ["delay"],
    }
)
AT_REST = np.array([(0, "delay", 3, 0.5, 0.25, 1, 0.9, 0.5, "sample")], POINTS)
LASTING = np.array(
    [(0, "delay", 0.1, 0.9, 10.0, 12.0, 2.0, 1.0, 1.0, 0.0, np.nan, "sample", 1.5, np.inf, 28.0)],
    TIMESCALES,
)
HISTORY: dict[int, dict[str, Any]] = {
    0: {"status": "completed", "loss": [0.5, float("inf")], "validation_correct": [None]}
}
Reader = Callable[[Path], Any]
TABLES = (
    *("evaluation", "pca", "decoding", "fixed_points", "timescales"),
    *("lesions", "generalisation"),
)
FORMATS: dict[str, tuple[Callable[[Path], None], Reader]] = {
    "checkpoint": (lambda path: write_checkpoint(path, CHECKPOINT), read_checkpoint),
    "evaluation": (lambda path: write_evaluation(path, EVALUATION), read_evaluation),
    "baselines": (lambda path: write_baselines(path, BASELINES), read_baselines),
    "pca": (lambda path: write_pca(path, PCA), read_pca),
    "spectra": (lambda path: write_pca(path, PCA), read_spectra),
    "decoding": (lambda path: write_decoding(path, DECODING), read_decoding),
    "fixed_points": (lambda path: write_fixed_points(path, AT_REST), read_fixed_points),
    "timescales": (lambda path: write_timescales(path, LASTING), read_timescales),
    "lesions": (lambda path: write_lesions(path, LESIONS), read_lesions),
    "generalisation": (lambda path: write_generalisation(path, LENGTHS), read_generalisation),
    "projection": (
        lambda p: write_projection(p, {"hidden": np.ones((1, 1, 2, 3), np.float32)}),
        read_projection,
    ),
    "activity": (lambda path: write_activity(path, ACTIVITY), read_activity),
    "history": (lambda path: write_history(path, HISTORY), read_history),
    "config": (
        lambda path: write_config(path, run="r", hyperparameters={"eta": 0.1}, seeds=[0]),
        read_config,
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_equal_content_gives_equal_bytes(name: str, tmp_path: Path) -> None:
    write, _ = FORMATS[name]
    write(tmp_path / "one")
    write(tmp_path / "folder" / "another")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "folder" / "another").read_bytes()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut short", "garbage", "a folder"])
def test_a_damaged_file_is_named_in_one_error(name: str, damage: str, tmp_path: Path) -> None:
    write, read = FORMATS[name]
    path = tmp_path / "file"
    write(path)
    data = path.read_bytes()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
    elif damage != "missing":
        halves = {"empty": b"", "cut short": data[: len(data) // 2], "garbage": b"\x00\xff\x80"}
        path.write_bytes(halves[damage])
    if damage == "cut short" and name in TABLES:
        pytest.skip("half a table may be a table; its record's hash tells")
    with pytest.raises(ArtifactError, match="file: "):
        read(path)


def test_checkpoint(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "c", CHECKPOINT)
    found = read_checkpoint(tmp_path / "c")
    assert found.completed == [0]
    assert np.array_equal(found.seeds[0]["W"], np.ones((2, 3)))
    assert (found.hyperparameters, found.failed) == ({"core": "mpn"}, (5,))


def test_tables(tmp_path: Path) -> None:
    write_evaluation(tmp_path / "e", EVALUATION)
    pd.testing.assert_frame_equal(read_evaluation(tmp_path / "e"), EVALUATION)
    write_pca(tmp_path / "p", PCA)
    pd.testing.assert_frame_equal(read_pca(tmp_path / "p"), PCA)
    pd.testing.assert_frame_equal(pd.DataFrame(read_spectra(tmp_path / "p")), PCA)
    write_decoding(tmp_path / "d", DECODING)
    pd.testing.assert_frame_equal(read_decoding(tmp_path / "d"), DECODING)
    write_lesions(tmp_path / "l", LESIONS)
    pd.testing.assert_frame_equal(read_lesions(tmp_path / "l"), LESIONS, check_dtype=False)
    write_generalisation(tmp_path / "g", LENGTHS)
    pd.testing.assert_frame_equal(read_generalisation(tmp_path / "g"), LENGTHS)


def test_activity(tmp_path: Path) -> None:
    write_activity(tmp_path / "a", ACTIVITY)
    found = read_activity(tmp_path / "a")
    assert found.x.shape == (1, 1, 2, 3)
    assert found.phase_names == ("sample", "delay")
    assert found.variables["match"].tolist() == [[[1.0, 1.0]]]


def test_a_recording_of_the_first_form_is_told_to_be_old(tmp_path: Path) -> None:
    write_activity(tmp_path / "a", ACTIVITY)
    arrays = read_arrays(tmp_path / "a", ())
    del arrays["x"]
    write_arrays(tmp_path / "a", {**arrays, "M": np.zeros((1, 1, 2, 4, 3), np.float32)})
    with pytest.raises(ArtifactError, match="a: was recorded by an earlier version; record it"):
        read_activity(tmp_path / "a")


def test_history_keeps_what_is_not_finite_as_null(tmp_path: Path) -> None:
    write_history(tmp_path / "h", HISTORY)
    assert read_history(tmp_path / "h")[0]["loss"] == [0.5, None]


def test_a_checkpoint_holds_what_observations_are_only_where_they_are_not_plain_numbers(
    tmp_path: Path,
) -> None:
    """So that those of plain numbers keep their bytes, and old ones are read."""
    write_checkpoint(tmp_path / "plain", CHECKPOINT)
    assert b"observation_form" not in (tmp_path / "plain").read_bytes()
    assert read_checkpoint(tmp_path / "plain").observation_form is None
    form = ObservationForm((Part((2, 3), "picture", 0.0, 255.0), Part((4,))))
    write_checkpoint(tmp_path / "c", replace(CHECKPOINT, observation_form=form.as_dict()))
    assert form_from(read_checkpoint(tmp_path / "c").observation_form or {}) == form


def test_the_bytes_of_a_checkpoint_do_not_depend_on_where_its_texts_came_from(
    tmp_path: Path,
) -> None:
    text = "DelayedMatch-v0"
    again = "".join(list(text))
    assert again is not text
    for name, second in (("a.pt", text), ("b.pt", again)):
        values = {"task": text, "same": second}
        write_checkpoint(tmp_path / name, Checkpoint(values, 1, 2, {0: {"w": torch.zeros(2)}}))
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "b.pt").read_bytes()
