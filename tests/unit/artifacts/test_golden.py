"""The bytes of every file format, held so that a change raises its FORMAT.

The rooms that only write are in no code digest; their FORMAT numbers are. Whoever changes what
equal content is written as raises the number, and puts the new digest here.
"""

import hashlib
import importlib
import io
import pkgutil
import zipfile

import numpy as np
import pandas as pd
import pytest
import torch

from mpn_rl import artifacts
from mpn_rl.artifacts.activity import Activity, read_activity, write_activity
from mpn_rl.artifacts.baselines import read_baselines, write_baselines
from mpn_rl.artifacts.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from mpn_rl.artifacts.decoding import read_decoding, write_decoding
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
from mpn_rl.artifacts.measured import read_measured, write_measured
from mpn_rl.artifacts.paths import PATHS, read_paths, write_paths
from mpn_rl.artifacts.pca import read_pca, read_projection, write_pca, write_projection
from mpn_rl.artifacts.plasticity import COURSE, read_plasticity, write_plasticity
from mpn_rl.artifacts.tables import read_rows, read_table, write_table
from tests.fixtures.tables_of_memory import LENGTHS, LESIONS

POINT = {"task": "DelayedMatch-v0", "eta": 0.1, "M_bound": None, "bias": True}
WEIGHTS = {"core.W": torch.tensor([[1.0, -0.5]]), "core.b": torch.tensor([0.25])}
HISTORY = {"status": "completed", "failure": None, "loss": [0.5, float("nan")], "steps": 2}


def activity() -> Activity:
    floats = np.arange(6, dtype=np.float32).reshape(1, 1, 2, 3)
    return Activity(
        seeds=np.array([3]),
        lengths=np.array([[2]]),
        h=floats,
        x=floats,
        observations=floats,
        actions=np.array([[[0, 1]]]),
        rewards=floats[..., 0],
        phases=np.array([[[0, 1]]]),
        q_values=floats[..., :2],
        correct=np.array([[1.0]]),
        phase_names=("sample", "decision"),
        variables={"sample": np.array([[[0.0, 1.0]]])},
    )


EPISODES = pd.DataFrame(
    {
        "seed": [0, 0],
        "episode": [0, 1],
        "return": [1 / 3, -1.0],
        "length": [9, 9],
        "correct": [1.0, np.nan],
    }
)
AGENTS = pd.DataFrame(
    {
        "agent": ["random", "oracle"],
        "return": [0.0, 1 / 3],
        "correct": [0.5, np.nan],
        "num_episodes": pd.array([10, 0], "Int64"),
    }
)
SPECTRUM = pd.DataFrame(
    {
        "seed": [0],
        "variable": ["hidden"],
        "component": [1],
        "variance": [1 / 3],
        "variance_ratio": [1.0],
        "cumulative_ratio": [1.0],
        "participation_ratio": [1.0],
    }
)
PROJECTION = {"hidden": np.arange(6, dtype=np.float32).reshape(1, 1, 2, 3)}
POINT_ROWS = np.array([(3, "delay", 5, 1 / 3, -1.5, 0, 0.9, np.nan, "")], POINTS)
SCALES = (3, "delay", 0.1, 0.9, 10.0, 12.5, 2.0, 1.0, 3.0, 0.0, np.nan, "sample", 1.5, np.inf, 28.4)
SCALE_ROWS = np.array([SCALES], TIMESCALES)

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
MEAN_PATHS = np.array([(3, "M", "sample", 1.0, 0, 0.1, -1 / 3, 12)], PATHS)
COURSES = np.array([(3, 0, "delay", 2, -2.0, -1 / 3, 0.0, 0.5, 1.0, 0.25)], COURSE)

MEASURED = np.array(
    [(3, 1 / 3, -2, "sample"), (4, np.nan, 5, "")],
    [("seed", "i8"), ("selectivity", "f8"), ("units", "i8"), ("phase", "U16")],
)

# format -> how fixed content is written, module and FORMAT, digest of the bytes
WRITERS = {
    "config.json": (
        lambda p: write_config(p, run="a", hyperparameters=POINT, seeds=[0, 1]),
        "experiment",
    ),
    "training_history.json": (lambda p: write_history(p, {0: HISTORY}), "history"),
    "final_model.pt": (
        lambda p: write_checkpoint(p, Checkpoint(POINT, 4, 2, {0: WEIGHTS}, (0,))),
        "checkpoint",
    ),
    "evaluation.csv": (lambda p: write_evaluation(p, EPISODES), "evaluation"),
    "baselines.csv": (lambda p: write_baselines(p, AGENTS), "baselines"),
    "activity.npz": (lambda p: write_activity(p, activity()), "activity"),
    "pca.csv": (lambda p: write_pca(p, SPECTRUM), "pca"),
    "decoding.csv": (lambda p: write_decoding(p, DECODING), "decoding"),
    "lesions.csv": (lambda p: write_lesions(p, LESIONS), "lesions"),
    "generalisation.csv": (lambda p: write_generalisation(p, LENGTHS), "generalisation"),
    "pca_projection.npz": (lambda p: write_projection(p, PROJECTION), "pca"),
    "fixed_points.csv": (lambda p: write_fixed_points(p, POINT_ROWS), "fixed_points"),
    "timescales.csv": (lambda p: write_timescales(p, SCALE_ROWS), "fixed_points"),
    "plasticity.csv": (lambda p: write_plasticity(p, COURSES), "plasticity"),
    "paths.csv": (lambda p: write_paths(p, MEAN_PATHS), "paths"),
    "measured.csv": (lambda p: write_measured(p, MEASURED), "measured"),
}
GOLDEN = {
    "config.json": (1, "a1c01f6e3d55220f"),
    "training_history.json": (1, "856b0d4970f8ce4c"),
    "final_model.pt": (1, "287d9722e428f234"),
    "evaluation.csv": (1, "dc4a7ae35c5af399"),
    "baselines.csv": (2, "399e45a92c093eed"),
    "activity.npz": (2, "6db2e4394b1b3f22"),
    "pca.csv": (1, "23b2279deae74034"),
    "decoding.csv": (1, "69826ddcc95f8e91"),
    "lesions.csv": (1, "a2e7bf113d3da629"),
    "generalisation.csv": (1, "d3d5104da8d20beb"),
    "pca_projection.npz": (1, "cc2d2c92148eacab"),
    "fixed_points.csv": (1, "b1aa4d97681c422e"),
    "timescales.csv": (1, "2faf94a307897067"),
    "plasticity.csv": (1, "9dc699f4c4411fa7"),
    "paths.csv": (1, "42b57a76ba232744"),
    "measured.csv": (1, "0fa27dd024b3e908"),
}
# Modules that write no result: how, states that no later version reads, progress.
NO_FORMATS = {
    "archives",
    "arrays",
    "errors",
    "files",
    "json_files",
    "metrics",
    "state_form",
    "streamed",
    "tables",
    "tensors",
    "training_state",
}


def content(path) -> bytes:
    """A file's bytes; of a zip its members', as headers differ between releases of Python."""
    data = path.read_bytes()
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(name.encode() + archive.read(name) for name in sorted(archive.namelist()))


@pytest.mark.parametrize("name", WRITERS)
def test_equal_content_gives_the_bytes_of_its_format(name, tmp_path):
    write, module = WRITERS[name]
    path = tmp_path / name
    write(path)
    number = importlib.import_module(f"mpn_rl.artifacts.{module}").FORMAT
    found = (number, hashlib.sha256(content(path)).hexdigest()[:16])
    assert found == GOLDEN.get(name), (
        f"the bytes of {name} have changed: raise FORMAT in mpn_rl/artifacts/{module}.py, so that "
        "results of the older form become stale, and enter it here"
    )


def test_what_is_written_is_read(tmp_path):
    for name, (write, _) in WRITERS.items():
        write(tmp_path / name)
    assert read_config(tmp_path / "config.json")["hyperparameters"] == POINT
    assert read_history(tmp_path / "training_history.json") == {0: {**HISTORY, "loss": [0.5, None]}}
    checkpoint = read_checkpoint(tmp_path / "final_model.pt")
    assert np.array_equal(checkpoint.seeds[0]["core.W"], WEIGHTS["core.W"])
    assert checkpoint.failed == (0,)
    pd.testing.assert_frame_equal(read_evaluation(tmp_path / "evaluation.csv"), EPISODES)
    pd.testing.assert_frame_equal(read_baselines(tmp_path / "baselines.csv"), AGENTS)
    pd.testing.assert_frame_equal(read_pca(tmp_path / "pca.csv"), SPECTRUM)
    pd.testing.assert_frame_equal(read_decoding(tmp_path / "decoding.csv"), DECODING)
    lesions = read_lesions(tmp_path / "lesions.csv")
    pd.testing.assert_frame_equal(lesions, LESIONS, check_dtype=False)
    pd.testing.assert_frame_equal(read_generalisation(tmp_path / "generalisation.csv"), LENGTHS)
    projection = read_projection(tmp_path / "pca_projection.npz")
    np.testing.assert_array_equal(projection["hidden"], PROJECTION["hidden"])
    assert read_fixed_points(tmp_path / "fixed_points.csv")["h"].tolist() == [1 / 3]
    found_points = read_rows(tmp_path / "fixed_points.csv", POINTS)
    assert str(found_points) == str(POINT_ROWS)  # nan is nan
    assert read_timescales(tmp_path / "timescales.csv")["horizon"].tolist() == [np.inf]
    found = read_plasticity(tmp_path / "plasticity.csv")
    assert [tuple(row) for row in found.itertuples(index=False)] == COURSES.tolist()
    assert (
        read_paths(tmp_path / "paths.csv").to_records(index=False).tolist() == MEAN_PATHS.tolist()
    )
    measured = read_measured(tmp_path / "measured.csv")
    assert str([*measured.itertuples(index=False, name=None)]) == str(MEASURED.tolist())
    found = read_activity(tmp_path / "activity.npz")
    np.testing.assert_array_equal(found.x, activity().x)
    assert found.phase_names == activity().phase_names


@pytest.mark.parametrize("texts", [["null", "NA"], ["01", "02"], ["1.50", ""], ["None", "True"]])
def test_texts_that_look_like_other_things_stay_texts(texts, tmp_path):
    kind = np.dtype([("seed", np.int64), ("phase", "U64"), ("score", np.float64)])
    rows = np.array([(0, texts[0], np.nan), (1, texts[1], 2)], kind)
    write_table(tmp_path / "own.csv", rows, kind)
    found = read_table(tmp_path / "own.csv", kind)
    assert found["phase"].tolist() == texts
    np.testing.assert_array_equal(found["score"], rows["score"])


def test_every_module_that_writes_results_is_held():
    modules = {module.name for module in pkgutil.iter_modules(artifacts.__path__)}
    assert modules - NO_FORMATS == {module for _, module in WRITERS.values()}
