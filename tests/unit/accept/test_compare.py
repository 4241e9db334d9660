"""Where files differ first, by hand."""

import json

import numpy as np
import pytest
import torch

from mpn_rl.artifacts.arrays import write_arrays
from mpn_rl.artifacts.checkpoint import Checkpoint, write_checkpoint
from mpn_rl.artifacts.history import write_history
from mpn_rl.sweep.accept.compare import difference, seed_difference


def pair(tmp_path, name, one, other):
    paths = [tmp_path / folder / name for folder in ("old", "new")]
    for path, content in zip(paths, (one, other), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return paths


@pytest.mark.parametrize(
    ("name", "one", "other", "said"),
    [
        ("a.csv", "x,y\n1,2\n3,4\n", "x,y\n1,2\n3,5\n", "a.csv: line 3, y: '4' and '5'"),
        ("a.csv", "x,y\n1,2\n", "x,y\n1,2\n3,5\n", "a.csv: line 3: is in the new one alone"),
        ("a.json", '{"a": [1, 2]}', '{"a": [1, 3]}', "a.json: content, a[1]: 2 and 3"),
        ("a.json", '{"a": 1}', '{"a": 1, "b": 2}', "a.json: content, b: is in the new one alone"),
        ("a.json", '{"a": 1}', '{"a": 1.0}', "a.json: content, a: 1 and 1.0"),
        ("a.json", '{"a": 0.0}', '{"a": -0.0}', "a.json: content, a: 0.0 and -0.0"),
        (
            "a.json",
            '{"a": 1, "b": 2}',
            '{"b": 2, "a": 1}',
            "a.json: content: has its fields in another order",
        ),
        ("a.png", "abc", "abd", "a.png: byte 2 of 3, 3"),
    ],
)
def test_the_first_field_is_named(tmp_path, name, one, other, said):
    assert difference(*pair(tmp_path, name, one, other)) == said


def test_equal_files_do_not_differ(tmp_path):
    assert difference(*pair(tmp_path, "a.csv", "x\n1\n", "x\n1\n")) is None


def test_arrays_differ_at_an_index(tmp_path):
    old, new = tmp_path / "a.npz", tmp_path / "b.npz"
    h = np.zeros((2, 3))
    write_arrays(old, {"h": h})
    h[1, 2] = 0.5
    write_arrays(new, {"h": h})
    assert difference(old, new) == "a.npz: array h[1, 2]: 0.0 and 0.5"


def experiment(folder, weights, returns):
    """A trained experiment of two seeds; the second is the one that is compared."""
    values = {0: {"W": torch.zeros(2)}, 1: {"W": torch.tensor(weights)}}
    for name in ("best_model", "final_model"):
        path = folder / "checkpoints" / f"{name}.pt"
        write_checkpoint(path, Checkpoint({"eta": 0.1}, 4, 2, values))
    write_history(folder / "training_history.json", {0: {}, 1: {"episode_return": returns}})
    (folder / "config.json").write_text(json.dumps({"hyperparameters": {"eta": 0.1}}))
    return folder


def test_seeds_are_compared_bit_by_bit(tmp_path):
    old = experiment(tmp_path / "old", [1.0, 2.0], [0.5])
    assert seed_difference(old, experiment(tmp_path / "same", [1.0, 2.0], [0.5]), 1) is None
    found = seed_difference(old, experiment(tmp_path / "weights", [1.0, 2.5], [0.5]), 1)
    assert found == "best_model.pt: seed 1, W[1]: 2.0 and 2.5"
    found = seed_difference(old, experiment(tmp_path / "return", [1.0, 2.0], [-0.0]), 1)
    assert found == "training_history.json: seed 1, episode_return[0]: 0.5 and -0.0"


def test_a_negative_zero_is_another_weight(tmp_path):
    old = experiment(tmp_path / "old", [0.0, 2.0], [0.5])
    new = experiment(tmp_path / "new", [-0.0, 2.0], [0.5])
    assert seed_difference(old, new, 1) == "best_model.pt: seed 1, W[0]: 0.0 and -0.0"
