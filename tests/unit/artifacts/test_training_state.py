"""Saved states: exact, and never trusted when they are not what they should be."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl.artifacts import training_state
from mpn_rl.artifacts.training_state import MAGIC, read_state, remove_state, write_state

KEY = {"seed": 3, "code": "abc"}
CONTENT: dict[str, Any] = {
    "array": np.arange(6, dtype=np.int64).reshape(2, 3),
    "empty": np.zeros((0, 4), np.float32),
    "flags": np.array([True, False]),
    "scalar": np.array(2.5),
    "tensor": torch.ones(2, 2),
    "big": {"state": 2**127 + 1, "inc": 3},
    "lists": [1.5, None, "text", (1, 2)],
    "nan": float("nan"),
}


def rejected(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if "rejected" in path.name)


def test_gives_back_what_was_saved(tmp_path: Path) -> None:
    write_state(tmp_path / "s.state", CONTENT, KEY)
    found, messages = read_state(tmp_path / "s.state", KEY)
    assert found is not None
    assert messages == []
    for name in ("array", "empty", "flags", "scalar"):
        assert found[name].dtype == CONTENT[name].dtype
        assert found[name].shape == CONTENT[name].shape
        assert (found[name] == CONTENT[name]).all()
    assert torch.equal(found["tensor"], CONTENT["tensor"])
    assert (found["big"], found["lists"]) == (CONTENT["big"], CONTENT["lists"])


def test_the_generation_before_is_kept_and_used(tmp_path: Path) -> None:
    path = tmp_path / "s.state"
    write_state(path, {"step": 1}, KEY)
    write_state(path, {"step": 2}, KEY)
    assert read_state(path, KEY)[0] == {"step": 2}
    path.write_bytes(path.read_bytes()[:-10])
    found, messages = read_state(path, KEY)
    assert found == {"step": 1}
    assert messages == [
        "s.state: damaged or cut short; set aside as s.state.rejected-damaged-or-cut-short-0"
    ]
    remove_state(path)
    assert rejected(tmp_path) == [p.name for p in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda _: b"", "empty"),
        (lambda _: b"plain garbage", "not-a-training-state"),
        (lambda data: data[: len(data) // 2], "damaged-or-cut-short"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "damaged-or-cut-short"),
        (lambda _: MAGIC + b"{}\n", "damaged-header"),
        (lambda _: MAGIC + b"[]\n", "damaged-header"),
        (lambda data: data.replace(b'"format": 2', b'"format": 1', 1), "other-format"),
        (lambda data: data.replace(b'"abc"', b'"xyz"', 1), "other-code"),
    ],
)
def test_what_is_not_a_good_state_is_set_aside(damage: Any, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "s.state"
    write_state(path, CONTENT, KEY)
    path.write_bytes(damage(path.read_bytes()))
    found, messages = read_state(path, KEY)
    assert found is None
    assert len(messages) == 1
    assert rejected(tmp_path) == [f"s.state.rejected-{reason}-0"]


def test_a_crafted_pickle_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = tmp_path / "executed"

    class Crafted:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (marker,)

    def crafted_save(content: Any, buffer: Any) -> None:
        del content
        pickle.dump(Crafted(), buffer, protocol=2)

    monkeypatch.setattr(torch, "save", crafted_save)
    write_state(tmp_path / "s.state", {}, KEY)
    assert read_state(tmp_path / "s.state", KEY)[0] is None
    assert not marker.exists()
    assert rejected(tmp_path) == ["s.state.rejected-unreadable-payload-0"]


def test_the_header_names_the_key(tmp_path: Path) -> None:
    write_state(tmp_path / "s.state", {}, KEY)
    header = (tmp_path / "s.state").read_bytes().splitlines()[1]
    assert json.loads(header)["key"] == KEY
    assert json.loads(header)["format"] == training_state.FORMAT
